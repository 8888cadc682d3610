"""What is told of bookings is whole where something is missing, and says what happened."""

import pytest
from sqlalchemy import select

from bot import topics
from bot.kit.facts import in_words, opened
from bot.kit.say import Say
from notifications.notice import Planner, load
from store import answering, booking, closing, promptness
from store.database import Database
from store.outbox import Outbox
from store.terms import of
from tests.notifications.telling import copy
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin
from tests.store.people import SECRET


@pytest.fixture
async def scene(database: Database) -> Scene:
    found = await begin(database)
    database.tell = Planner(topics.TOPICS, load(), POLICY, SECRET).tell
    return found


async def told(scene: Scene, kind: str) -> list[str]:
    """The words of all notices of a kind, in order."""
    async with scene.database.read() as session:
        query = select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id)
        rows = (await session.scalars(query)).all()
    return [copy().compose(Say(f"notice.{kind}", in_words(opened(row.facts)))) for row in rows]


async def test_an_outage_without_an_end_offers_no_times(scene: Scene) -> None:
    await scene.ask(9, 11)
    async with scene.database.begin() as session:
        await closing.close(session, scene.instrument, None, "主轴坏了", scene.keeper, NOW)
    (text,) = await told(scene, "booking.aborted")
    assert "最近能约" not in text
    assert "点一个" not in text
    assert "有空提醒我" in text


async def test_another_time_is_no_new_request(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    async with scene.database.begin() as session:
        here = await session.get_one(booking.Booking, row.id)
        await booking.reschedule(
            session,
            here,
            at(13),
            at(15),
            by="user",
            hats=frozenset({"user"}),
            actor_id=scene.user,
            terms=await of(session, scene.instrument, POLICY),
            policy=POLICY,
            now=NOW,
        )
    first, *_, last = await told(scene, "booking.asked")
    assert first.startswith("新的预约申请")
    assert last.startswith(f"YY{row.number} 用户改了时间，等您重新答复：")


async def test_the_keeper_hears_by_when_to_answer_and_when_it_lapses(scene: Scene) -> None:
    row = await scene.ask(24 * 9, 24 * 9 + 2)
    assert row.answer_by is not None
    assert row.hold_until is not None
    (text, *_) = await told(scene, "booking.asked")
    assert answering.last_moment(row) == row.answer_by < row.hold_until
    assert "前答复。\n到 " in text


async def test_after_a_pause_of_the_clock_nobody_is_told_of_what_is_over(scene: Scene) -> None:
    await scene.ask(24 * 9, 24 * 9 + 2)
    async with scene.database.begin() as session:
        await promptness.sweep(session, POLICY, at(24 * 9 + 1))
    assert await told(scene, "answering.late") == []
    assert await told(scene, "answering.soon") == []
    assert len(await told(scene, "booking.expired")) == 1
