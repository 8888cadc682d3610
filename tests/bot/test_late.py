"""Messages that outlive the process that heard them; on both databases."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.desk import Desk, House
from bot.kit.heard import Act, Heard
from bot.kit.say import Answer, Say
from bot.late import Late
from bot.metrics import Metrics
from store.database import Database
from store.outbox import Delivered, Delivery, Outgoing, Words
from store.policies import load
from store.search.index import Index
from store.unheard import LEASE, TRIES, Unheard
from tests.handlers.chat import listening
from tests.store.people import SECRET

HER = "oLate_her"


class World:
    """An account whose process can die, and what it sends."""

    def __init__(self, database: Database, index: Index, now: datetime) -> None:
        self.database, self.index, self.now = database, index, now
        self.sent: list[str] = []
        self.start()

    def start(self) -> None:
        """A process begins."""
        house = House(
            self.database,
            load("jinzhong"),
            self.index,
            "https://yixiang.example",
            SECRET,
            lambda: self.now,
            random.Random(1),
            lambda: "id",
        )
        heard = listening()
        self.desk = Desk(house, heard, heard.texts)
        self.late = Late(house, self.desk, self, heard.texts, Metrics())

    async def send(self, message: Outgoing) -> Delivery:
        """The platform takes everything."""
        assert isinstance(message.body, Words)
        self.sent.append(message.body.text)
        return Delivered()

    def heard(self, key: str, words: str) -> Heard:
        """A message of hers."""
        return Heard(key, HER, self.now, Act.TEXT, words, facts={"n": 1})

    async def recovered(self) -> list[str]:
        """What goes out once the leases have run out and the job looks."""
        self.now += LEASE + timedelta(seconds=1)
        await self.late.recover()
        return self.sent

    async def left(self) -> int:
        """Messages still kept."""
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(Unheard)) or 0


@pytest.fixture
async def world(database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[World]:
    index = Index.open(tmp_path / "index")
    yield World(database, index, now)
    await index.close()


async def test_a_message_that_a_process_died_over_is_heard(world: World) -> None:
    await world.late.keep(world.heard("m1", "帮助"))
    world.start()
    (text,) = await world.recovered()
    assert text.startswith((await said(world, "帮助")).text)
    assert await world.left() == 0
    assert len(await world.recovered()) == 1


async def said(world: World, words: str) -> Answer:
    answer = await world.desk.hear(world.heard(f"other{words}", words))
    assert answer is not None
    return answer


async def test_who_still_hears_it_keeps_it(world: World) -> None:
    await world.late.keep(world.heard("m1", "帮助"))
    await world.late.recover()
    assert world.sent == []
    await world.late.release(world.heard("m1", "帮助"))
    assert await world.recovered() == []


async def test_an_answer_that_was_made_is_the_one_that_goes_out(world: World) -> None:
    message = world.heard("m1", "投诉 没人开门")
    await world.late.keep(message)
    answer = await world.desk.hear(message)
    assert answer is not None
    world.now += timedelta(seconds=5)
    await said(world, "你好")
    world.start()
    assert await world.recovered() == [answer.text]
    assert "GD1" in answer.text
    assert "GD2" not in (await said(world, "我的工单")).text


async def test_who_has_gone_on_is_asked_to_write_again(world: World) -> None:
    await world.late.keep(world.heard("m1", "投诉 没人开门"))
    world.now += timedelta(seconds=5)
    await said(world, "你好")
    assert await world.recovered() == ["您写的「投诉 没人开门」刚才没有办成，请再发一次。"]
    assert "还没有登记过" in (await said(world, "我的工单")).text


async def test_two_processes_take_it_once(world: World) -> None:
    await world.late.keep(world.heard("m1", "帮助"))
    other = World(world.database, world.index, world.now + LEASE * 2)
    world.now += LEASE * 2
    await world.late.recover()
    await other.late.recover()
    assert len(world.sent + other.sent) == 1


async def test_nothing_is_kept_in_the_clear_and_nothing_tried_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.late.keep(world.heard("m1", "我叫张三丰"))
    async with world.database.read() as session:
        sealed = await session.scalar(select(Unheard.sealed))
        assert sealed is not None
        assert "张三丰".encode() not in sealed

    async def broken(_heard: Heard) -> Answer | None:
        raise OSError

    monkeypatch.setattr(world.desk, "hear", broken)
    for _ in range(TRIES):
        assert await world.recovered() == []
    assert await world.left() == 1
    assert await world.recovered() == []
    assert await world.left() == 0


def test_an_apology_has_its_words() -> None:
    assert "再发一次" in listening().texts.compose(Say("desk.unheard", {"words": "x"}))
