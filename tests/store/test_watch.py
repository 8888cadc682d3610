"""Who waits for free time, and who is told when some frees, in which order."""

from datetime import datetime, timedelta

import pytest

from store import event, terms, watch
from store.database import Database
from store.event import Event
from store.listing import By
from store.opening import read
from store.terms import change
from store.watch import FreeNow, NeverOpen, TooManyWatches, Waiting, Watch
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin


@pytest.fixture
async def scene(database: Database) -> Scene:
    scene = await begin(database)
    async with database.begin() as session:
        by = By(scene.keeper.person_id, scene.keeper.grants)
        await change.set_hours(session, scene.instrument, "工作日 8:30-17:30", by, NOW)
    return scene.with_terms(opening=read("工作日 8:30-17:30"))


async def wait(scene: Scene, who: int, start: float, end: float, minutes: int = 60) -> int:
    async with scene.database.begin() as session:
        waiting = Waiting(who, scene.instrument, at(start), at(end), minutes)
        return (await watch.begin(session, waiting, POLICY, NOW)).id


async def freed(scene: Scene, now: datetime = NOW) -> list[int]:
    """Who is told after something may have freed time."""
    async with scene.database.begin() as session:
        await watch.look(session, scene.instrument, POLICY, now)
        return [each.id for each in event.pending(session)]


async def test_the_first_in_line_is_told_then_the_next(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    first = await wait(scene, scene.other, 9, 11)
    second = await wait(scene, scene.user, 9, 11)
    assert await freed(scene) == []
    await scene.move(row.number, "cancel", "user")
    assert await freed(scene) == [first]
    assert await freed(scene) == []
    later = NOW + POLICY.watch_turn.value
    async with scene.database.begin() as session:
        assert await watch.sweep(session, POLICY, later) == 1
        assert [each.id for each in event.pending(session)] == [second]
    async with scene.database.read() as session:
        assert (await session.get_one(Watch, first)).ended_at == later


async def test_whoever_wants_other_time_is_told_at_once(scene: Scene) -> None:
    row = await scene.ask(9, 12)
    first = await wait(scene, scene.other, 9, 10)
    other = await wait(scene, scene.user, 11, 12)
    await scene.move(row.number, "cancel", "user")
    assert await freed(scene) == [first, other]


async def test_a_move_that_frees_is_heeded(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    first = await wait(scene, scene.other, 9, 11)
    await scene.move(row.number, "cancel", "user")
    async with scene.database.begin() as session:
        told = Event("booking", row.id, "cancel", 2, NOW)
        await watch.heed(session, [told], POLICY)
        assert [(each.name, each.id) for each in event.pending(session)] == [("watch.free", first)]


async def test_hours_that_a_keeper_opens_are_heeded(scene: Scene) -> None:
    row = await scene.ask(9, 17)
    first = await wait(scene, scene.other, 8.5, 18, minutes=120)
    by = By(scene.keeper.person_id, scene.keeper.grants)
    async with scene.database.begin() as session:
        await change.set_hours(session, scene.instrument, "每天 7:00-22:00", by, NOW)
        event.pending(session)
        told = Event("terms", scene.instrument, "set", 2, NOW)
        await watch.heed(session, [told], POLICY)
        assert event.pending(session) == []  # 17 to 18 is one hour
        await change.set_term(session, scene.instrument, ("notice", 0), by, NOW)
    await scene.move(row.number, "cancel", "user")
    assert await freed(scene) == [first]


async def test_the_same_wish_again_is_the_same_watch(scene: Scene) -> None:
    await scene.ask(9, 11)
    assert await wait(scene, scene.user, 9, 11) == await wait(scene, scene.user, 9, 11)


async def test_what_is_free_or_never_open_is_not_waited_for(scene: Scene) -> None:
    with pytest.raises(FreeNow) as free:
        await wait(scene, scene.user, 9, 11)
    assert free.value.period.minutes >= 60
    with pytest.raises(NeverOpen):
        await wait(scene, scene.user, 20, 22)


async def test_one_waits_for_so_many(scene: Scene) -> None:
    await scene.ask(9, 17)
    for n in range(POLICY.watches.value):
        await wait(scene, scene.user, 9 + n, 10 + n)
    with pytest.raises(TooManyWatches):
        await wait(scene, scene.user, 15, 16)
    async with scene.database.begin() as session:
        assert await watch.end(session, scene.user, scene.instrument, NOW) == 5
        assert await watch.end(session, scene.user, None, NOW) == 0


async def test_a_watch_ends_with_its_time(scene: Scene) -> None:
    await scene.ask(9, 11)
    number = await wait(scene, scene.other, 9, 11)
    over = at(11) + timedelta(minutes=1)
    async with scene.database.begin() as session:
        assert await watch.sweep(session, POLICY, over) == 0
    async with scene.database.read() as session:
        assert (await session.get_one(Watch, number)).ended_at == over
        held = await terms.of(session, scene.instrument, POLICY)
        assert held.opening.known
