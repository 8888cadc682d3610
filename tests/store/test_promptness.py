"""Response times: reminded of once, escalated once, counted."""

from datetime import timedelta

import pytest

from store import event
from store.answering import agree
from store.booking import expire
from store.database import Database
from store.instrument import Instrument
from store.person import Grant, Role
from store.promptness import overdue, paces, sweep, total
from store.workdays import due
from tests.store.booking.scene import NOW, POLICY, Scene, begin

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BUREAU = frozenset({Grant(Role.BUREAU)})
FAR = 24 * 9
"""Hours after the Tuesday: a start long after every deadline."""


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await begin(database)


async def swept(scene: Scene, at: object) -> int:
    async with scene.database.begin() as session:
        return await sweep(session, POLICY, at)  # type: ignore[arg-type]


async def verbs(scene: Scene, number: int) -> list[str]:
    async with scene.database.read() as session:
        return [each.verb for each in await event.history(session, "booking", number)]


async def test_reminded_of_before_and_escalated_after_once(scene: Scene) -> None:
    scene = scene.with_terms(hold=POLICY.hold.value)
    row = await scene.ask(FAR, FAR + 2)
    assert row.answer_by is not None
    early = row.answer_by - POLICY.answer_reminder.value
    assert await swept(scene, early - MINUTE) == 0
    assert await swept(scene, early) == 1
    assert await swept(scene, row.answer_by) == 0
    late = due(NOW, POLICY.escalation.value)
    assert row.hold_until is not None
    assert row.answer_by < late < row.hold_until, "the bureau must have time to act"
    assert await swept(scene, late - MINUTE) == 0
    assert await swept(scene, late) == 1
    assert await swept(scene, late + HOUR) == 0
    assert await verbs(scene, row.id) == ["request", "remind", "escalate"]


async def test_what_was_answered_is_left_alone(scene: Scene) -> None:
    row = await scene.ask(FAR, FAR + 2)
    async with scene.database.begin() as session:
        await agree(session, row.number, scene.keeper, NOW)
    assert await swept(scene, NOW + timedelta(days=9)) == 0


async def test_a_request_at_the_last_moment(scene: Scene) -> None:
    """It begins in two hours: the reminder comes after half of them, not at once."""
    scene = scene.with_terms(notice=timedelta(0))
    start = (NOW + 2 * HOUR).hour - 96
    row = await scene.ask(start, start + 1)
    assert row.hold_until == NOW + 2 * HOUR
    assert await swept(scene, NOW) == 0
    assert await swept(scene, NOW + HOUR) == 1


async def test_counted_by_organisation(scene: Scene) -> None:
    first, second, third, back = [await scene.ask(FAR + n, FAR + n + 1) for n in range(4)]
    await scene.move(back.number, "cancel", "user")
    async with scene.database.begin() as session:
        await agree(session, first.number, scene.keeper, NOW + 3 * HOUR)
    assert second.answer_by is not None
    late = second.answer_by + HOUR
    async with scene.database.begin() as session:
        await agree(session, second.number, scene.keeper, late)
    async with scene.database.read() as session:
        (pace,) = await paces(session, BUREAU, POLICY, late)
        assert await overdue(session, BUREAU, late) == 1
        assert await overdue(session, frozenset({Grant(Role.BUREAU, county_id=99)}), late) == 0
        there = (await session.get_one(Instrument, scene.instrument)).organisation_id
        assert await paces(session, frozenset({Grant(Role.KEEPER, there)}), POLICY, late) == [pace]
        assert await paces(session, frozenset({Grant(Role.KEEPER, 99)}), POLICY, late) == []
    assert (pace.asked, pace.answered, pace.late, pace.overdue) == (3, 2, 1, 1)
    assert pace.usual == (3 * HOUR + (late - NOW)) / 2
    assert total([pace, pace]) == (6, 4, 2, 2)
    assert third.hold_until is not None
    async with scene.database.begin() as session:
        await expire(session, third.hold_until)
        (pace,) = await paces(session, BUREAU, POLICY, third.hold_until)
    assert (pace.asked, pace.answered, pace.late, pace.overdue) == (3, 2, 2, 0)


async def test_only_the_last_months_count(scene: Scene) -> None:
    await scene.ask(FAR, FAR + 1)
    async with scene.database.read() as session:
        assert await paces(session, BUREAU, POLICY, NOW + POLICY.answer_window.value) == []
