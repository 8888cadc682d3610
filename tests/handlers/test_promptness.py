"""How fast requests are answered, in words for the bureau and for the units themselves."""

from datetime import timedelta

import pytest

from store.person import Role
from tests.handlers.asked import UNIT, ask, follow, instrument
from tests.handlers.chat import Chat

FAR = 24 * 9


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper, the bureau, and somebody who asks."""
    found = await instrument(chat)
    await follow(chat, "keeper", Role.KEEPER)
    await follow(chat, "bureau", Role.BUREAU)
    await follow(chat, "user")
    return found


async def test_nothing_was_asked(chat: Chat, number: int) -> None:
    assert "没有要答复的" in await chat.say("bureau", "答复情况")


async def test_who_answers_how_fast(chat: Chat, number: int) -> None:
    first = await ask(chat, "user", number, FAR, FAR + 1)
    await ask(chat, "user", number, FAR + 1, FAR + 2)
    chat.now += timedelta(hours=3)
    await chat.say("keeper", f"同意 {first}")
    told = await chat.say("bureau", "答复情况")
    assert told.startswith("近 90 天 2 件申请，答复了 1 件。")
    assert "依据市科函〔2023〕5号第（九）条" in told
    assert "2 个工作日" in told
    assert f"1. {UNIT}：2 件 · 一般 3小时" in told
    assert "超期" not in told
    chat.now += timedelta(days=5)
    told = await chat.say("bureau", "答复情况")
    assert "现在还有 1 件过了期限没答复" in told
    assert "待答复已超期 1 件" in told
    assert "1 件预约申请超期没有答复" in await chat.say("bureau", "待办")
    assert await chat.say("keeper", "答复情况") == told
    await follow(chat, "other", Role.KEEPER, "平遥煤化工公司")
    assert "没有要答复的" in await chat.say("other", "答复情况")
    assert "还不能用" in await chat.say("user", "答复情况")
    assert "张" not in told
    assert "YY" not in told


async def test_days_are_told_as_days(chat: Chat, number: int) -> None:
    first = await ask(chat, "user", number, FAR, FAR + 1)
    chat.now += timedelta(days=3, hours=2)
    await chat.say("keeper", f"同意 {first}")
    assert f"{UNIT}：1 件 · 一般 3天" in await chat.say("bureau", "答复情况")
