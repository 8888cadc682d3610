"""A keeper sets when and how an instrument is booked, and takes it back."""

import pytest

from handlers import terms_values as values
from store.opening import read
from store.person import Role
from store.terms.change import GRIDS, GridUnfit, TermOut
from tests.handlers.chat import Chat
from tests.handlers.test_free import OFFICE, added

UNIT = "甲所"


@pytest.fixture
async def number(chat: Chat) -> int:
    row = await added(chat)
    await chat.say("k", f"绑定 {await chat.code(Role.KEEPER, UNIT)}")
    return row


async def test_hours_are_read_back_and_can_be_taken_back(chat: Chat, number: int) -> None:
    said = await chat.say("k", f"预约设置 YQ{number}", "1", "周一至周五 9:00-17:00，周六上午")
    assert "读作：周一、周二、周三、周四、周五 9:00–17:00、周六 8:30–12:00" in said
    assert f"撤销设置 YQ{number}" in await chat.say("k", "确认")
    assert "周六上午" in await chat.say("a", f"YQ{number}")
    assert "已撤销" in await chat.say("k", f"撤销设置 YQ{number}")
    assert OFFICE in await chat.say("a", f"YQ{number}")
    assert "没有刚改的设置" in await chat.say("k", f"撤销设置 YQ{number}")


async def test_one_line_sets_a_term(chat: Chat, number: int) -> None:
    await chat.say("k", f"预约设置 YQ{number} 提前 3天", "确认")
    await chat.say("k", f"预约设置 YQ{number} 要不要确认 不用", "确认")
    said = await chat.say("a", f"规则 YQ{number}")
    assert "至少提前 3天" in said
    assert "不用等确认" in said
    await chat.say("a", f"空闲 YQ{number} 明天9点到10点")
    await chat.say("k", f"撤销设置 YQ{number}")
    assert "由机主确认" in await chat.say("a", f"规则 YQ{number}")
    said = await chat.say("a", f"空闲 YQ{number} 周六9点到11点")
    assert "最早能约 11月23日" in said
    assert "这台仪器的单位定的" in await chat.say("a", "为什么")


async def test_days_that_are_not_as_usual(chat: Chat, number: int) -> None:
    await chat.say("k", f"预约设置 YQ{number} 特殊日子 11月28日 9:00-12:00", "确认")
    assert "9:00–12:00" in await chat.say("a", f"空闲 YQ{number} 11月28日")
    line = f"预约设置 YQ{number} 特殊日子 11月30日到12月2日 放假"
    assert "11月30日（周一）–12月2日（周三） 不开放" in await chat.say("k", line)
    await chat.say("k", "确认")
    said = await chat.say("a", f"空闲 YQ{number} 12月1日9点到11点")
    assert "12月1日（周二）不按平时开放：放假" in said


async def test_what_cannot_be_is_said(chat: Chat, number: int) -> None:
    said = await chat.say("k", f"预约设置 YQ{number} 开放时间 看情况")
    assert "没有读到开放时间" in said
    await chat.say("k", "取消")
    assert "一格只能是" in await chat.say("k", f"预约设置 YQ{number} 一格 7")
    await chat.say("k", "取消")
    assert "机主、单位代表用" in await chat.say("a", f"预约设置 YQ{number}")
    await chat.say("o", f"绑定 {await chat.code(Role.KEEPER, '乙所')}")
    assert "不归您管" in await chat.say("o", f"预约设置 YQ{number} 提前 3天")


@pytest.mark.parametrize(
    ("term", "said", "value"),
    [
        ("notice", "3天", 4320),
        ("notice", "半天", 720),
        ("notice", "两个小时", 120),
        ("notice", "1天半", 2160),
        ("notice", "1.5小时", 90),
        ("notice", "不限", 0),
        ("notice", "默认", None),
        ("longest", "最长4小时", 240),
        ("horizon", "一个月", 43200),
        ("grid", "30分钟", 30),
        ("grid", "不限", 0),
        ("per_week", "3次", 3),
        ("per_week", "最多五次", 5),
        ("approval", "不用确认", False),
        ("approval", "要", True),
        ("after", "十五分钟", 15),
    ],
)
def test_values(term: str, said: str, value: int | bool | None) -> None:
    assert values.value(term, said) == value


def test_values_out_of_reason() -> None:
    with pytest.raises(TermOut):
        values.value("longest", "100天")
    with pytest.raises(GridUnfit):
        values.value("grid", "7")
    assert all(1440 % grid == 0 for grid in GRIDS if grid)
    assert read("周六上午").known
