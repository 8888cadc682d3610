"""Watches (有空提醒我): who waits for time on an instrument, in the order in which they came.

When time frees, the first in line is told, and has it to themselves for a while (policy's
`watch_turn`): only then the next. A watch that was told, or whose time is over, ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import terms
from store.availability import Period, free
from store.availability.runs import open_and_free
from store.base import NUMBERED, Base, Key
from store.errors import Refused
from store.event import Event, record
from store.policies import Policy
from store.script import Script, Statement, run_in
from store.stretch import minute, minute_after
from store.terms import Terms

STILL = text("ended_at IS NULL")


FREEING = frozenset(
    {
        *("booking.cancel", "booking.reject", "booking.expire", "booking.abort", "booking.miss"),
        *("booking.finish", "booking.record", "booking.replace", "booking.shift"),
        *("booking.request", "booking.approve", "outage.end", "terms.set", "terms.undo"),
    }
)
"""Events after which somebody may find time; a replaced booking is told of as its new row."""
MOST = 500
"""Watches of one instrument that are looked through at once."""


@dataclass(eq=False)
class TooManyWatches(Refused):
    """One person waits for so many things already."""

    most: int


@dataclass(eq=False)
class FreeNow(Refused):
    """There is nothing to wait for: it is free."""

    period: Period


@dataclass(eq=False)
class NeverOpen(Refused):
    """It is not open then: no time can free."""

    words: str


class Watch(Base):
    """One person who waits for so many minutes of one instrument within a stretch of time."""

    __tablename__ = "watch"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period_forward"),
        CheckConstraint("minutes > 0", name="length_named"),
        Index("ix_watch_instrument", "instrument_id", "ends_at"),
        Index(
            "uq_watch_still",
            "person_id",
            "instrument_id",
            "starts_at",
            "ends_at",
            unique=True,
            sqlite_where=STILL,
            postgresql_where=STILL,
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When last told that time is free."""
    turn_until: Mapped[datetime | None]
    """Until when the freed time is left to this one before the next is told."""
    found_at: Mapped[datetime | None]
    """The free time that was told of."""
    found_until: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(default=0)
    """How often it was told."""
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whom and what to wait for."""

    person_id: int
    instrument_id: int
    starts_at: datetime
    ends_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A watch that stands."""

    id: int
    starts_at: datetime
    ends_at: datetime
    ahead: int
    """How many wait for the same instrument and came before."""


async def begin(session: AsyncSession, waiting: Waiting, policy: Policy, now: datetime) -> Begun:
    """Wait for free time; the same wish again changes nothing.

    Raises FreeNow or NeverOpen where there is nothing to wait for, TooManyWatches.
    """
    held = await terms.of(session, waiting.instrument_id, policy)
    span = max(waiting.starts_at, now), waiting.ends_at
    if not _opens(held, *span, waiting.minutes):
        raise NeverOpen(held.opening.words)
    for period in await free(session, held, *span, now):
        if period.minutes >= waiting.minutes:
            raise FreeNow(period)
    row = await _same(session, waiting)
    if row is None:
        row = await _add(session, waiting, policy, now)
    before = (Watch.instrument_id == row.instrument_id, Watch.id < row.id, Watch.ended_at.is_(None))
    ahead = await session.scalar(select(func.count()).where(*before)) or 0
    return Begun(row.id, row.starts_at, row.ends_at, ahead)


def _opens(held: Terms, start: datetime, end: datetime, minutes: int) -> bool:
    """Whether it is open for so long in this time, whoever has it."""
    open_ = open_and_free(held, [], minute_after(start), minute(end))
    return any(closes - opens >= minutes for opens, closes in open_)


async def _same(session: AsyncSession, waiting: Waiting) -> Watch | None:
    query = select(Watch).where(
        Watch.person_id == waiting.person_id,
        Watch.instrument_id == waiting.instrument_id,
        Watch.starts_at == waiting.starts_at,
        Watch.ends_at == waiting.ends_at,
        Watch.ended_at.is_(None),
    )
    return (await session.scalars(query)).one_or_none()


