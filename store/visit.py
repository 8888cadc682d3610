"""The visit: checking in and out, and what the clock makes of those who do neither.

Nobody is reproached while the instrument was down: an outage or a pause in the period excuses. Nor
is somebody who agreed to the contract and was kept from beginning by a unit that had not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import contract, strike, usage
from store.booking import Booking, Mode, Status
from store.booking.occupation import Outage
from store.errors import Refused
from store.instrument import Instrument, InstrumentChange
from store.instrument import Status as Listed
from store.policies import Policy
from store.usage import InUse, Source, Usage

USER, CLOCK = frozenset({"user"}), frozenset({"clock"})
STANDING = (Status.REQUESTED, Status.OFFERED, Status.APPROVED, Status.IN_USE)


@dataclass(eq=False)
class TooEarly(Refused):
    """Checking in begins a little before the period."""

    number: str
    start: datetime
    opens: datetime


@dataclass(eq=False)
class NotConfirmed(Refused):
    """The booking still waits for an answer."""

    number: str


@dataclass(eq=False)
class Missed(Refused):
    """Nobody came in time: the period is others'."""

    number: str


@dataclass(eq=False)
class Down(Refused):
    """The instrument can't be used just now."""

    number: str


@dataclass(eq=False)
class NothingBooked(Refused):
    """The person has no period on this instrument about now."""

    number: str


@dataclass(eq=False)
class NotIn(Refused):
    """The person never checked in, or is out already."""


