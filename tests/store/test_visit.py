import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import listing, strike, usage, visit
from store.booking import Booking, Status
from store.booking.occupation import Occupation
from store.database import Database
from store.lifecycle import NotNow
from store.policies import Policy, Rule
from store.usage import InUse, Source, Usage
from tests.store.visiting import HOUR, MINUTE, POLICY, Room, end, start


@pytest.fixture
async def room(database: Database, now: datetime) -> Room:
    return await Room.open(database, now)


async def test_in_and_out(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.booked(her, now + 3 * HOUR)
    async with room.database.begin() as session:
        assert await visit.about_now(session, POLICY, her, now) == []
        at = start(row) - 10 * MINUTE
        (mine,) = await visit.about_now(session, POLICY, her, at)
        used = await visit.check_in(session, POLICY, mine, Source.SCAN, at)
        assert (used.starts_at, used.ends_at, used.late) == (at, None, False)
        assert (used.person_id, used.content) == (her, "缸盖平面度")
        assert await visit.hindrance(session, mine, at) is None
        done = await visit.check_out(session, POLICY, mine, at + HOUR)
        assert done.ends_at == at + HOUR
        assert done.spent == HOUR
        assert await session.get(Occupation, 1) is None
    assert (await room.fresh(row)).status is Status.FINISHED
    assert ("finish", {"by": "user", "left_minutes": 70}) in await room.events("booking")


async def test_leaving_early_frees_the_rest(room: Room, now: datetime) -> None:
    her, him = await room.user(), await room.user()
    row = await room.booked(her, now + 3 * HOUR)
    async with room.database.begin() as session:
        await visit.check_in(session, POLICY, await here(session, row), Source.SCAN, start(row))
        await visit.check_out(session, POLICY, await here(session, row), start(row) + HOUR)
    room.now = start(row) + HOUR - 3 * HOUR  # notice
    again = await room.booked(him, start(row) + HOUR, HOUR)
    assert again.status is Status.APPROVED


async def test_coming_late_is_noted_and_a_strike_where_policy_says_so(
    room: Room, now: datetime
) -> None:
    her = await room.user()
    harsh = changed(late_counts=True)
    for policy, strikes in ((POLICY, 0), (harsh, 1)):
        row = await room.booked(her, room.now + 3 * HOUR)
        at = start(row) + 20 * MINUTE
        async with room.database.begin() as session:
            used = await visit.check_in(session, policy, await here(session, row), Source.TYPED, at)
            assert used.late
            await visit.check_out(session, policy, await here(session, row), end(row))
            assert (await strike.of_person(session, policy, her, at)).count == strikes
        room.now = end(row)


async def test_leaving_early_is_a_strike_where_policy_says_so(room: Room, now: datetime) -> None:
    her = await room.user()
    harsh = changed(early_counts=True)
    for minutes, strikes in ((70, 0), (30, 1)):
        row = await room.booked(her, room.now + 3 * HOUR)
        async with room.database.begin() as session:
            await visit.check_in(session, harsh, await here(session, row), Source.SCAN, start(row))
            await visit.check_out(
                session, harsh, await here(session, row), start(row) + minutes * MINUTE
            )
            assert (await strike.of_person(session, harsh, her, end(row))).count == strikes
        room.now = end(row)


async def test_who_does_not_come_gets_a_strike(room: Room, now: datetime) -> None:
    her = await room.user()
    row = await room.booked(her, now + 3 * HOUR)
    late = POLICY.late_after.value
    assert await swept(room, start(row) + late - MINUTE) == 0
    assert await swept(room, start(row) + late) == 1
    assert (await room.fresh(row)).status is Status.NO_SHOW
    assert await room.events("strike") == [
        ("add", {"booking": row.number, "kind": "no_show", "count": 1})
    ]
    assert await swept(room, start(row) + late) == 0
    async with room.database.read() as session:
        assert await visit.about_now(session, POLICY, her, start(row) + late) == []
        mine = await visit.nearest(session, her, start(row) + late, room.instrument)
        assert isinstance(visit.why_not(mine, POLICY, room.instrument), visit.Missed)


async def test_a_short_period_is_missed_at_its_end(room: Room, now: datetime) -> None:
    row = await room.booked(await room.user(), now + 3 * HOUR, 20 * MINUTE)
    await swept(room, end(row))
    assert (await room.fresh(row)).status is Status.NO_SHOW


@pytest.mark.parametrize("when", ["before", "in", "outage"])
async def test_nobody_is_reproached_while_the_instrument_was_down(
    room: Room, now: datetime, when: str
) -> None:
    her = await room.user()
    row = await room.booked(her, now + 3 * HOUR)
    by = await room.by()
    at = start(row) - HOUR if when == "before" else start(row) + 10 * MINUTE
    async with room.database.begin() as session:
        if when == "outage":
            outage = bookings.Outage(
                instrument_id=room.instrument,
                starts_at=at,
                ends_at=at + MINUTE,
                reason="停电",
                by=room.keeper,
                made_at=at,
            )
            session.add(outage)
        else:
            await listing.pause(session, room.instrument, "停电", by, at)
            await listing.resume(session, room.instrument, by, start(row) + 20 * MINUTE)
    await swept(room, start(row) + HOUR)
    assert (await room.fresh(row)).status is Status.ABORTED
    assert await room.events("strike") == []
    assert [verb for verb, _ in await room.events("booking")][-1] == "excuse"


async def test_a_pause_that_was_over_before_excuses_nobody(room: Room, now: datetime) -> None:
    row = await room.booked(await room.user(), now + 3 * HOUR)
    by = await room.by()
    async with room.database.begin() as session:
        await listing.pause(session, room.instrument, "停电", by, now + MINUTE)
        await listing.resume(session, room.instrument, by, now + HOUR)
    await swept(room, end(row))
    assert (await room.fresh(row)).status is Status.NO_SHOW


async def test_a_forgotten_check_out_ends_with_the_period(room: Room, now: datetime) -> None:
    row = await room.booked(await room.user(), now + 3 * HOUR)
    async with room.database.begin() as session:
        await visit.check_in(session, POLICY, await here(session, row), Source.SCAN, start(row))
    over = end(row) + POLICY.check_out_late.value
    assert await swept(room, over - MINUTE) == 0
    assert await swept(room, over) == 1
    async with room.database.read() as session:
        used = await usage.of(session, row.id)
        assert used is not None
        assert (used.ends_at, used.forgotten) == (end(row), True)
    assert (await room.fresh(row)).status is Status.FINISHED


async def test_the_next_one_ends_a_use_whose_period_is_over(room: Room, now: datetime) -> None:
    her, him = await room.user(), await room.user()
    first = await room.booked(her, now + 3 * HOUR)
    second = await room.booked(him, end(first))
    async with room.database.begin() as session:
        await visit.check_in(session, POLICY, await here(session, first), Source.SCAN, start(first))
    early = end(first) - 5 * MINUTE
    async with room.database.begin() as session:
        why = await visit.hindrance(session, second, early)
        assert isinstance(why, InUse)
        assert why.until == end(first)
    async with room.database.begin() as session:
        await visit.check_in(session, POLICY, await here(session, second), Source.SCAN, end(first))
        used = await usage.of(session, first.id)
        assert used is not None
        assert (used.ends_at, used.forgotten) == (end(first), True)
    assert (await room.fresh(first)).status is Status.FINISHED


async def test_a_use_called_off_in_the_middle_ends_then(room: Room, now: datetime) -> None:
    row = await room.booked(await room.user(), now + 3 * HOUR)
    at = start(row) + HOUR
    async with room.database.begin() as session:
        await visit.check_in(session, POLICY, await here(session, row), Source.SCAN, start(row))
        await bookings.move(
            session, await here(session, row), "abort", frozenset({"keeper"}), room.keeper, at
        )
    await swept(room, at + MINUTE)
    async with room.database.read() as session:
        used = await usage.of(session, row.id)
        assert used is not None
        assert (used.ends_at, used.forgotten) == (at, False)


async def test_a_paused_instrument_takes_nobody_in(room: Room, now: datetime) -> None:
    row = await room.booked(await room.user(), now + 3 * HOUR)
    async with room.database.begin() as session:
        await listing.pause(session, room.instrument, "停电", await room.by(), start(row))
        at = start(row) + MINUTE
        assert isinstance(await visit.hindrance(session, row, at), visit.Down)


async def test_check_in_against_the_sweep(room: Room, now: datetime) -> None:
    """Either they are in, or they were missed; never both, never a strike against who is in."""
    for _ in range(6):
        her = await room.user()
        row = await room.booked(her, room.now + 3 * HOUR)
        at = start(row) + POLICY.late_after.value
        outcomes = await asyncio.gather(
            entered(room, row, at), swept(room, at), return_exceptions=True
        )
        status = (await room.fresh(row)).status
        assert status in (Status.IN_USE, Status.NO_SHOW)
        if status is Status.IN_USE:
            async with room.database.begin() as session:
                assert (await strike.of_person(session, POLICY, her, at)).count == 0
                await visit.check_out(session, POLICY, await here(session, row), end(row))
        else:
            assert isinstance(outcomes[0], NotNow | visit.NothingBooked)
        room.now = end(row)


async def test_two_who_check_in_at_once(room: Room, now: datetime) -> None:
    """One scans twice at the same moment: in once."""
    row = await room.booked(await room.user(), now + 3 * HOUR)
    outcomes = await asyncio.gather(
        *(entered(room, row, start(row)) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, int) for each in outcomes) == 1
    assert [verb for verb, _ in await room.events("booking")].count("start") == 1


async def test_the_database_keeps_two_off_one_instrument(room: Room, now: datetime) -> None:
    her, him = await room.user(), await room.user()
    first = await room.booked(her, now + 3 * HOUR)
    second = await room.booked(him, now + 6 * HOUR)
    async with room.database.begin() as session:
        await usage.begin(session, POLICY, first, Source.SCAN, start(first))
    with pytest.raises(InUse):
        async with room.database.begin() as session:
            await usage.begin(session, POLICY, second, Source.SCAN, start(first) + MINUTE)


async def here(session: AsyncSession, row: Booking) -> Booking:
    """A booking in a session of one's own."""
    return await session.get_one(Booking, row.id)


async def entered(room: Room, row: Booking, at: datetime) -> int:
    """Check in as a message does."""
    async with room.database.begin() as session:
        rows = await visit.about_now(session, POLICY, row.person_id, at)
        mine = [each for each in rows if each.status is Status.APPROVED]
        if not mine:
            raise visit.NothingBooked("YQ1")
        used: Usage = await visit.check_in(session, POLICY, mine[0], Source.SCAN, at)
        return used.id


async def swept(room: Room, at: datetime) -> int:
    async with room.database.begin() as session:
        return await visit.sweep(session, POLICY, at)


def changed(**rules: object) -> Policy:
    return replace(POLICY, **{key: Rule(value) for key, value in rules.items()})  # type: ignore[arg-type]


def test_the_grace_is_policys() -> None:
    assert POLICY.check_in_early.value == timedelta(minutes=15)
