"""Who is told of a request that waits too long, and of a booking that was called off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import topics
from notifications.notice import Planner, load
from store import answering, closing, promptness
from store.database import Database
from store.outbox import Outbox, Outcome
from store.person import Grant, Role
from store.workdays import due
from tests.store import people
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin
from tests.store.people import SECRET

FAR = 24 * 9


@pytest.fixture
async def scene(database: Database) -> Scene:
    found = await begin(database)
    database.tell = Planner(topics.TOPICS, load(), POLICY, SECRET).tell
    return found


async def planned(scene: Scene, kind: str) -> Sequence[Outbox]:
    async with scene.database.read() as session:
        query = select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id)
        return (await session.scalars(query)).all()


async def swept(scene: Scene, now: datetime) -> None:
    async with scene.database.begin() as session:
        await promptness.sweep(session, POLICY, now)


async def do(scene: Scene, verb: Any, *args: Any) -> Any:
    async with scene.database.begin() as session:
        return await verb(session, *args)


async def test_the_keeper_is_reminded_once_and_no_more_when_answered(scene: Scene) -> None:
    row = await scene.ask(FAR, FAR + 2)
    assert row.answer_by is not None
    soon = row.answer_by - timedelta(hours=1)
    for now in (soon, soon + timedelta(minutes=5)):
        await swept(scene, now)
    (told,) = await planned(scene, "answering.soon")
    assert (told.person_id, told.event) == (scene.keeper.person_id, f"booking.remind/{row.id}")
    await do(scene, answering.agree, row.number, scene.keeper, soon + timedelta(minutes=6))
    (told,) = await planned(scene, "answering.soon")
    assert told.outcome is Outcome.WITHDRAWN


async def test_the_bureau_over_it_hears_what_is_late(scene: Scene) -> None:
    async with scene.database.begin() as session:
        bureau = await people.person(session, NOW, Grant(Role.BUREAU))
        await people.person(session, NOW, Grant(Role.BUREAU, county_id=99))
    scene = scene.with_terms(hold=POLICY.hold.value)
    await scene.ask(FAR, FAR + 2)
    await swept(scene, due(NOW, POLICY.escalation.value))
    assert [row.person_id for row in await planned(scene, "answering.late")] == [bureau]


async def test_an_outage_is_told_once_it_can_be_no_slip(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    period = (at(8), at(12))
    await do(scene, closing.close, scene.instrument, period, "年度校准", scene.keeper, NOW)
    (told,) = await planned(scene, "booking.aborted")
    assert (told.person_id, told.planned_at) == (scene.user, NOW + POLICY.undo.value)
    assert "年度校准" not in str(told.facts)
    assert "near1" in told.facts
    await do(scene, closing.undo, scene.instrument, scene.keeper, POLICY, NOW)
    (told,) = await planned(scene, "booking.aborted")
    assert told.outcome is Outcome.WITHDRAWN
    assert (await scene.shown(row.number)).status == "requested"


async def test_what_was_agreed_is_reminded_of_again(scene: Scene) -> None:
    row = await scene.ask(FAR, FAR + 2)
    await do(scene, answering.agree, row.number, scene.keeper, NOW)
    await do(scene, closing.close, scene.instrument, None, "年度校准", scene.keeper, NOW)
    withdrawn = {row.outcome for row in await planned(scene, "booking.day_before")}
    assert withdrawn == {Outcome.WITHDRAWN}
    later = NOW + timedelta(minutes=1)
    await do(scene, closing.undo, scene.instrument, scene.keeper, POLICY, later)
    assert None in {row.outcome for row in await planned(scene, "booking.day_before")}
    assert len(await planned(scene, "booking.approved")) == 1, "nobody was told of the slip"


async def test_one_called_off_is_told_at_once(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    await do(scene, answering.call_off, row.number, "主机坏了", scene.keeper, NOW)
    (told,) = await planned(scene, "booking.aborted")
    assert told.planned_at == NOW
    was = (at(9).timestamp(), at(11).timestamp())
    near = [told.facts[name] for name in ("near1", "near2", "near3") if name in told.facts]
    assert near
    assert all(each["to"] <= was[0] or each["from"] >= was[1] for each in near)
