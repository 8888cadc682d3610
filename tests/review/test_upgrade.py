"""What another version of the account left in the rows."""

from typing import Any

import pytest
from sqlalchemy import update

from store.conversation import Conversation
from tests.handlers.chat import Chat
from tests.handlers.conftest import chat as chat  # noqa: PLC0414 - the fixture


@pytest.mark.parametrize(
    "talk",
    [
        {
            "flow": "person.gone",
            "touched": "2026-11-20T02:00:00+00:00",
            "answers": [],
            "version": 0,
            "tries": 0,
            "changing": None,
            "offered": None,
            "seen": "",
        },
        {"flow": "person.name"},
    ],
)
async def test_a_talk_of_another_version_locks_nobody_out(chat: Chat, talk: dict[str, Any]) -> None:
    await chat.say("o1", "你好")
    async with chat.database.begin() as session:
        await session.execute(update(Conversation).values(state={"talk": talk, "left": talk}))
    assert "编号" not in await chat.say("o1", "帮助")
    assert "编号" not in await chat.say("o1", "继续")
