"""Organisations with instruments that nobody is bound to: the bureau answers for them meanwhile."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import invitation
from store.booking import Booking
from store.booking import Status as Stands
from store.errors import Refused
from store.instrument import Instrument, Status
from store.invitation import Offer
from store.listing import By
from store.organisation import Organisation
from store.person import Grant, Role
from store.policies import Policy
from store.routing import bound, overseen


@dataclass(eq=False)
class NotUnbound(Refused):
    """There is no such organisation, or somebody is bound to it by now, or it is another's."""


@dataclass(frozen=True, slots=True)
class Unbound:
    """One organisation that nobody is bound to, and what the ledger publishes of it."""

    id: int
    name: str
    instruments: int
    requests: int
    """That wait for an answer."""
    contact: str | None = None
    phone: str | None = None


async def unbound(
    session: AsyncSession, grants: Collection[Grant], only: int | None = None
) -> list[Unbound]:
    """Those that somebody of the bureau looks after; where requests wait, and large ones, first.

    `only`: this one, if it is one of them.
    """
    asked = (
        select(func.count())
        .where(
            Booking.organisation_id == Organisation.id,
            Booking.status == Stands.REQUESTED,
        )
        .correlate(Organisation)
        .scalar_subquery()
    )
    owned = func.count(Instrument.id)
    query = (
        select(Organisation.id, Organisation.name, owned.label("owned"), asked.label("asked"))
        .join(Instrument, Instrument.organisation_id == Organisation.id)
        .where(Instrument.status != Status.WITHDRAWN, overseen(grants, Instrument.county_id))
        .where(~bound(Organisation.id, Role.KEEPER, Role.REPRESENTATIVE))
        .group_by(Organisation.id, Organisation.name)
    )
    if only is not None:
        query = query.where(Organisation.id == only)
    rows = [Unbound(row.id, row.name, row.owned, row.asked) for row in await session.execute(query)]
    return sorted(rows, key=lambda one: (-one.requests, -one.instruments, one.id))


async def find(session: AsyncSession, number: int, grants: Collection[Grant]) -> Unbound:
    """One of them, with the contact that the ledger publishes. Raises NotUnbound."""
    found = await unbound(session, grants, number)
    if not found:
        raise NotUnbound
    (one,) = found
    contact, phone = await reach(session, number)
    return Unbound(one.id, one.name, one.instruments, one.requests, contact, phone)


async def reach(session: AsyncSession, number: int) -> tuple[str | None, str | None]:
    """The contact and the phone that a ledger publishes for an organisation's instruments."""
    own = await session.get_one(Organisation, number)
    if own.phone:
        return own.contact, own.phone
    query = (
        select(Instrument.contact, Instrument.phone)
        .where(Instrument.organisation_id == number, Instrument.phone.is_not(None))
        .order_by(Instrument.id)
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return (own.contact, None) if row is None else (row.contact, row.phone)


async def invite(
    session: AsyncSession,
    policy: Policy,
    secret: bytes,
    offer: Offer,
    by: By,
    now: datetime,
) -> str:
    """A code for the first keeper or representative of such an organisation. Raises NotUnbound."""
    await find(session, offer.organisation_id or 0, by.grants)
    return await invitation.invite(session, policy, secret, offer, now=now, by=by.person_id)
