"""What is asked between a booking's questions is answered, and leaves the booking alone."""

import pytest

from tests.handlers.asked import follow, instrument
from tests.handlers.chat import Chat


@pytest.fixture
async def two(chat: Chat) -> tuple[int, int]:
    """Two instruments, and somebody who wants one."""
    first = await instrument(chat, service_modes=["self"])
    second = await instrument(chat, service_modes=["self"], name="圆度仪")
    await follow(chat, "u")
    return first, second


async def test_another_instruments_time_is_no_answer(chat: Chat, two: tuple[int, int]) -> None:
    first, second = two
    await chat.say("u", f"预约 YQ{first}")
    text = await chat.say("u", f"空闲 YQ{second} 下周")
    assert text.startswith(f"圆度仪（YQ{second}）能约的时间")
    text = await chat.say("u", "11月24日9点到11点")
    assert f"（YQ{first}）" in text
    assert "用途是什么" in text


async def test_another_booking_is_another_booking(chat: Chat, two: tuple[int, int]) -> None:
    first, second = two
    await chat.say("u", f"预约 YQ{first}")
    text = await chat.say("u", f"预约 YQ{second} 11月24日9点到11点")
    assert f"（YQ{second}）" in text
    assert f"（YQ{first}）" not in text


@pytest.mark.parametrize("line", ["帮助", "创新券", "我的预约", "空闲 YQ1 下周"])
async def test_a_summary_comes_once(chat: Chat, two: tuple[int, int], line: str) -> None:
    await chat.say("u", f"预约 YQ{two[0]} 11月24日9点到11点 测缸盖")
    text = await chat.say("u", line)
    assert "请核对" not in text
    assert "「预约」还等您回复「确认」" in text
    assert len(text.splitlines()) <= 12
    assert "已提交" in await chat.say("u", "确认")
