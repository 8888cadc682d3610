"""Outages: time in which nobody can use an instrument. What is booked in it is called off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.base import microseconds
from store.booking.moving import move_all
from store.booking.occupation import Occupation, Outage
from store.booking.placing import OCCUPY
from store.booking.request import lock
from store.booking.table import OCCUPYING, Booking
from store.errors import Refused
from store.event import Event, record
from store.instrument import Instrument
from store.lifecycle import NotNow, NotYours
from store.listing import By, hats
from store.script import Script, Statement, run_in

TRIES = 20
"""How often somebody may book in the very moment in which an outage clears its time."""


@dataclass(eq=False)
class OutageThere(Refused):
    """An outage lies in that time already; nothing was called off."""

    starts_at: datetime
    ends_at: datetime


async def begin_outage(  # noqa: PLR0913, PLR0917 - what, when, why and who
    session: AsyncSession,
    instrument_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: By,
    now: datetime,
) -> tuple[Outage, Sequence[Booking]]:
    """Take an instrument out of use for a time, and call off what is booked in it.

    Gives the bookings that were called off. Raises NotYours, OutageThere.
    """
    await _theirs(session, instrument_id, by)
    await lock(session, instrument_id)
    await _alone(session, instrument_id, starts_at, ends_at)
    outage = Outage(
        instrument_id=instrument_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        by=by.person_id,
        made_at=now,
    )
    session.add(outage)
    await session.flush()
    aborted: list[Booking] = []
    for _ in range(TRIES):
        aborted += await _call_off(session, outage, now)
        if await run_in(session, _occupy(outage)):
            break
    else:
        raise OutageThere(starts_at, ends_at)
    await record(session, Event("outage", outage.id, "begin", 1, now, by.person_id))
    return outage, aborted


async def end_outage(session: AsyncSession, outage_id: int, by: By, now: datetime) -> Outage:
    """End an outage before its time, or call it off. Raises NotYours, NotNow."""
    outage = await session.get(Outage, outage_id)
    if outage is None:
        raise NotYours(verb="end")
    await _theirs(session, outage.instrument_id, by)
    open_ = (Outage.id == outage_id) & Outage.ended_at.is_(None) & (Outage.ends_at > now)
    ended = update(Outage).where(open_).values(ended_at=now).returning(Outage)
    if (await session.scalars(ended.execution_options(populate_existing=True))).first() is None:
        raise NotNow(verb="end", status="ended")
    await session.execute(delete(Occupation).where(Occupation.outage_id == outage_id))
    await record(session, Event("outage", outage_id, "end", 2, now, by.person_id))
    return outage


async def _theirs(session: AsyncSession, instrument_id: int, by: By) -> None:
    """Refuse who does not keep the instrument, and a number that is none's."""
    instrument = await session.get(Instrument, instrument_id)
    if instrument is None or "keeper" not in hats(instrument, by.grants):
        raise NotYours(verb="outage")


async def _alone(
    session: AsyncSession, instrument_id: int, starts_at: datetime, ends_at: datetime
) -> None:
    there = (Occupation.starts_at < ends_at) & (Occupation.ends_at > starts_at)
    query = select(Occupation).where(Occupation.instrument_id == instrument_id, there)
    other = await session.scalar(query.where(Occupation.outage_id.is_not(None)).limit(1))
    if other is not None:
        raise OutageThere(other.starts_at, other.ends_at)


async def _call_off(session: AsyncSession, outage: Outage, now: datetime) -> Sequence[Booking]:
    """Abort what is booked in the outage; a buffer that only reaches into it is cut short."""
    there = (Booking.starts_at < outage.ends_at) & (Booking.ends_at > outage.starts_at)
    which = (Booking.instrument_id == outage.instrument_id) & there
    which &= Booking.status.in_(OCCUPYING)
    aborted = await move_all(
        session,
        "abort",
        "keeper",
        which,
        now,
        actor_id=outage.by,
        reason=outage.reason,
        facts={"outage": outage.id},
    )
    await _cut_buffers(session, outage)
    return aborted


async def _cut_buffers(session: AsyncSession, outage: Outage) -> None:
    """End at the outage what is kept free after a booking, and begin after it what is before one.

    An outage may lie in the middle of a buffer: on which side the booking is, only itself says.
    """
    mine = Occupation.instrument_id == outage.instrument_id
    its = Booking.id == Occupation.booking_id
    over = exists().where(its, Booking.ends_at <= outage.starts_at)
    after = update(Occupation).where(mine, Occupation.ends_at > outage.starts_at, over)
    await session.execute(after.values(ends_at=outage.starts_at))
    to_come = exists().where(its, Booking.starts_at >= outage.ends_at)
    before = update(Occupation).where(mine, Occupation.starts_at < outage.ends_at, to_come)
    await session.execute(before.values(starts_at=outage.ends_at))


def _occupy(outage: Outage) -> Script[bool]:
    span = microseconds(outage.starts_at), microseconds(outage.ends_at)
    row = (outage.instrument_id, *span, None, outage.id)
    return bool((yield Statement(OCCUPY, ("bigint",) * 5, [row])))
