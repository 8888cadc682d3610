"""Taking an instrument out of use, for a time or until further notice, and putting it back.

What is booked then is called off with the reason. For as long as policy's `undo` all of it can be
taken back: users are told only after that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import listing, terms
from store.availability import Unfit
from store.booking import Booking, Outage, Status
from store.booking.moving import move_all
from store.booking.request import lock
from store.booking.undo import BACK, occupy
from store.errors import Refused
from store.event import Event, EventRow, record
from store.instrument import Instrument
from store.instrument import Status as Listed
from store.lifecycle import NotNow
from store.listing import By, NoSuchInstrument
from store.person import Grant, Role
from store.policies import Policy
from store.routing import in_, organisations, overseen
from store.wording import fold

S = Status
Span = tuple[datetime, datetime]
KEEPER = frozenset({"keeper"})
LONGEST_NUMBER = 9
"""Digits; more are no number of an instrument."""
OFFERED = 40
"""Instruments that are offered to choose from."""
COMING = (S.REQUESTED, S.OFFERED, S.APPROVED, S.LACKING)
"""What a pause without end calls off: who is at it may finish, samples that came are done."""
SPANNED = (S.REQUESTED, S.OFFERED, S.APPROVED, S.IN_USE)
"""What an outage calls off."""


@dataclass(eq=False)
class NotClosed(Refused):
    """The instrument is in use as ever."""

    number: str


@dataclass(eq=False)
class NoSuchOutage(Refused):
    """There is no such outage, or it is another's."""


@dataclass(eq=False)
class TooLateToReopen(Refused):
    """It was not taken out of use just now: what was called off stays so."""

    number: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Closed:
    """An instrument out of use, and the bookings that were called off for it."""

    outage: Outage | None
    """None: until further notice."""
    called_off: Sequence[Booking]


async def theirs(
    session: AsyncSession, grants: Collection[Grant], words: str = ""
) -> list[Instrument]:
    """Instruments that one may take out of use, whose name or number is like the words."""
    query = select(Instrument).where(_mine(grants), Instrument.status != Listed.WITHDRAWN)
    part = fold(words)
    number = part.removeprefix("yq")
    if number.isdecimal() and len(number) <= LONGEST_NUMBER:
        query = query.where(Instrument.id == int(number))
    elif part:
        query = query.where(Instrument.likeness.contains(part, autoescape=True))
    return list(await session.scalars(query.order_by(Instrument.id).limit(OFFERED)))


def _mine(grants: Collection[Grant]) -> ColumnElement[bool]:
    return or_(
        in_(Instrument.organisation_id, organisations(grants, Role.KEEPER, Role.REPRESENTATIVE)),
        overseen(grants, Instrument.county_id),
    )


async def one(session: AsyncSession, number: int, by: By) -> Instrument:
    """An instrument that somebody keeps. Raises NoSuchInstrument, for another's alike."""
    found = await session.get(Instrument, number)
    if found is None or "keeper" not in listing.hats(found, by.grants):
        raise NoSuchInstrument(number=f"YQ{number}")
    return found


async def hit(
    session: AsyncSession, number: int, span: Span | None, now: datetime
) -> Sequence[Booking]:
    """The bookings that taking it out of use would call off, the soonest first."""
    query = select(Booking).where(_hit(number, span, now))
    return (await session.scalars(query.order_by(Booking.starts_at, Booking.id))).all()


def _hit(number: int, span: Span | None, now: datetime) -> ColumnElement[bool]:
    here = Booking.instrument_id == number
    if span is None:
        coming = Booking.ends_at.is_(None) | (Booking.ends_at > now)
        return here & Booking.status.in_(COMING) & coming
    there = (Booking.starts_at < span[1]) & (Booking.ends_at > span[0])
    return here & Booking.status.in_(SPANNED) & there


async def close(
    session: AsyncSession, number: int, span: Span | None, reason: str, by: By, now: datetime
) -> Closed:
    """Take it out of use. Raises NoSuchInstrument, NotNow, ReasonMissing, OutageThere."""
    await one(session, number, by)
    await lock(session, number)
    was = {str(row.id): str(row.status) for row in await hit(session, number, span, now)}
    if span is None:
        return await _pause(session, number, reason, by, now, was)
    outage, rows = await bookings.begin_outage(session, number, *span, reason, by, now)
    await record(session, Event("outage", outage.id, "hit", 1, now, by.person_id, {"was": was}))
    return Closed(outage, rows)


async def _pause(
    session: AsyncSession, number: int, reason: str, by: By, now: datetime, was: dict[str, str]
) -> Closed:
    await listing.pause(session, number, reason, by, now)
    instrument = await session.get_one(Instrument, number)
    rows = await move_all(
        session,
        "abort",
        "keeper",
        _hit(number, None, now),
        now,
        actor_id=by.person_id,
        reason=instrument.reason,
        facts={"pause": number},
    )
    event = Event(
        "instrument", number, "pause", instrument.version, now, by.person_id, {"was": was}
    )
    await record(session, event)
    return Closed(None, rows)


# Back into use