async def _add(session: AsyncSession, waiting: Waiting, policy: Policy, now: datetime) -> Watch:
    mine = (Watch.person_id == waiting.person_id, Watch.ended_at.is_(None), Watch.ends_at > now)
    most = policy.watches.value
    if (await session.scalar(select(func.count()).where(*mine)) or 0) >= most:
        raise TooManyWatches(most)
    row = Watch(
        person_id=waiting.person_id,
        instrument_id=waiting.instrument_id,
        starts_at=waiting.starts_at,
        ends_at=waiting.ends_at,
        minutes=waiting.minutes,
        made_at=now,
        times=0,
        version=1,
    )
    session.add(row)
    await session.flush()
    return row


async def end(
    session: AsyncSession, person_id: int, instrument_id: int | None, now: datetime
) -> int:
    """Wait no longer, for one instrument or for any; how many watches that ended."""
    mine = Watch.person_id == person_id
    if instrument_id is not None:
        mine &= Watch.instrument_id == instrument_id
    ended = update(Watch).where(mine, Watch.ended_at.is_(None)).values(ended_at=now)
    return len((await session.execute(ended.returning(Watch.id))).all())


async def heed(session: AsyncSession, events: Iterable[Event], policy: Policy) -> None:
    """Tell who waits for what these events freed."""
    told = [event for event in events if event.name in FREEING]
    numbers = await _instruments(session, told)
    for number in numbers:
        await look(session, number, policy, told[-1].at)


async def _instruments(session: AsyncSession, events: Sequence[Event]) -> list[int]:
    """The instruments of bookings and outages for which anybody waits."""
    return await run_in(session, _waited(events)) if events else []


_WAITED = """
with batch(subject, id) as (ROWS), freed(number) as (
    select instrument_id from booking
     where id in (select id from batch where subject = 'booking')
    union select instrument_id from outage
     where id in (select id from batch where subject = 'outage')
    union select id from batch where subject = 'terms')
select distinct instrument_id from watch
 where ended_at is null and instrument_id in (select number from freed)
"""


def _waited(events: Iterable[Event]) -> Script[list[int]]:
    rows = [(event.subject, event.id) for event in events]
    return [number for (number,) in (yield Statement(_WAITED, ("text", "bigint"), rows))]


async def sweep(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """End what is over, and pass on the turns that were not taken; how many were told."""
    over = (Watch.ends_at <= now) | (Watch.turn_until <= now)
    turned = update(Watch).where(over, Watch.ended_at.is_(None)).values(ended_at=now)
    rows = await session.execute(turned.returning(Watch.instrument_id))
    return sum([await look(session, number, policy, now) for number in {row[0] for row in rows}])


async def look(session: AsyncSession, number: int, policy: Policy, now: datetime) -> int:
    """Tell those in line for whom there is time on an instrument; how many."""
    waits = (Watch.instrument_id == number, Watch.ended_at.is_(None), Watch.ends_at > now)
    line = (await session.scalars(select(Watch).where(*waits).order_by(Watch.id).limit(MOST))).all()
    if not any(watch.told_at is None for watch in line):
        return 0
    held = await terms.of(session, number, policy)
    span = now, max(watch.ends_at for watch in line)
    left = await free(session, held, *span, now)
    given = [_given(watch) for watch in line if watch.told_at is not None]
    told = 0
    for watch in line:
        if watch.told_at is None and (found := _fits(watch, left, given)) is not None:
            given.append(found)
            await _tell(session, watch, found, policy, now)
            told += 1
    return told


def _given(watch: Watch) -> Period:
    """The time that is left to one who was told."""
    return Period(watch.found_at or watch.starts_at, watch.found_until or watch.ends_at)


def _fits(watch: Watch, left: Sequence[Period], given: Sequence[Period]) -> Period | None:
    """The first free time that will do and that nobody before was told of."""
    for period in left:
        start, end = max(period.start, watch.starts_at), min(period.end, watch.ends_at)
        for other in sorted(given):
            if other.start < end and start < other.end:
                start = max(start, other.end)
        if end > start and Period(start, end).minutes >= watch.minutes:
            return Period(start, end)
    return None


async def _tell(
    session: AsyncSession, watch: Watch, found: Period, policy: Policy, now: datetime
) -> None:
    watch.told_at, watch.turn_until = now, now + policy.watch_turn.value
    watch.found_at, watch.found_until = found.start, found.end
    watch.times, watch.version = watch.times + 1, watch.version + 1
    await session.flush()
    await record(session, Event("watch", watch.id, "free", watch.version, now))
