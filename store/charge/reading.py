"""Finding charges, for the user and for those who look after the instrument."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import listing
from store.booking.reading import present
from store.booking.table import Booking
from store.charge.table import UNSETTLED, Charge, IncomeUse, Status
from store.contract.reading import units
from store.errors import Refused
from store.instrument import Instrument
from store.person import Grant
from store.policies import Policy
from store.workdays import HERE

SHOWN = 100
USER, KEEPER, BUREAU = "user", "keeper", "bureau"


@dataclass(eq=False)
class NoSuchCharge(Refused):
    """The booking has no fee yet, is none, or is somebody else's: all answered alike."""

    number: str


@dataclass(frozen=True, slots=True)
class Account:
    """One fee as somebody may see it."""

    charge: Charge
    booking: Booking
    hats: frozenset[str]
    """What they are to it: `user`, `keeper`, `bureau`."""
    person_id: int


@dataclass(frozen=True, slots=True)
class Income:
    """What a unit's instruments brought in one year, and what it was used for."""

    organisation_id: int
    year: int
    charges: int
    settled_fen: int
    paid_fen: int
    uses: dict[str, int]
    """By the kinds that policy names."""


async def find(
    session: AsyncSession, number: int, person_id: int, grants: Collection[Grant]
) -> Account:
    """The fee of `YY12`. Raises NoSuchCharge for those whom it does not concern."""
    booking = await present(session, number)
    charge = None if booking is None else await of_booking(session, booking.id)
    hats = frozenset[str]()
    if charge is not None:
        instrument = await session.get_one(Instrument, charge.instrument_id)
        hats = hats_of(charge, instrument, person_id, grants)
    if booking is None or charge is None or not hats:
        raise NoSuchCharge(f"YY{number}")
    return Account(charge, booking, hats, person_id)


async def of_booking(session: AsyncSession, booking_id: int) -> Charge | None:
    """The fee of one row of a booking."""
    query = select(Charge).where(Charge.booking_id == booking_id)
    query = query.execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


def hats_of(
    charge: Charge, instrument: Instrument, person_id: int, grants: Collection[Grant]
) -> frozenset[str]:
    """As what somebody sees a fee. Nobody is keeper of a fee of their own."""
    if charge.person_id == person_id:
        return frozenset({USER})
    worn = {KEEPER} if charge.organisation_id in units(grants) else set[str]()
    if charge.status is Status.OBJECTED:
        worn |= listing.hats(instrument, grants) & {BUREAU}
    return frozenset(worn)


async def unsettled(
    session: AsyncSession, person_id: int, grants: Collection[Grant]
) -> Sequence[tuple[Charge, Booking]]:
    """What one has still to pay, confirm or be paid, the oldest first."""
    theirs = or_(Charge.person_id == person_id, Charge.organisation_id.in_(units(grants)))
    query = select(Charge, Booking).join(Booking, Booking.id == Charge.booking_id)
    query = query.where(theirs, Charge.status.in_(UNSETTLED)).order_by(Charge.id).limit(SHOWN)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def income(session: AsyncSession, organisation_id: int, year: int, policy: Policy) -> Income:
    """What was settled and paid in a year by the calendar here, and what it was used for."""
    start, end = (datetime(each, 1, 1, tzinfo=HERE).astimezone(UTC) for each in (year, year + 1))
    mine = Charge.organisation_id == organisation_id
    within = (Charge.settled_at >= start) & (Charge.settled_at < end)
    paid = func.sum(Charge.fen).filter(Charge.paid_at >= start, Charge.paid_at < end)
    settled = func.sum(Charge.fen).filter(within)
    query = select(func.count(Charge.id).filter(within), settled, paid).where(mine)
    counted = (await session.execute(query)).one()
    used = IncomeUse.organisation_id == organisation_id
    spent = select(IncomeUse.kind, func.sum(IncomeUse.fen)).where(used, IncomeUse.year == year)
    rows = await session.execute(spent.group_by(IncomeUse.kind))
    uses = dict.fromkeys(kinds(policy), 0) | {kind: int(fen) for kind, fen in rows}
    return Income(
        organisation_id,
        year,
        charges=int(counted[0]),
        settled_fen=int(counted[1] or 0),
        paid_fen=int(counted[2] or 0),
        uses=uses,
    )


def kinds(policy: Policy) -> tuple[str, ...]:
    """What policy lets a unit use its income for; nothing where no document says it."""
    return tuple(filter(None, policy.income_uses.value.split("、")))
