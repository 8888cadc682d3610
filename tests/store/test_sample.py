import asyncio
from datetime import datetime

import pytest

from store import booking as bookings
from store import sample, usage
from store.booking import Status
from store.booking.reading import NoSuchBooking
from store.database import Database
from store.lifecycle import NotNow
from store.listing import By, ReasonMissing
from store.sample import NotSamples
from tests.store.visiting import HOUR, POLICY, USER, Room


@pytest.fixture
async def room(database: Database, now: datetime) -> Room:
    return await Room.open(database, now)


async def step(room: Room, verb: str, number: int, at: datetime, by: By | None = None) -> Status:
    who = by or await room.by()
    async with room.database.begin() as session:
        return (await sample.step(session, POLICY, verb, number, who, now=at)).status


async def test_the_way_of_samples(room: Room, now: datetime) -> None:
    row = await room.sent(await room.user())
    for n, (verb, status) in enumerate(
        zip(
            sample.STEPS,
            (Status.RECEIVED, Status.TESTING, Status.REPORTED, Status.DELIVERED),
            strict=True,
        )
    ):
        assert await step(room, verb, row.number, now + n * HOUR) is status
        with pytest.raises(NotNow):
            await step(room, verb, row.number, now + n * HOUR)
    async with room.database.read() as session:
        used = await usage.of(session, row.id)
        assert used is not None
        assert (used.starts_at, used.ends_at) == (now + HOUR, now + 2 * HOUR)
        assert (used.samples, used.content, used.source) == (3, "铸铁件", usage.Source.SAMPLES)
        reached = await sample.progress(session, await room.fresh(row))
        assert [(each.step, each.at) for each in reached] == [
            (verb, now + n * HOUR) for n, verb in enumerate(sample.STEPS)
        ]


async def test_a_later_step_makes_good_those_before_it(room: Room, now: datetime) -> None:
    row = await room.sent(await room.user())
    assert await step(room, "report", row.number, now) is Status.REPORTED
    told = [(verb, facts.get("passed")) for verb, facts in await room.events("booking")]
    assert told[-3:] == [("receive", True), ("test", True), ("report", None)]
    with pytest.raises(NotNow):
        await step(room, "test", row.number, now)


async def test_samples_that_lack_are_received_again(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.sent(her)
    by = await room.by()
    await step(room, "test", row.number, now)
    async with room.database.begin() as session:
        with pytest.raises(ReasonMissing):
            await sample.lack(session, row.number, " ", by, now)
        lacking = await sample.lack(session, row.number, "只有 0.2 克", by, now)
        assert (lacking.status, lacking.reason) == (Status.LACKING, "只有 0.2 克")
        assert await sample.progress(session, lacking) == []
    assert await step(room, "report", row.number, now + HOUR) is Status.REPORTED
    async with room.database.read() as session:
        used = await usage.of(session, row.id)
        assert used is not None
        assert (used.starts_at, used.ends_at) == (now, now + HOUR)


async def test_a_user_need_not_send_more(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.sent(her)
    by = await room.by()
    async with room.database.begin() as session:
        lacking = await sample.lack(session, row.number, "碎了", by, now)
        await bookings.move(session, lacking, "cancel", USER, her, now)
        assert lacking.status is Status.CANCELLED


async def test_only_its_keeper_moves_samples(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.sent(her)
    for by in (By(her, frozenset()), By(None, frozenset())):
        with pytest.raises(NoSuchBooking):
            await step(room, "receive", row.number, now, by)
    with pytest.raises(NoSuchBooking):
        await step(room, "receive", 999, now)
    timed = await room.booked(her, now + 3 * HOUR)
    with pytest.raises(NotSamples):
        await step(room, "receive", timed.number, now)


async def test_two_keepers_at_once(room: Room, now: datetime) -> None:
    row = await room.sent(await room.user())
    ends = await asyncio.gather(
        *(step(room, "receive", row.number, now) for _ in range(4)), return_exceptions=True
    )
    assert sum(end is Status.RECEIVED for end in ends) == 1
    assert all(end is Status.RECEIVED or isinstance(end, NotNow) for end in ends)
