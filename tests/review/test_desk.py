"""What a desk must survive: other versions, other replicas, the end of who wrote."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select

from bot.kit.heard import Act, Heard
from store.conversation import Conversation, Repeat
from store.database import Database
from store.person import Person
from store.script import run_on_postgresql
from tests.handlers.chat import Chat, address


@pytest.fixture
async def chats(database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[list[Chat]]:
    """Four replicas of the account on one database."""
    chats = [Chat(database, tmp_path / str(n), now) for n in range(4)]
    for chat in chats:
        await chat.catalogue.follow(database)
    yield chats
    for chat in chats:
        await chat.catalogue.close()


def heard(chat: Chat, key: str, words: str, openid: str = "o1") -> Heard:
    return Heard(key, openid, chat.now, Act.TEXT, words)


async def test_messages_at_many_replicas_at_once_are_all_answered(chats: list[Chat]) -> None:
    await chats[0].say("o1", "你好")
    answers = await asyncio.gather(
        *(chats[n % 4].desk.hear(heard(chats[0], f"k{n}", "帮助")) for n in range(64))
    )
    assert {answer and answer.text for answer in answers} == {await chats[0].say("o1", "帮助")}


async def test_a_farewell_said_again_makes_nobody_anew(chats: list[Chat]) -> None:
    she, other = chats[:2]
    await she.say("o1", "你好", "注销")
    first = await she.desk.hear(heard(she, "bye", "确认"))
    again = await other.desk.hear(heard(she, "bye", "确认"))
    assert first is not None
    assert again is not None
    assert again.text == first.text
    async with she.database.read() as session:
        known = select(func.count()).select_from(Person).where(Person.openid == "o1")
        assert await session.scalar(known) == 0


async def test_who_leaves_after_a_farewell_is_not_made_anew(chats: list[Chat]) -> None:
    await chats[0].say("o1", "你好", "注销", "确认")
    for who in ("o1", "o2"):
        left = Heard(f"{who} leaves", who, chats[0].now, Act.LEAVE)
        assert await chats[1].desk.hear(left) is None
    async with chats[0].database.read() as session:
        known = select(func.count()).select_from(Person).where(Person.openid.is_not(None))
        assert await session.scalar(known) == 0


async def test_an_address_is_not_kept_in_the_clear_and_repeated_alike(chats: list[Chat]) -> None:
    await chats[0].say("o1", "你好")
    first, again = [
        await chat.desk.hear(heard(chats[0], "mine", "导出我的数据")) for chat in chats[:2]
    ]
    assert first is not None
    assert again is not None
    assert again.text == first.text
    token = address(first.text).removeprefix("/f/")
    async with chats[0].database.read() as session:
        kept = str((await session.execute(select(Repeat.said))).all())
        kept += str((await session.execute(select(Conversation.state))).all())
    assert token not in kept
    assert token.rpartition(".")[2] not in kept


async def test_a_database_that_starts_again_is_waited_for(
    chats: list[Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    she, lost = chats[0], iter([ConnectionRefusedError, asyncpg.CannotConnectNowError])
    await she.say("o1", "你好")

    async def away(*told: Any, **more: Any) -> Any:
        if (error := next(lost, None)) is not None:
            raise error("away")
        return await run_on_postgresql(*told, **more)

    monkeypatch.setattr("store.database.run_on_postgresql", away)
    monkeypatch.setattr("bot.desk.AWAY", 0.01)
    assert "编号" not in await she.say("o1", "帮助")
