"""What a wish is answered: nothing is offered that cannot be had, nothing typed is changed."""

from datetime import timedelta

import pytest

from handlers.booking import reading
from store import availability, listing
from store.availability import Ask, Period, TooMuch
from store.listing import By
from store.person import Grant, Role
from store.terms import of
from tests.handlers.asked import ask, at, follow, instrument, shown
from tests.handlers.chat import POLICY, Chat


@pytest.fixture
async def number(chat: Chat) -> int:
    found = await instrument(chat, service_modes=["self"], fee="200元/小时")
    await follow(chat, "user")
    return found


@pytest.mark.parametrize("hours", [2, 24 * 365])
async def test_what_is_offered_instead_can_be_had(chat: Chat, number: int, hours: int) -> None:
    """Also by somebody who has had the most of a week, whatever the length."""
    await ask(chat, "user", number, 9, 33)
    await ask(chat, "user", number, 40, 55)
    wish = Period(at(10), at(10) + timedelta(hours=hours))
    async with chat.database.read() as session:
        terms = await of(session, number, POLICY)
        asked = Ask(number, await chat.id("user"), wish)
        assert any(
            isinstance(why, TooMuch)
            for why in await availability.reasons(session, asked, terms, chat.now)
        )
        near = await availability.nearest(session, asked, terms, chat.now)
        assert len(near) == 3
        for each in near:
            again = Ask(number, asked.person_id, each)
            assert await availability.reasons(session, again, terms, chat.now) == []


async def test_the_same_time_is_no_other_time(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "就是这个时间" in await chat.say("user", f"改期 {yy} 11月24日9点到11点")
    before = (await shown(chat, yy)).id
    await chat.say("user", "确认")
    assert (await shown(chat, yy)).id == before


async def test_a_withdrawn_instrument_leaves_the_time_in_peace(chat: Chat, number: int) -> None:
    await chat.say("user", f"预约 YQ{number} 11月24日9点到11点 测缸盖")
    async with chat.database.begin() as session:
        by = By(None, frozenset({Grant(Role.BUREAU)}))
        await listing.withdraw(session, number, "报废", by, chat.now)
    text = await chat.say("user", "确认")
    assert "已退出台账" in text
    assert "约不了" not in text
    assert "约哪一台" in text


@pytest.mark.parametrize(
    ("said", "count"), [("0个 土样", "0个"), ("-3个 土样", "-3个"), ("三个 土样", "三个")]
)
def test_a_count_is_heard_as_it_was_said(said: str, count: str) -> None:
    assert reading.line(said).samples == count.removesuffix("个")


@pytest.mark.parametrize("said", ["2个 水稻DNA", "2个 SiO2 粉末", "2个 用途：测cDNA"])
def test_letters_stay_as_they_were_typed(said: str) -> None:
    assert reading.line(said).thing in said


async def test_no_samples_and_fewer_are_refused(chat: Chat) -> None:
    found = await instrument(chat, service_modes=["sample"])
    await follow(chat, "user")
    for said in ("0个 土样", "-3个 土样"):
        text = await chat.say("user", f"送样 YQ{found} {said}")
        assert "送几个样品" in text or "1 到" in text, text
        await chat.say("user", "取消")


async def test_what_was_refused_is_what_one_waits_for(chat: Chat, number: int) -> None:
    await follow(chat, "other")
    await ask(chat, "other", number, 9, 11)
    refused = await chat.say("user", f"预约 YQ{number} 11月24日10点到12点 测叶片")
    assert "已有人约" in refused
    text = await chat.say("user", "有空提醒我")
    assert "11月24日（周二）10:00–12:00" in text
    assert "可以约" not in text


@pytest.mark.parametrize("purpose", ["测粉末", "测月饼水分", "测周期性疲劳"])
async def test_a_purpose_is_not_read_as_a_time(chat: Chat, number: int, purpose: str) -> None:
    text = await chat.say("user", f"预约 YQ{number} 11月24日9点到11点 {purpose}")
    assert text.startswith("请核对")
    assert "11月24日（周二）9:00–11:00" in text
    assert f"用途：{purpose}" in text


async def test_of_a_whole_day_no_night_is_the_example(chat: Chat, number: int) -> None:
    assert f"预约 YQ{number} 11月25日（周三）8:00–10:00" in await chat.say(
        "user", f"空闲 YQ{number} 11月25日"
    )
