"""Who hears of strikes, of what was excused, and of samples."""

from datetime import datetime

import pytest
from sqlalchemy import select

from bot import topics
from notifications.notice import Planner, load
from store import booking as bookings
from store import sample, strike, visit
from store.booking import Booking
from store.database import Database
from store.outbox import Outbox
from store.strike import Kind
from tests.store.people import SECRET
from tests.store.visiting import CLOCK, HOUR, POLICY, Room, end


@pytest.fixture
async def room(database: Database, now: datetime) -> Room:
    database.tell = Planner(topics.TOPICS, load(), POLICY, SECRET).tell
    return await Room.open(database, now)


async def heard(room: Room, person_id: int) -> list[str]:
    """Kinds of notices of visits and samples, planned for somebody and not withdrawn."""
    async with room.database.read() as session:
        mine = (Outbox.person_id == person_id) & Outbox.settled_at.is_(None)
        rows = await session.scalars(select(Outbox).where(mine).order_by(Outbox.id))
        wanted = ("visit.", "booking.received", "booking.testing", "booking.reported")
        return [row.kind for row in rows if row.kind.startswith(wanted)]


async def struck(room: Room, who: int) -> Booking:
    row = await room.booked(who, room.now + 3 * HOUR)
    room.now = end(row)
    async with room.database.begin() as session:
        await visit.sweep(session, POLICY, room.now)
    return row


async def test_warned_before_it_is_too_late(room: Room) -> None:
    her = await room.user()
    await struck(room, her)
    assert await heard(room, her) == []
    await struck(room, her)
    assert await heard(room, her) == ["visit.warned"]
    last = await struck(room, her)
    assert await heard(room, her) == ["visit.warned", "visit.closed_out"]
    by = await room.by()
    async with room.database.begin() as session:
        await strike.lift(session, last, "停电", by, room.now)
    assert await heard(room, her) == ["visit.warned", "visit.lifted"]


async def test_who_takes_back_their_own_hears_nothing(room: Room) -> None:
    her = await room.user()
    row = await room.booked(her, room.now + 3 * HOUR)
    async with room.database.begin() as session:
        await strike.add(session, POLICY, row, Kind.LATE_CANCEL, room.now)
        await strike.excuse(session, row, "undone", her, room.now)
    assert await heard(room, her) == []


async def test_an_excused_period_is_told(room: Room) -> None:
    her = await room.user()
    row = await room.booked(her, room.now + 3 * HOUR)
    async with room.database.begin() as session:
        here = await session.get_one(Booking, row.id)
        await bookings.move(session, here, "excuse", CLOCK, None, end(row))
    assert await heard(room, her) == ["visit.excused"]


async def test_only_the_last_of_steps_made_good_is_told(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.sent(her)
    by = await room.by()
    async with room.database.begin() as session:
        await sample.lack(session, row.number, "碎了", by, now)
    assert await heard(room, her) == ["visit.lacking"]
    async with room.database.begin() as session:
        await sample.step(session, POLICY, "report", row.number, by, now=now)
    assert await heard(room, her) == ["booking.reported"]
