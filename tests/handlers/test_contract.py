"""Contracts in chat: both sides agree, others find nothing, files by one-time address."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from store import consequence
from store.booking import Cooperation
from store.event import Event
from store.person import Role
from tests.handlers import asked
from tests.handlers.chat import POLICY, Chat, address


async def nobody(session: AsyncSession, events: Sequence[Event]) -> None:
    """Tells nobody."""


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper, and two who write."""
    chat.database.tell = consequence.before(nobody, POLICY)
    for openid in ("o1", "o2"):
        await chat.say(openid, "你好")
    await asked.follow(chat, "k", Role.KEEPER)
    await chat.say("k", "姓名 赵管理")
    await chat.say("o1", "姓名 李强")
    return await asked.instrument(chat, fee="200元/小时", model="GLOBAL", rules="戴手套操作。")


async def booked(chat: Chat, number: int, **more: Any) -> str:
    yy = await asked.ask(chat, "o1", number, 9, 11, **more)
    assert "已同意" in await chat.say("k", f"同意 {yy}")
    return yy


async def test_both_sides_agree(chat: Chat, number: int) -> None:
    yy = await booked(chat, number)
    text = await chat.say("o1", "合同")
    assert "1. HT1 三坐标测量机" in text
    text = await chat.say("o1", "1")
    assert text.startswith("HT1 服务合同，等双方同意")
    assert f"预约 {yy}" in text
    assert len(text.splitlines()) <= 12
    pages = [await chat.say("o1", "下一页")]
    while "回复下一页" in pages[-1]:
        pages.append(await chat.say("o1", "下一页"))
    assert all(len(page.encode()) < 2000 for page in pages)
    assert "第七条" in pages[-1]
    await chat.say("o1", "下一页")
    assert "等对方同意后生效" in await chat.say("o1", "同意 HT1")
    text = await chat.say("k", "待办")
    assert "HT1" in text
    text = await chat.say("k", "同意 HT1")
    assert text.startswith("合同生效：HT1")
    await chat.say("k", "HT1")
    assert "已生效" in await chat.say("o1", "同意HT1")


@pytest.mark.parametrize(
    "line", ["{n}", "合同 {n}", "同意 {n}", "拒绝 {n} 不行", "合作 {n} 各半", "合同文件 {n}"]
)
async def test_somebody_elses_is_nobodys(chat: Chat, number: int, line: str) -> None:
    await booked(chat, number)
    await asked.follow(chat, "k2", Role.KEEPER, "介休机械有限公司")
    for openid in ("o2", "k2"):
        theirs = await chat.say(openid, line.format(n="HT1"))
        assert theirs.replace("HT1", "HT999") == await chat.say(openid, line.format(n="HT999"))
    assert "还没同意" in await chat.say("o1", "HT1")


async def test_joint_work(chat: Chat, number: int) -> None:
    await booked(chat, number, cooperation=Cooperation.JOINT)
    await chat.say("o1", "HT1")
    text = await chat.say("o1", "同意 HT1")
    assert "先约定成果归谁" in text
    await chat.say("o1", "合作 HT1")
    await chat.say("o1", "用户 60%，单位 40%")
    await chat.say("o1", "确认")
    await chat.say("o1", "同意 HT1")
    await chat.say("k", "合作 HT1 双方各半")
    await chat.say("k", "1")
    assert "还没同意" in await chat.say("o1", "HT1")
    await chat.say("o1", "同意 HT1")
    assert "合同生效" in await chat.say("k", "同意 HT1")
    await chat.say("k", "合作 HT1 全归单位")


async def test_declined(chat: Chat, number: int) -> None:
    await booked(chat, number)
    await chat.say("o1", "拒绝 HT1")
    await chat.say("o1", "赔偿上限要写清楚")
    await chat.say("k", "HT1")
    await chat.say("k", "同意 HT1")


async def test_a_name_is_asked_for(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o2", number, 13, 15)
    await chat.say("k", f"同意 {yy}")
    text = await chat.say("o2", "同意 HT1")
    assert "姓名" in text


async def test_the_files_have_an_address(chat: Chat, number: int) -> None:
    await booked(chat, number)
    text = await chat.say("o1", "合同文件 HT1")
    assert address(text)
    assert text.count("<https://") == 2


async def test_operating_rules_are_read_once(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"操作规范 YQ{number}")
    typed = text[text.index("已读规范") : text.index("」")]
    assert "已记下" in await chat.say("o1", typed)
    assert "您已确认过" in await chat.say("o1", f"操作规范 YQ{number}")
    assert "您已确认过" not in await chat.say("o2", f"操作规范 YQ{number}")
    assert "操作规范：" in await chat.say("o2", f"已读规范 YQ{number} ffffff")
