"""What a keeper writes down by hand: a use that nobody scanned, booked or not; and for research."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, organisation, strike, usage
from store import booking as bookings
from store.booking import Booking, Cooperation, Group, Mode, Status
from store.booking.reading import NoSuchBooking
from store.errors import Refused
from store.event import Event
from store.event import record as tell
from store.instrument import Instrument
from store.listing import By, NoSuchInstrument, hats
from store.policies import Policy
from store.usage import Source, Usage

UNRECORDED = (Status.APPROVED, Status.IN_USE, Status.NO_SHOW)
"""A booking that stands so can still be written down as used."""
LONGEST = timedelta(days=31)


@dataclass(eq=False)
class NotOver(Refused):
    """The use is not over, or never was."""


@dataclass(eq=False)
class UseTooLong(Refused):
    """Longer than a use can be."""

    days: int


@dataclass(eq=False)
class UseTooOld(Refused):
    """Too long ago to be written down by hand."""

    days: int


@dataclass(eq=False)
class AlreadyRecorded(Refused):
    """A use of that time stands there already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One use as the keeper tells it."""

    instrument_id: int
    starts_at: datetime
    ends_at: datetime
    content: str
    booking: int | None = None
    """The `YY` number; without one, somebody came as they were."""
    visitor: str | None = None
    """Their organisation, then."""
    samples: int | None = None


async def open_bookings(
    session: AsyncSession, policy: Policy, instrument_id: int, now: datetime
) -> Sequence[Booking]:
    """Bookings of time whose use nobody knows of yet, or only as forgotten; newest first."""
    oldest = now - policy.record_within.value
    there = (Booking.instrument_id == instrument_id) & (Booking.mode == Mode.SELF)
    begun = there & (Booking.starts_at <= now) & (Booking.ends_at > oldest)
    forgotten = select(Usage.booking_id).where(Usage.forgotten, Usage.booking_id.is_not(None))
    unsure = (Booking.status == Status.FINISHED) & Booking.id.in_(forgotten)
    query = select(Booking).where(begun, Booking.status.in_(UNRECORDED) | unsure)
    return (await session.scalars(query.order_by(Booking.starts_at.desc()).limit(20))).all()


async def record(
    session: AsyncSession, policy: Policy, entry: Entry, by: By, now: datetime
) -> Usage:
    """Write a use down. A no-show that came after all is none, and their strike is lifted.

    Raises NoSuchInstrument, NoSuchBooking, NotOver, UseTooLong, UseTooOld, AlreadyRecorded, NotNow.
    """
    instrument = await session.get(Instrument, entry.instrument_id)
    if instrument is None or "keeper" not in hats(instrument, by.grants):
        raise NoSuchInstrument(f"YQ{entry.instrument_id}")
    check_period(policy, entry.starts_at, entry.ends_at, now)
    facts: dict[str, Any] = {
        "source": Source.HAND,
        "recorded_by": by.person_id,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "samples": entry.samples,
        "content": entry.content,
    }
    if entry.booking is not None:
        row = await _booked(session, policy, entry, facts, by, now=now)
    else:
        row = await _walked_in(session, policy, instrument, entry.visitor or "", facts, now=now)
    audit.record(session, by.person_id, "record", f"usage:{row.id}", {}, now)
    about = {"booking": entry.booking, "instrument": entry.instrument_id}
    await tell(session, Event("usage", row.id, "record", row.version, now, by.person_id, about))
    return row


def check_period(policy: Policy, start: datetime, end: datetime, now: datetime) -> None:
    """Whether a use of that time can be written down. Raises NotOver, UseTooLong, UseTooOld."""
    if end > now or end <= start:
        raise NotOver
    if end - start > LONGEST:
        raise UseTooLong(LONGEST.days)
    if start < now - policy.record_within.value:
        raise UseTooOld(policy.record_within.value.days)


async def _booked(
    session: AsyncSession,
    policy: Policy,
    entry: Entry,
    facts: dict[str, Any],
    by: By,
    *,
    now: datetime,
) -> Usage:
    row = await bookings.present(session, entry.booking or 0)
    if row is None or row.instrument_id != entry.instrument_id:
        raise NoSuchBooking(f"YY{entry.booking}")
    missed = row.status is Status.NO_SHOW
    used = await usage.of(session, row.id)
    if used is None or row.status is not Status.FINISHED or not used.forgotten:
        await bookings.move(session, row, "record", frozenset({"keeper"}), by.person_id, now)
    if missed:
        await strike.excuse(session, row, "recorded", by.person_id, now)
    if used is None:
        whose = await usage.of_booking(session, row)
        written = await usage.add(session, policy, whose | facts, now)
        if written is None:
            raise AlreadyRecorded
        return written
    if not await usage.change(session, used, now, **facts, forgotten=False):
        raise AlreadyRecorded
    return used


async def _walked_in(
    session: AsyncSession,
    policy: Policy,
    instrument: Instrument,
    visitor: str,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> Usage:
    """A use without a booking: nobody's name is kept, only whose organisation it was."""
    known = await organisation.by_name(session, visitor) if visitor else None
    own = known is not None and known.id == instrument.organisation_id
    whose = {
        "instrument_id": instrument.id,
        "organisation_id": instrument.organisation_id,
        "employer_id": known.id if known else None,
        "visitor": None if known else visitor,
        "group": Group.OWN if own else Group.OUTSIDE,
        "mode": Mode.SELF,
        "cooperation": Cooperation.OWN,
    }
    written = await usage.add(session, policy, whose | facts, now)
    if written is None:
        raise AlreadyRecorded
    return written


async def describe(
    session: AsyncSession, row: Booking, told: dict[str, str], now: datetime
) -> bool:
    """Say for which research a booking's use was; False where there is no use yet.

    `told`: `project`, `funds`, `field`.
    """
    used = await usage.of(session, row.id)
    return used is not None and await usage.change(session, used, now, **told)
