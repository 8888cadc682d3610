"""What was kept is shown once; what one does not want to hear is switched off."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.kit.facts import closed
from store.outbox import Outbox, Outcome, Plan, plan
from store.person import Person, Role
from tests.handlers.chat import Chat

HER = "her"


async def kept(chat: Chat, count: int, **more: object) -> None:
    """Notices that could not be sent to her."""
    whose = await chat.id(HER)
    async with chat.database.begin() as session:
        facts = closed({"number": 1, "instrument": "三坐标测量机", "yq": 12})
        one = Plan("x/1", 1, "booking.approved", "booking/1", whose, facts, chat.now)
        await plan(session, [replace(one, event=f"x/{n}", **more) for n in range(count)])  # type: ignore[arg-type]
        for row in await session.scalars(select(Outbox).where(Outbox.settled_at.is_(None))):
            row.outcome, row.settled_at = Outcome.KEPT, chat.now
        (await session.get_one(Person, whose)).waiting = count


async def test_kept_notices_are_told_of_once_and_shown_by_a_word(chat: Chat) -> None:
    await chat.say(HER, "你好")
    await kept(chat, 7)
    assert "您有 7 条未送达提醒，回复看提醒查看。" in await chat.say(HER, "帮助")
    assert "未送达" not in await chat.say(HER, "帮助")
    first = await chat.say(HER, "看提醒")
    assert first.count("预约成功（YY1）") == 5
    assert "还有 2 条，回复看提醒接着看。" in first
    second = await chat.say(HER, "看提醒")
    assert second.count("预约成功（YY1）") == 2
    assert "还有" not in second
    assert await chat.say(HER, "看提醒") == "没有未送达的提醒。"
    await kept(chat, 1, version=2)
    assert "您有 1 条未送达提醒" in await chat.say(HER, "帮助")


async def test_what_is_of_no_use_any_more_is_not_shown(chat: Chat) -> None:
    await chat.say(HER, "你好")
    await kept(chat, 2, until=chat.now + timedelta(seconds=2))
    chat.now += timedelta(hours=1)
    assert await chat.say(HER, "看提醒") == "没有未送达的提醒。"
    async with chat.database.read() as session:
        assert set(await session.scalars(select(Outbox.outcome))) == {Outcome.DROPPED}
        assert await session.scalar(select(Person.waiting)) is None


async def test_settings(chat: Chat) -> None:
    """Numbers switch; what must be told says so; keepers see theirs."""
    told = await chat.say(HER, "提醒设置")
    assert "2. 使用前提醒 · 开" in told
    assert "申请的答复 · 必收" in told
    assert "机主" not in told
    assert "2. 使用前提醒 · 关" in await chat.say(HER, "2")
    assert "使用前提醒 · 关" in await chat.say(HER, "提醒设置")
    assert "使用前提醒 · 开" in await chat.say(HER, "2")
    code = await chat.code(Role.KEEPER, "晋中精密铸造有限公司")
    await chat.say(HER, f"绑定 {code}", "1")
    assert "预约的动静（机主） · 开" in await chat.say(HER, "提醒设置")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("关闭提醒 2", "这一项关不了"),
        ("关闭提醒 99", "没有第 99 项"),
        ("关闭提醒 1", "没有第 1 项"),
    ],
)
async def test_what_cannot_be_switched(chat: Chat, typed: str, said: str) -> None:
    assert said in await chat.say(HER, typed)
