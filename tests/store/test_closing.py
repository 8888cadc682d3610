"""Taking an instrument out of use: who is hit, that it is done whole, and taken back whole."""

from datetime import timedelta
from typing import Any

import pytest

from store import closing
from store.booking import OutageThere, Status
from store.closing import Closed, NoSuchOutage, NotClosed, TooLateToReopen, Undone
from store.database import Database
from store.instrument import Instrument
from store.instrument import Status as Listed
from store.lifecycle import NotNow
from store.listing import By, NoSuchInstrument, ReasonMissing
from store.person import Grant, Role
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin

S = Status
LATER = NOW + timedelta(minutes=1)
STRANGERS = (frozenset[Grant](), frozenset({Grant(Role.KEEPER, 99)}))


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await begin(database)


async def do(scene: Scene, verb: Any, *args: Any) -> Any:
    async with scene.database.begin() as session:
        return await verb(session, *args)


async def close(scene: Scene, span: tuple[float, float] | None, reason: str = "年度校准") -> Closed:
    period = span and (at(span[0]), at(span[1]))
    done = await do(scene, closing.close, scene.instrument, period, reason, scene.keeper, NOW)
    assert isinstance(done, Closed)
    return done


async def undo(scene: Scene, now: Any = LATER) -> Undone:
    done = await do(scene, closing.undo, scene.instrument, scene.keeper, POLICY, now)
    assert isinstance(done, Undone)
    return done


async def listed(scene: Scene) -> Listed:
    async with scene.database.read() as session:
        return (await session.get_one(Instrument, scene.instrument)).status


async def three(scene: Scene) -> tuple[int, int, int]:
    """Asked for, agreed, and agreed much later."""
    asked, agreed = await scene.ask(9, 10), await scene.ask(10, 11, person_id=scene.other)
    far = await scene.ask(60, 61)
    for row in (agreed, far):
        await scene.move(row.number, "approve", "keeper")
    return asked.number, agreed.number, far.number


async def test_a_stretch_calls_off_what_falls_into_it(scene: Scene) -> None:
    asked, agreed, far = await three(scene)
    async with scene.database.read() as session:
        span = (at(9.5), at(12))
        found = await closing.hit(session, scene.instrument, span, NOW)
    assert [row.number for row in found] == [asked, agreed]
    done = await close(scene, (9.5, 12))
    assert {row.number for row in done.called_off} == {asked, agreed}
    assert {row.reason for row in done.called_off} == {"年度校准"}
    assert (await scene.shown(far)).status is S.APPROVED
    assert await listed(scene) is Listed.LISTED
    assert await scene.taken() == [(9.5, 12), (60, 61)]


async def test_until_further_notice_calls_off_all_to_come(scene: Scene) -> None:
    numbers = await three(scene)
    done = await close(scene, None)
    assert {row.number for row in done.called_off} == set(numbers)
    assert await listed(scene) is Listed.PAUSED
    assert await scene.taken() == []


async def test_taken_back_at_once_all_stands_as_before(scene: Scene) -> None:
    numbers = await three(scene)
    taken = await scene.taken()
    for span in ((9, 12), None):
        before = [(await scene.shown(number)).status for number in numbers]
        hit = [row.number for row in (await close(scene, span)).called_off]
        done = await undo(scene)
        assert sorted(row.number for row in done.restored) == sorted(hit)
        assert done.lost == []
        assert [(await scene.shown(number)).status for number in numbers] == before
        assert await scene.taken() == taken
        assert await listed(scene) is Listed.LISTED


async def test_too_late_to_take_it_back(scene: Scene) -> None:
    await three(scene)
    await close(scene, (9, 12))
    with pytest.raises(TooLateToReopen) as refused:
        await undo(scene, NOW + POLICY.undo.value)
    assert refused.value.minutes == 2
    await do(scene, closing.reopen, scene.instrument, scene.keeper, LATER)
    with pytest.raises(TooLateToReopen):
        await undo(scene)
    assert await scene.taken() == [(60, 61)]


async def test_what_somebody_else_has_by_now_is_lost(scene: Scene) -> None:
    asked, agreed, _ = await three(scene)
    await close(scene, (9, 10))
    await do(scene, closing.undo, scene.instrument, scene.keeper, POLICY, LATER)
    await scene.move(asked, "cancel", "user")
    await close(scene, (9, 12))
    assert [row.number for row in (await undo(scene)).restored] == [agreed]
    assert (await scene.shown(asked)).status is S.CANCELLED


async def test_back_into_use(scene: Scene) -> None:
    verb, args = closing.reopen, (scene.instrument, scene.keeper)
    with pytest.raises(NotClosed):
        await do(scene, verb, *args, NOW)
    await close(scene, (9, 12))
    assert (await do(scene, verb, *args, NOW)).ended is not None
    await close(scene, (9, 12))
    await close(scene, (33, 36))
    assert len((await do(scene, verb, *args, NOW)).choose) == 2
    assert (await do(scene, verb, *args, at(10))).ended is not None
    async with scene.database.read() as session:
        (left,) = await closing.outages(session, scene.instrument, at(10))
        assert await closing.closed(session, scene.keeper.grants, at(10))
        assert not await closing.closed(session, STRANGERS[1], at(10))
    await do(scene, closing.end, left.id, scene.keeper, at(10))
    with pytest.raises(NotNow):
        await do(scene, closing.end, left.id, scene.keeper, at(10))
    await close(scene, None)
    assert (await do(scene, verb, *args, LATER)).resumed
    assert await listed(scene) is Listed.LISTED


async def test_not_twice(scene: Scene) -> None:
    await close(scene, (9, 12))
    with pytest.raises(OutageThere):
        await close(scene, (11, 13))
    await close(scene, None)
    with pytest.raises(NotNow):
        await close(scene, None)
    await do(scene, closing.reopen, scene.instrument, scene.keeper, NOW)
    with pytest.raises(ReasonMissing):
        await close(scene, None, " ")


async def test_only_who_keeps_it(scene: Scene) -> None:
    await close(scene, (9, 12))
    async with scene.database.read() as session:
        (outage,) = await closing.outages(session, scene.instrument, NOW)
    for grants in STRANGERS:
        by = By(scene.other, grants)
        for verb, args in (
            (closing.close, (scene.instrument, None, "保养", by, NOW)),
            (closing.close, (scene.instrument, (at(20), at(21)), "保养", by, NOW)),
            (closing.close, (999, None, "保养", by, NOW)),
            (closing.reopen, (scene.instrument, by, NOW)),
            (closing.undo, (scene.instrument, by, POLICY, NOW)),
        ):
            with pytest.raises(NoSuchInstrument):
                await do(scene, verb, *args)
        for number in (outage.id, 999):
            with pytest.raises(NoSuchOutage):
                await do(scene, closing.end, number, by, NOW)
        async with scene.database.read() as session:
            assert await closing.theirs(session, grants) == []
    async with scene.database.read() as session:
        for words in ("", "三坐标", f"YQ{scene.instrument}", str(scene.instrument)):
            (found,) = await closing.theirs(session, scene.keeper.grants, words)
            assert found.id == scene.instrument