async def about_now(
    session: AsyncSession, policy: Policy, person_id: int, now: datetime
) -> Sequence[Booking]:
    """Bookings of time that a person may check in to or out of at this moment."""
    early = now + policy.check_in_early.value
    mine = (Booking.person_id == person_id) & (Booking.mode == Mode.SELF)
    coming = (Booking.status == Status.APPROVED) & (Booking.starts_at <= early)
    here = (coming & (Booking.ends_at > now)) | (Booking.status == Status.IN_USE)
    query = select(Booking).where(mine, here).order_by(Booking.starts_at, Booking.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def nearest(
    session: AsyncSession, person_id: int, now: datetime, instrument_id: int | None = None
) -> Booking | None:
    """The booking that somebody most likely means who can neither check in nor out."""
    mine = (Booking.person_id == person_id) & (Booking.mode == Mode.SELF)
    if instrument_id is not None:
        mine &= Booking.instrument_id == instrument_id
    missed = (Booking.status == Status.NO_SHOW) & (Booking.ends_at > now)
    there = mine & (missed | (Booking.status.in_(STANDING) & (Booking.ends_at > now)))
    query = select(Booking).where(there).order_by(Booking.starts_at, Booking.id).limit(1)
    return (await session.scalars(query)).first()


def why_not(row: Booking | None, policy: Policy, instrument_id: int) -> Refused:
    """Why the booking most likely meant can't be checked in to."""
    if row is None or row.starts_at is None:
        return NothingBooked(f"YQ{instrument_id}")
    number = f"YY{row.number}"
    if row.status is Status.NO_SHOW:
        return Missed(number)
    if row.status in (Status.REQUESTED, Status.OFFERED):
        return NotConfirmed(number)
    return TooEarly(number, row.starts_at, row.starts_at - policy.check_in_early.value)


async def hindrance(session: AsyncSession, row: Booking, now: datetime) -> Refused | None:
    """Why nobody could check in to a booking that `about_now` gave, if nobody could."""
    number = f"YQ{row.instrument_id}"
    if await is_down(session, row.instrument_id, now, now + timedelta(microseconds=1)):
        return Down(number)
    unsigned = await contract.missing(session, row)
    if unsigned is not None:
        return unsigned
    there = await usage.open_on(session, row.instrument_id)
    if there is not None and there.booking_id is not None and there.booking_id != row.id:
        before = await session.get_one(Booking, there.booking_id, populate_existing=True)
        if before.status is Status.IN_USE and before.ends_at and before.ends_at > now:
            return InUse(number, before.ends_at)
    return None


async def check_in(
    session: AsyncSession, policy: Policy, row: Booking, source: Source, now: datetime
) -> Usage:
    """Begin the use of a booking that `about_now` gave.

    Raises InUse, Down, NotNow, ContractMissing.
    """
    why = await hindrance(session, row, now)
    if why is not None:
        raise why
    await _make_way(session, row.instrument_id, now)
    await bookings.move(session, row, "start", USER, row.person_id, now)
    used = await usage.begin(session, policy, row, source, now)
    if row.starts_at is not None and now > row.starts_at + policy.late_arrival.value:
        await usage.change(session, used, now, late=True)
        if policy.late_counts.value:
            await strike.add(session, policy, row, strike.Kind.LATE, now)
    return used


async def check_out(session: AsyncSession, policy: Policy, row: Booking, now: datetime) -> Usage:
    """End the use; what is left of the period is free again. Raises NotIn, NotNow."""
    used = await usage.of(session, row.id)
    if used is None or used.ends_at is not None:
        raise NotIn
    left = max(row.ends_at - now, timedelta()) if row.ends_at else timedelta()
    facts = {"left_minutes": int(left / usage.MINUTE)}
    await bookings.move(session, row, "finish", USER, row.person_id, now, facts=facts)
    if not await usage.end(session, used, now, now):
        raise NotIn
    if policy.early_counts.value and _early(row, policy, now):
        await strike.add(session, policy, row, strike.Kind.EARLY, now)
    return used


def _early(row: Booking, policy: Policy, now: datetime) -> bool:
    if row.starts_at is None or row.ends_at is None:
        return False
    share = (now - row.starts_at) / (row.ends_at - row.starts_at)
    return share * 100 < policy.early_share.value


async def _make_way(session: AsyncSession, instrument_id: int, now: datetime) -> None:
    """End the use before this one, where its period is over and nobody checked out."""
    used = await usage.open_on(session, instrument_id)
    if used is None or used.booking_id is None:
        return
    before = await session.get_one(Booking, used.booking_id, populate_existing=True)
    if before.status is not Status.IN_USE:
        await usage.end(session, used, before.changed_at, now)
    elif before.ends_at is not None and before.ends_at <= now:
        await _lapse(session, before, used, now)


async def _lapse(session: AsyncSession, row: Booking, used: Usage | None, now: datetime) -> None:
    await bookings.move(session, row, "lapse", CLOCK, None, now)
    if used is not None and used.ends_at is None:
        await usage.end(session, used, row.ends_at or now, now, forgotten=True)


async def sweep(session: AsyncSession, policy: Policy, now: datetime, limit: int = 200) -> int:
    """Miss who did not come and end what nobody checked out of; how many."""
    done = 0
    for row in await _due(session, _overdue(policy, now), limit):
        await _miss(session, policy, row, now)
        done += 1
    over = (Booking.status == Status.IN_USE) & (
        Booking.ends_at <= now - policy.check_out_late.value
    )
    for row in await _due(session, over, limit):
        await _lapse(session, row, await usage.of(session, row.id), now)
        done += 1
    for used, row in await usage.abandoned(session, limit):
        done += await usage.end(session, used, row.changed_at, now)
    return done


def _overdue(policy: Policy, now: datetime) -> ColumnElement[bool]:
    waited = (Booking.starts_at <= now - policy.late_after.value) | (Booking.ends_at <= now)
    return (Booking.status == Status.APPROVED) & (Booking.mode == Mode.SELF) & waited


async def _due(session: AsyncSession, which: ColumnElement[bool], limit: int) -> Sequence[Booking]:
    query = select(Booking).where(which).order_by(Booking.starts_at).limit(limit)
    locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def _miss(session: AsyncSession, policy: Policy, row: Booking, now: datetime) -> None:
    """A no-show, and a strike; neither where the person could not have begun."""
    if row.starts_at is None or row.ends_at is None:
        return
    if await is_down(session, row.instrument_id, row.starts_at, row.ends_at):
        await bookings.move(session, row, "excuse", CLOCK, None, now)
        return
    if await contract.waits_for_unit(session, row):
        await bookings.move(session, row, "excuse", CLOCK, None, now, facts={"unsigned": True})
        return
    await bookings.move(session, row, "miss", CLOCK, None, now)
    await strike.add(session, policy, row, strike.Kind.NO_SHOW, now)


async def is_down(
    session: AsyncSession, instrument_id: int, start: datetime, end: datetime
) -> bool:
    """Whether an outage or a pause reached into a period."""
    last = func.coalesce(Outage.ended_at, Outage.ends_at)
    out = (Outage.instrument_id == instrument_id) & (Outage.starts_at < end) & (last > start)
    if await session.scalar(select(Outage.id).where(out).limit(1)) is not None:
        return True
    return await _was_paused(session, instrument_id, start, end)


async def _was_paused(
    session: AsyncSession, instrument_id: int, start: datetime, end: datetime
) -> bool:
    told = InstrumentChange.verb.in_(("pause", "resume", "withdraw", "relist"))
    mine = (InstrumentChange.instrument_id == instrument_id) & told & (InstrumentChange.at < end)
    query = select(InstrumentChange).where(mine).order_by(InstrumentChange.id.desc()).limit(1)
    last = (await session.scalars(query)).first()
    if last is not None:
        return last.at >= start or last.verb in ("pause", "withdraw")
    status = await session.scalar(select(Instrument.status).where(Instrument.id == instrument_id))
    changed = await session.scalar(
        select(Instrument.changed_at).where(Instrument.id == instrument_id)
    )
    return status is not Listed.LISTED and changed is not None and changed < end
