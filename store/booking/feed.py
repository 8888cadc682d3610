"""What calendars show: the bookings of a person, or of an instrument with its outages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.occupation import Outage
from store.booking.table import OCCUPYING, Booking, Status

KEPT = timedelta(days=90)
"""How long what is over stays in a calendar."""
MOST = 500
SHOWN = OCCUPYING | {Status.FINISHED, Status.SETTLED}


async def of_person(session: AsyncSession, person_id: int, now: datetime) -> Sequence[Booking]:
    """A person's times: held, agreed and lately used, in order."""
    return await _times(session, Booking.person_id == person_id, now)


async def of_instrument(
    session: AsyncSession, instrument_id: int, now: datetime
) -> tuple[Sequence[Booking], Sequence[Outage]]:
    """An instrument's bookings and outages, in order."""
    bookings = await _times(session, Booking.instrument_id == instrument_id, now)
    down = (Outage.instrument_id == instrument_id) & Outage.ended_at.is_(None)
    query = select(Outage).where(down, Outage.ends_at > now - KEPT).order_by(Outage.starts_at)
    return bookings, (await session.scalars(query.limit(MOST))).all()


async def _times(
    session: AsyncSession, whose: ColumnElement[bool], now: datetime
) -> Sequence[Booking]:
    query = select(Booking).where(
        whose,
        Booking.status.in_(SHOWN),
        Booking.ends_at > now - KEPT,
    )
    return (await session.scalars(query.order_by(Booking.starts_at).limit(MOST))).all()
