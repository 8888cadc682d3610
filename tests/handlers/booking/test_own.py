"""One's own bookings in chat: seen, cancelled and taken back, moved; nobody else's."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from store import booking
from store.booking import Booking, Status
from store.person import Role
from store.strike import Strike
from tests.handlers import asked
from tests.handlers.chat import Chat

USER = frozenset({"user"})


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper, and two who want it."""
    for openid in ("o1", "o2"):
        await chat.say(openid, "你好")
    await asked.follow(chat, "k", Role.KEEPER)
    return await asked.instrument(chat, service_modes=["self"], fee="200元/小时")


async def agree(chat: Chat, yy: str) -> None:
    assert "已同意" in await chat.say("k", f"同意 {yy}")


async def strikes(chat: Chat) -> int:
    async with chat.database.read() as session:
        counted = select(func.count()).select_from(Strike).where(Strike.lifted_at.is_(None))
        return await session.scalar(counted) or 0


async def test_the_list_says_what_can_be_done(chat: Chat, number: int) -> None:
    assert "您现在没有预约" in await chat.say("o1", "我的预约")
    first = await asked.ask(chat, "o1", number, 9, 11)
    second = await asked.ask(chat, "o1", number, 13, 15)
    await agree(chat, second)
    text = await chat.say("o1", "我的预约")
    assert f"1. {first}" in text
    assert "待答复 · 可改期、取消" in text
    assert "预约成功 · 可改期、取消" in text
    text = await chat.say("o1", "2")
    assert text.startswith(f"{second} 预约成功")
    assert "约 400 元" in text
    assert f"改期 {second}、取消预约 {second}" in text