@dataclass(frozen=True, slots=True)
class Reopened:
    """What was ended: the pause, an outage; or several coming outages to choose from."""

    resumed: bool = False
    ended: Outage | None = None
    choose: Sequence[Outage] = ()


async def outages(session: AsyncSession, number: int, now: datetime) -> Sequence[Outage]:
    """The outages of an instrument that are on or to come, the soonest first."""
    open_ = (Outage.instrument_id == number) & Outage.ended_at.is_(None) & (Outage.ends_at > now)
    query = select(Outage).where(open_).order_by(Outage.starts_at, Outage.id)
    return (await session.scalars(query)).all()


async def closed(
    session: AsyncSession, grants: Collection[Grant], now: datetime
) -> list[Instrument]:
    """Instruments that one keeps and that are out of use now, or will be."""
    down = select(Outage.instrument_id).where(Outage.ended_at.is_(None), Outage.ends_at > now)
    query = select(Instrument).where(
        _mine(grants), or_(Instrument.status == Listed.PAUSED, Instrument.id.in_(down))
    )
    return list(await session.scalars(query.order_by(Instrument.id).limit(OFFERED)))


async def reopen(session: AsyncSession, number: int, by: By, now: datetime) -> Reopened:
    """Put it back into use: end the pause, and the outage that is on or the only one to come.

    Raises NoSuchInstrument, NotClosed.
    """
    instrument = await one(session, number, by)
    resumed = instrument.status is Listed.PAUSED
    if resumed:
        await listing.resume(session, number, by, now)
    coming = await outages(session, number, now)
    on = [each for each in coming if each.starts_at <= now]
    if on or (len(coming) == 1 and not resumed):
        return Reopened(resumed, await bookings.end_outage(session, coming[0].id, by, now))
    if not resumed and not coming:
        raise NotClosed(f"YQ{number}")
    return Reopened(resumed, choose=() if resumed else coming)


async def end(session: AsyncSession, outage_id: int, by: By, now: datetime) -> Outage:
    """End one outage. Raises NoSuchOutage, NotNow."""
    outage = await session.get(Outage, outage_id)
    if outage is None:
        raise NoSuchOutage
    try:
        await one(session, outage.instrument_id, by)
    except NoSuchInstrument:
        raise NoSuchOutage from None
    return await bookings.end_outage(session, outage_id, by, now)


@dataclass(frozen=True, slots=True)
class Undone:
    """What stands again as before, and what could not be brought back."""

    restored: Sequence[Booking]
    lost: Sequence[Booking]


async def undo(session: AsyncSession, number: int, by: By, policy: Policy, now: datetime) -> Undone:
    """Take back that it was taken out of use just now, with all that was called off.

    Raises NoSuchInstrument, TooLateToReopen.
    """
    await one(session, number, by)
    last = await _last(session, number, now - policy.undo.value)
    if last is None:
        minutes = int(policy.undo.value.total_seconds()) // 60
        raise TooLateToReopen(f"YQ{number}", minutes)
    if last.subject == "outage":
        await bookings.end_outage(session, last.subject_id, by, now)
    else:
        await listing.resume(session, number, by, now)
    restored, lost = list[Booking](), list[Booking]()
    for row, verb in await _called_off(session, last.facts["was"]):
        back = await _back(session, row, verb, by, policy, now)
        (restored if back else lost).append(row)
    return Undone(restored, lost)


async def _last(session: AsyncSession, number: int, since: datetime) -> EventRow | None:
    """How it was last taken out of use, after a moment and still in force."""
    mine = select(Outage.id).where(Outage.instrument_id == number, Outage.ended_at.is_(None))
    by_outage = (EventRow.subject == "outage") & EventRow.subject_id.in_(mine)
    paused = select(Instrument.id).where(Instrument.id == number, Instrument.status == "paused")
    by_pause = (EventRow.subject == "instrument") & EventRow.subject_id.in_(paused)
    closing = (by_outage & (EventRow.verb == "hit")) | (by_pause & (EventRow.verb == "pause"))
    query = select(EventRow).where(closing, EventRow.at > since)
    return (await session.scalars(query.order_by(EventRow.id.desc()).limit(1))).one_or_none()


async def _called_off(session: AsyncSession, was: dict[str, Any]) -> list[tuple[Booking, str]]:
    """Bookings that are called off still, with the verb that brings each back."""
    query = select(Booking).where(Booking.id.in_(map(int, was)), Booking.status == S.ABORTED)
    rows = await session.scalars(query.order_by(Booking.starts_at, Booking.id))
    return [(row, BACK.get(was[str(row.id)], "")) for row in rows]


async def _back(
    session: AsyncSession, row: Booking, verb: str, by: By, policy: Policy, now: datetime
) -> bool:
    if not verb or (row.starts_at is not None and row.starts_at <= now):
        return False
    try:
        async with session.begin_nested():
            if row.starts_at is not None:
                rules = await terms.of(session, row.instrument_id, policy)
                await occupy(session, row, rules, now)
            await bookings.move(session, row, verb, KEEPER, by.person_id, now)
    except (Unfit, NotNow):
        return False
    return True
