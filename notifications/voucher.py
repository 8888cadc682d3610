"""Who hears what of a voucher: the firm that applied, the bureau that decides, what ends soon."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Facts, Fen, Hears, Notice
from store import routing
from store.event import Event
from store.policies import Policy
from store.voucher.table import Voucher, VoucherUse

ENDING = {30: "voucher.ending", 7: "voucher.ending_week", 1: "voucher.ending_day"}
"""Days before its end at which one is reminded of a voucher; an event tells of each kind once."""


async def applied(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """An application waits for the bureau: its county's and the city's."""
    del policy
    row = await session.get_one(Voucher, event.id)
    told = await routing.bureau(session, row.county_id)
    return [Notice("voucher.applied", each, _facts(row)) for each in told]


async def granted(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """It may be used, and its end is reminded of."""
    del policy
    row = await session.get_one(Voucher, event.id)
    told = [Notice("voucher.granted", row.person_id, _facts(row))]
    if row.valid_until is None:
        return told
    for days, kind in ENDING.items():
        at = row.valid_until - timedelta(days=days)
        facts = {**_facts(row), "days": days}
        told.append(Notice(kind, row.person_id, facts, at, row.valid_until))
    return told


def _applicant(kind: str) -> Hears:
    """Whoever applied hears it, with the reason where there is one."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row = await session.get_one(Voucher, event.id)
        private = {"reason": row.reason} if row.reason else {}
        return [Notice(kind, row.person_id, _facts(row), private=private)]

    return hears


async def submitted(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """A redemption waits for the bureau."""
    del policy
    row, voucher = await _use(session, event)
    told = await routing.bureau(session, voucher.county_id)
    return [Notice("voucher.submitted", each, _paid(row, voucher)) for each in told]


def _user(kind: str) -> Hears:
    """Whoever applied for the voucher hears of what it pays for."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row, voucher = await _use(session, event)
        private = {"reason": row.reason} if row.reason else {}
        return [Notice(kind, voucher.person_id, _paid(row, voucher), private=private)]

    return hears


async def _use(session: AsyncSession, event: Event) -> tuple[VoucherUse, Voucher]:
    row = await session.get_one(VoucherUse, event.id)
    return row, await session.get_one(Voucher, row.voucher_id)


def _facts(row: Voucher) -> Facts:
    return {
        "number": f"CXQ{row.id}",
        "fen": Fen(row.granted_fen or row.asked_fen),
        "until": row.valid_until,
    }


def _paid(row: VoucherUse, voucher: Voucher) -> Facts:
    return {
        "number": f"CXQ{voucher.id}",
        "booking": f"YY{row.booking_number}",
        "fen": Fen(row.fen),
    }


HEARS: dict[str, Hears] = {
    "voucher.apply": applied,
    "voucher.correct": applied,
    "voucher.grant": granted,
    "voucher.return": _applicant("voucher.returned"),
    "voucher.refuse": _applicant("voucher.refused"),
    "voucher.expire": _applicant("voucher.expired"),
    "voucher.revoke": _applicant("voucher.revoked"),
    "voucher_use.use": _user("voucher.used"),
    "voucher_use.submit": submitted,
    "voucher_use.return": _user("voucher.redemption_returned"),
    "voucher_use.refuse": _user("voucher.redemption_refused"),
    "voucher_use.pay": _user("voucher.paid"),
}