async def test_checking_in_is_offered_at_its_time(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await agree(chat, yy)
    chat.now = asked.at(8.9)
    assert "可签到、改期、取消" in await chat.say("o1", "我的预约")


async def test_a_long_list_is_paged(chat: Chat, number: int) -> None:
    for hour in range(7):
        await asked.ask(chat, "o1", number, hour, hour + 1)
    text = await chat.say("o1", "我的预约")
    assert "5. YY5" in text
    assert "还有 2 个" in text
    text = await chat.say("o1", "下一页")
    assert "7. YY7" in text
    assert text.count("待答复") == 2


@pytest.mark.parametrize(
    "line", ["{n}", "取消预约 {n}", "确认取消 {n}", "撤销取消 {n}", "改期 {n}"]
)
async def test_somebody_elses_is_nobodys(chat: Chat, number: int, line: str) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    theirs = await chat.say("o2", line.format(n=yy))
    nobodys = await chat.say("o2", line.format(n="YY999"))
    assert theirs.replace(yy, "YY999") == nobodys
    assert (await asked.shown(chat, yy)).status is Status.REQUESTED


async def test_the_keeper_sees_it_as_keeper(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    assert "等您答复" in await chat.say("k", yy)


async def test_cancelled_at_once_while_free(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await agree(chat, yy)
    text = await chat.say("o1", f"取消预约 {yy}")
    assert text.startswith(f"已取消 {yy}")
    assert "2分钟内反悔" in text
    assert await strikes(chat) == 0
    text = await chat.say("o1", f"撤销取消 {yy}")
    assert "恢复了，还是「预约成功」" in text
    assert (await asked.shown(chat, yy)).status is Status.APPROVED
    assert "已有人约" in await chat.say("o2", f"预约 YQ{number} 11月24日9点到10点")


async def test_undone_too_late_or_when_the_time_is_gone(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await chat.say("o1", f"取消预约 {yy}")
    await asked.ask(chat, "o2", number, 10, 12)
    text = await chat.say("o1", f"撤销取消 {yy}")
    assert "恢复不了" in text
    assert "10:00–12:00 已有人约" in text
    other = await asked.ask(chat, "o1", number, 14, 15)
    await chat.say("o1", f"取消预约 {other}")
    chat.now += timedelta(minutes=3)
    assert "不能恢复了" in await chat.say("o1", f"撤销取消 {other}")
    assert "不能恢复了" not in await chat.say("o1", f"取消预约 {other}")
    async with chat.database.read() as session:
        standing = await session.scalars(select(Booking.status).order_by(Booking.id))
        assert list(standing) == [Status.CANCELLED, Status.REQUESTED, Status.CANCELLED]


async def test_consequences_come_first_when_late(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await agree(chat, yy)
    chat.now = asked.at(8) - timedelta(hours=12)
    text = await chat.say("o1", f"取消预约 {yy}")
    assert "现在取消算迟取消" in text
    assert "记满 3 次" in text
    assert (await asked.shown(chat, yy)).status is Status.APPROVED
    assert "预约成功" in await chat.say("o1", "2")
    await chat.say("o1", f"取消预约 {yy}")
    assert "这次算迟取消" in await chat.say("o1", "1")
    row = await asked.shown(chat, yy)
    assert (row.status, row.late) == (Status.CANCELLED, True)
    assert await strikes(chat) == 1
    await chat.say("o1", f"撤销取消 {yy}")
    row = await asked.shown(chat, yy)
    assert (row.status, row.late) == (Status.APPROVED, False)
    assert await strikes(chat) == 0


async def test_a_request_is_never_late(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    chat.now = asked.at(8)
    assert "已取消" in await chat.say("o1", f"取消预约 {yy}")
    assert await strikes(chat) == 0


async def test_which_one_is_chosen_from_a_list(chat: Chat, number: int) -> None:
    first = await asked.ask(chat, "o1", number, 9, 11)
    second = await asked.ask(chat, "o1", number, 13, 15)
    text = await chat.say("o1", "不去了")
    assert "取消哪一个" in text
    assert f"已取消 {second}" in await chat.say("o1", "2")
    assert f"已取消 {first}" in await chat.say("o1", "取消预约")  # the only one left
    assert "没有可以取消的" in await chat.say("o1", "取消预约")


async def test_what_is_over_can_not_be_cancelled(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await chat.say("o1", f"取消预约 {yy}")
    text = await chat.say("o1", f"取消预约 {yy}")
    assert "现在是「已取消」，不能取消了" in text
    assert "不能改期了" in await chat.say("o1", f"改期 {yy} 下周四9点到11点")


async def test_another_time_keeps_the_number(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await agree(chat, yy)
    text = await chat.say("o1", f"把{yy}改到下周四上午9点到12点")
    assert "原来：11月24日（周二）9:00–11:00" in text
    assert "改到：11月26日（周四）9:00–12:00" in text
    assert "约 600 元" in text
    assert "要机主重新答复" in text
    text = await chat.say("o1", "确认")
    assert f"单号还是 {yy}" in text
    assert await chat.say("o1", "确认") == text
    row = await asked.shown(chat, yy)
    assert (row.status, row.estimate_fen) == (Status.REQUESTED, 60_000)
    assert row.starts_at == asked.at(9, asked.TUESDAY + timedelta(days=2))
    assert "用途是什么" in await chat.say("o2", f"预约 YQ{number} 11月24日9点到11点")


async def test_its_own_time_does_not_stand_in_its_way(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await asked.ask(chat, "o2", number, 13, 14)
    text = await chat.say("o1", f"改期 {yy} 11月24日12点到14点")
    assert "13:00–14:00 已有人约" in text
    text = await chat.say("o1", "11月24日10点到12点")
    assert "请核对" in text
    assert "单号还是" in await chat.say("o1", "1")


async def test_moving_step_by_step(chat: Chat, number: int) -> None:
    first = await asked.ask(chat, "o1", number, 9, 11)
    await asked.ask(chat, "o1", number, 13, 15)
    assert "改哪一个" in await chat.say("o1", "改期")
    assert "改到什么时间" in await chat.say("o1", "1")
    assert "几点到几点" in await chat.say("o1", "下周三上午")
    assert "11月25日（周三）9:00–10:00" in await chat.say("o1", "9点到10点")
    assert f"单号还是 {first}" in await chat.say("o1", "1")


async def test_samples_have_no_time_to_move(chat: Chat, number: int) -> None:
    lab = await asked.instrument(chat, name="质谱仪", service_modes=["sample"])
    text = await chat.say("o1", f"送样 YQ{lab} 3个", "土壤", "污染调查", "确认")
    assert "单号 YY1" in text
    assert "没有约时间" in await chat.say("o1", "改期 YY1")
    assert "没有可以改期的" in await chat.say("o1", "改期")


async def test_moved_by_two_at_once(chat: Chat, number: int) -> None:
    """The keeper says yes while the user is looking at a summary: what was seen has changed."""
    yy = await asked.ask(chat, "o1", number, 9, 11)
    assert "请核对" in await chat.say("o1", f"改期 {yy} 下周四9点到11点")
    async with chat.database.begin() as session:
        row = await booking.present(session, int(yy[2:]))
        assert row is not None
        await booking.move(session, row, "cancel", USER, row.person_id, chat.now)
    text = await chat.say("o1", "确认")
    assert "请核对" not in text
    assert (await asked.shown(chat, yy)).status is Status.CANCELLED


async def test_past_ones_are_listed_apart(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    assert "还没有以前的" in await chat.say("o1", "历史预约")
    await chat.say("o1", f"取消预约 {yy}")
    assert f"1. {yy}" in await chat.say("o1", "历史预约")
    assert "您现在没有预约" in await chat.say("o1", "我的预约")


async def test_an_offer_is_shown_with_how_to_take_it(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await chat.say("k", f"改时间 {yy} 11月24日14点到16点")
    text = await chat.say("o1", yy)
    assert "等您同意" in text
    assert f"同意 {yy}" in text
    await chat.say("o1", f"同意 {yy}")
    row = await asked.shown(chat, yy)
    assert (row.status, row.starts_at) == (Status.APPROVED, asked.at(14))
