"""The whole account with a language model behind it: asked when nobody knows, never in the way."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import Account
from bot.desk import Desk
from bot.kit.heard import Act, Heard
from tests.bot.stand_in import Server, serving
from tests.conversations.running import START, copied, settings

UNKNOWN = "政府抵钱那玩意儿还剩不"
KEYS = count(1)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


@pytest.fixture
async def desk(server: Server, filled: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    told = settings(copied(filled, tmp_path), 8080, "http://127.0.0.1:9", llm_url=server.url)
    async with Account.opened(told, lambda: START) as account:
        await account.follow()
        yield account.desk


async def says(desk: Desk, openid: str, words: str) -> str:
    answer = await desk.hear(Heard(f"k{next(KEYS)}", openid, START, Act.TEXT, words))
    return answer.text if answer else ""


async def test_it_is_asked_when_neither_tables_nor_search_know(server: Server, desk: Desk) -> None:
    server.says({"intent": "vouchers", "slots": {}})
    assert (await says(desk, "o1", UNKNOWN)).startswith("创新券发给企业")
    assert (await says(desk, "o1", UNKNOWN)).startswith("创新券发给企业")
    for words in ("扫描电镜", "我有多少券", "帮助", "YQ12"):
        await says(desk, "o1", words)
    assert len(server.asked) == 1


async def test_its_failure_changes_nothing(server: Server, desk: Desk) -> None:
    await says(desk, "o1", "你好")
    server.sends(b"", 500)
    text = await says(desk, "o1", UNKNOWN)
    assert text.startswith(f"没有找到「{UNKNOWN}」")
    assert len(server.asked) == 1


async def test_while_it_thinks_others_are_answered(server: Server, desk: Desk) -> None:
    for openid in ("o1", "o2"):
        await says(desk, openid, "你好")
    gate = asyncio.Event()

    async def slow(_request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return server.said({"intent": "vouchers"})

    server.answer = slow
    waiting = asyncio.create_task(says(desk, "o1", UNKNOWN))
    await server.reached.wait()
    began = time.monotonic()
    assert "138****1234" in await says(desk, "o2", "我的手机号改成13800001234")
    assert time.monotonic() - began < 1
    assert not waiting.done()
    gate.set()
    assert (await waiting).startswith("创新券发给企业")
