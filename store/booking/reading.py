"""Finding bookings: by the number that people know, by whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.table import OPEN, Booking, Status
from store.errors import Refused
from store.event import EventRow

SHOWN = 50
S = Status


@dataclass(eq=False)
class NoSuchBooking(Refused):
    """The number is no booking's, or somebody else's: both are answered alike."""

    number: str


async def present(session: AsyncSession, number: int) -> Booking | None:
    """What `YY208` shows: the row that stands for the number now; nothing where there is none."""
    return (await session.scalars(_PRESENT, {"number": number})).one_or_none()


async def mine(
    session: AsyncSession, person_id: int, now: datetime, *, past: bool = False, limit: int = SHOWN
) -> Sequence[Booking]:
    """A person's bookings to which something is still to come, the soonest first; or the `past`.

    Samples without a time come after those with one.
    """
    theirs = Booking.person_id == person_id
    ended = Booking.status.not_in(OPEN | {S.REPLACED})
    query = select(Booking).where(theirs, ended if past else Booking.status.in_(OPEN))
    if past:
        query = query.order_by(Booking.changed_at.desc(), Booking.id.desc())
    else:
        query = query.order_by(Booking.starts_at.is_(None), Booking.starts_at, Booking.id)
    return (await session.scalars(query.limit(limit))).all()


async def history(session: AsyncSession, number: int) -> Sequence[EventRow]:
    """All that happened to a number, whichever row stood for it, oldest first."""
    rows = select(Booking.id).where(_of(literal(number)))
    query = select(EventRow).where(EventRow.subject == "booking", EventRow.subject_id.in_(rows))
    return (await session.scalars(query.order_by(EventRow.id))).all()


def _of(number: ColumnElement[int]) -> ColumnElement[bool]:
    """All rows of a number; that of a row that took another's place is nobody's."""
    first = (Booking.id == number) & Booking.origin_id.is_(None)
    return or_(first, Booking.origin_id == number)


_PRESENT = (
    select(Booking)
    .where(_of(bindparam("number")), Booking.status != S.REPLACED)
    .execution_options(populate_existing=True)
)
