"""Any words in any order at each of the account's own flows, on a real database."""

import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import app, topics
from bot.kit.flow import Flow
from bot.kit.state import Talk
from bot.kit.talk import begin, hear
from store.context import Context, Who
from store.database import Database
from store.person import Grant, Role
from store.policies import load
from store.search.index import Index
from tests.handlers.chat import Chat
from tests.store.people import SECRET

COPY = app.texts()
USUAL = [
    *(
        "返回",
        "继续",
        "修改",
        "修改1",
        "确认",
        "好的",
        "不用",
        "下一页",
        "1",
        "2",
        "第二个",
        "一年",
    ),
    *("张三", "13800001234", "zhang@example.com", "7K2MD-Q9XTR", "平遥仪器厂", "平遥", "同事"),
    *("", "\ud800", "[[确认]]", "<a href='x'>", "😀" * 4000, "9" * 3000, "2027年6月30日"),
]
LINES = st.lists(st.sampled_from(USUAL) | st.text(max_size=12), max_size=12)


@pytest.fixture
async def context(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> AsyncIterator[Context]:
    """Somebody who speaks for an organisation, and may only read."""
    chat = Chat(sqlite_database, tmp_path / "chat", now)
    await chat.say("o1", "姓名 张三", f"绑定 {await chat.code(Role.REPRESENTATIVE, '平遥仪器厂')}")
    catalogue = Index.open(tmp_path / "index")
    async with sqlite_database.read() as session:
        yield Context(
            person=Who(await chat.id("o1"), "o1", frozenset({Grant(Role.REPRESENTATIVE, 1)})),
            policy=load("jinzhong"),
            now=now,
            catalogue=catalogue,
            address="http://127.0.0.1",
            secret=SECRET,
            rng=random.Random(1),
            new_id=lambda: "id",
            open=lambda: session,
        )
    await catalogue.close()
    await chat.catalogue.close()


@pytest.mark.parametrize("flow", topics.FLOWS, ids=lambda flow: flow.name)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES)
@example(lines=["\ud800\x00", "\ud800平遥", "9" * 3000, "😀" * 4000])
async def test_nothing_raises_and_only_back_forgets(
    flow: type[Flow], context: Context, lines: list[str]
) -> None:
    turn = await begin(flow, {}, context)
    for line in lines:
        assert turn.say is None or COPY.compose(turn.say)
        if turn.talk is None:
            break
        before = Talk.from_json(turn.talk.to_json())
        turn = await hear(flow, before, line, context)
        kept = {given.step for given in turn.talk.answers} if turn.talk else set[str]()
        lost = {given.step for given in before.answers} - kept
        assert not lost or turn.talk is None or (line == "返回" and len(lost) == 1)
