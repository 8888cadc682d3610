"""When an instrument is free, why a wish cannot be, and what could be instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.occupation import Occupation
from store.errors import Refused
from store.terms import Terms


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From start to end; the end is not in it."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody would book."""

    instrument_id: int
    person_id: int
    period: Period
    replaces: int | None = None
    """The booking (row) in whose place it would come; its time is free for this."""


@dataclass(eq=False)
class Unfit(Refused):
    """A wish cannot be: all reasons at once, and what could be instead."""

    reasons: Sequence[Refused]
    nearest: Sequence[Period]


@dataclass(eq=False)
class Backwards(Refused):
    """A period must end after it starts."""


@dataclass(eq=False)
class Occupied(Refused):
    """Somebody has it then."""

    taken: Sequence[Period]


async def taken(
    session: AsyncSession, instrument_id: int, frm: datetime, to: datetime
) -> list[Period]:
    """What is taken of an instrument's time, buffers included, in order."""
    query = (
        select(Occupation.starts_at, Occupation.ends_at)
        .where(
            Occupation.instrument_id == instrument_id,
            Occupation.ends_at > frm,
            Occupation.starts_at < to,
        )
        .order_by(Occupation.starts_at)
    )
    return [Period(row.starts_at, row.ends_at) for row in await session.execute(query)]


async def free(
    session: AsyncSession, terms: Terms, frm: datetime, to: datetime, now: datetime
) -> list[Period]:
    """When it could be booked in this time: open, nobody's, neither too soon nor too far off."""
    return []


async def reasons(session: AsyncSession, ask: Ask, terms: Terms, now: datetime) -> list[Refused]:
    """All that stands against a wish; nothing where it may be booked."""
    if ask.period.end <= ask.period.start:
        return [Backwards()]
    around = (ask.period.start - terms.before, ask.period.end + terms.after)
    others = await taken(session, ask.instrument_id, *around)
    return [Occupied(taken=others)] if others else []


async def nearest(
    session: AsyncSession, ask: Ask, terms: Terms, now: datetime, count: int = 3
) -> list[Period]:
    """The nearest periods of the same length that may be booked."""
    return []
