"""What the account answers and tells, topic by topic: who builds one adds it here."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.kit.flow import Flow
from handlers import (
    affiliation,
    after,
    answering,
    closing,
    coming,
    customs,
    duties,
    greeting,
    guide,
    notices,
    operating,
    person,
    promptness,
    record,
    rules,
    sample,
    search,
    search_statistics,
    service_record,
    tariff,
    terms,
    unbound,
    visit,
)
from handlers.booking import topic as booking
from handlers.charge import topic as charge
from handlers.contract import topic as contract
from handlers.free import topic as free
from handlers.ticket import topic as ticket
from handlers.voucher import topic as voucher
from notifications import answering as answering_notices
from notifications import booking as booking_notices
from notifications import charge as charge_notices
from notifications import contract as contract_notices
from notifications import ticket as ticket_notices
from notifications import visit as visit_notices
from notifications import voucher as voucher_notices
from notifications import watch as watch_notices
from notifications.notice import Hears, Kind, load
from store import charge as charges
from store import promptness as answers
from store import ticket as tickets
from store import visit as visits
from store import watch as watches
from store.policies import Policy
from store.voucher import following as vouchers

Sweep = Callable[[AsyncSession, Policy, datetime], Awaitable[object]]


def _settings(kinds: Iterable[Kind]) -> list[notices.Setting]:
    """The lines of `提醒设置`: what all kinds of a setting have in common."""
    lines: dict[str, notices.Setting] = {}
    for kind in kinds:
        known = lines.get(kind.setting)
        lines[kind.setting] = notices.Setting(
            kind.setting,
            mandatory=kind.mandatory and (known is None or known.mandatory),
            duty=kind.duty and (known is None or known.duty),
        )
    return list(lines.values())


SETTINGS = _settings(load().values())
ROUTERS = (
    greeting.router,
    guide.router,
    search.router,
    search_statistics.router,
    person.router,
    affiliation.router,
    duties.router,
    answering.router,
    closing.router,
    promptness.router,
    unbound.router,
    *booking.ROUTERS,
    *free.ROUTERS,
    rules.router,
    terms.router,
    *ticket.ROUTERS,
    *voucher.ROUTERS,
    after.router,
    visit.router,
    sample.router,
    record.router,
    service_record.router,
    tariff.router,
    *contract.ROUTERS,
    *charge.ROUTERS,
    customs.router,
    operating.router,
    notices.router,
    notices.settings(SETTINGS),
    coming.router,
)
FLOWS: tuple[type[Flow], ...] = (
    person.Bind,
    person.SetName,
    person.SetPhone,
    person.SetEmail,
    person.Forget,
    affiliation.Claim,
    affiliation.Decide,
    affiliation.Invite,
    *answering.FLOWS,
    *closing.FLOWS,
    terms.Set,
    *booking.FLOWS,
    *ticket.FLOWS,
    *voucher.FLOWS,
    after.Rate,
    after.Report,
    visit.Lift,
    sample.Lack,
    record.Use,
    record.Research,
    tariff.Reprice,
    *contract.FLOWS,
    *charge.FLOWS,
)
TOPICS: tuple[Mapping[str, Hears], ...] = (
    booking_notices.HEARS,
    charge_notices.HEARS,
    contract_notices.HEARS,
    answering_notices.HEARS,
    ticket_notices.HEARS,
    visit_notices.HEARS,
    voucher_notices.HEARS,
    watch_notices.HEARS,
)
"""Who hears what of which event."""
SWEEPS: tuple[Sweep, ...] = (
    answers.sweep,
    visits.sweep,
    tickets.sweep,
    charges.sweep,
    watches.sweep,
    vouchers.sweep,
)
"""What the clock does every minute, each in a transaction of its own."""
