"""Answers that take longer than the platform waits: brought by a message, or kept for `继续`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import app, topics
from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from bot.sandbox.platform_account import Kind
from bot.wechat.hearing import Limits
from bot.wechat.webhook import Door
from handlers import search
from store.context import Context
from tests.conversations.running import Running, copied, running

HER = "oLate_her_000000000000000001"
PATIENCE = 0.3
"""Seconds that the door waits here, instead of 4.5."""
router = Router("late_test")


@router.words("慢慢找 {words}")
async def slow(context: Context, heard: Heard, words: str) -> Say:
    """A list that takes its time."""
    del heard
    await asyncio.sleep(2 * PATIENCE)
    return search.answer(context, words)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door with little patience before handlers with a slow one among them."""
    assert Door.__init__.__kwdefaults__ is not None
    monkeypatch.setitem(Door.__init__.__kwdefaults__, "limits", Limits(patience=PATIENCE))
    monkeypatch.setattr(app, "ROUTERS", (*topics.ROUTERS, router))


@asynccontextmanager
async def account(filled: Path, folder: Path, kind: Kind) -> AsyncIterator[Running]:
    """An account of this kind, followed by her."""
    async with running(copied(filled, folder / "var"), kind=kind) as town:
        await town.push(FromUserName=HER, MsgType="event", Event="subscribe", EventKey="")
        yield town


def slowly(words: str, number: int) -> dict[str, Any]:
    """A message that is slow to answer."""
    content = f"慢慢找 {words}"
    return {"FromUserName": HER, "MsgType": "text", "Content": content, "MsgId": number}


async def brought(town: Running) -> list[str]:
    """What her phone was shown unasked."""
    await asyncio.sleep(3 * PATIENCE)
    await town.platform.settle()
    return [message["text"]["content"] for _, message in town.pushed]


async def test_a_late_answer_is_brought(filled: Path, tmp_path: Path) -> None:
    async with account(filled, tmp_path, Kind.SERVICE) as town:
        assert await town.push(**slowly("三坐标", 1)) is None
        (told,) = await brought(town)
        assert "1. 三坐标测量机 GLOBAL Advantage（YQ53）" in told
        assert "昔阳" in await town.say(HER, "1")
        assert await town.push(**slowly("三坐标", 1)) is None
        assert await brought(town) == [told]


async def test_who_may_not_bring_keeps_it(filled: Path, tmp_path: Path) -> None:
    async with account(filled, tmp_path, Kind.UNVERIFIED) as town:
        for number, words in enumerate(("三坐标", "原子荧光"), start=1):
            assert await town.push(**slowly(words, number)) is None
            assert await brought(town) == []
        await town.restart()
        told = await town.say(HER, "继续")
        assert "GLOBAL Advantage（YQ53）" in told
        assert "AFS-9700（YQ112）" in told
        assert "现在没有正在办的事" in await town.say(HER, "继续")


async def test_others_are_answered_meanwhile(filled: Path, tmp_path: Path) -> None:
    async with account(filled, tmp_path, Kind.SERVICE) as town:
        late = asyncio.create_task(town.push(**slowly("三坐标", 1)))
        await asyncio.sleep(PATIENCE / 3)
        assert "回复序号看详情" in await town.say("oLate_him", "电镜")
        assert not late.done()
        assert await late is None


async def test_stopping_waits_for_what_is_being_answered(filled: Path, tmp_path: Path) -> None:
    async with account(filled, tmp_path, Kind.SERVICE) as town:
        assert await town.push(**slowly("三坐标", 1)) is None
        await town.stop()
        assert len(await brought(town)) == 1
