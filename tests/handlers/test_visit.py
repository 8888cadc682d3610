"""Scanning, checking in and out, strikes and their lifting, as people hear of it."""

from datetime import timedelta

import pytest

from bot.kit.heard import Act
from store import visit
from store.booking import Booking, Status
from store.person import Role
from tests.handlers.chat import POLICY, Chat
from tests.store.visiting import HOUR, MINUTE, Room, end, start


@pytest.fixture
async def room(chat: Chat) -> Room:
    """An instrument with a keeper who writes, too."""
    room = await Room.open(chat.database, chat.now)
    await chat.catalogue.follow(chat.database)
    for openid in ("her", "him", "keeper"):
        await chat.say(openid, "你好")
    return room


async def booked(chat: Chat, room: Room, who: str = "her", hours: int = 3) -> Booking:
    room.now = chat.now
    return await room.booked(await chat.id(who), chat.now.replace(minute=0) + hours * HOUR)


async def test_a_scan_shows_the_card_and_nothing_more_out_of_ones_period(
    chat: Chat, room: Room
) -> None:
    await booked(chat, room, hours=30)
    text = await chat.do("her", Act.SCAN, f"YQ{room.instrument}")
    assert text.startswith("三坐标测量机 GLOBAL")
    assert "签到" not in text


async def test_scans_check_in_and_out(chat: Chat, room: Room) -> None:
    row = await booked(chat, room)
    scene = f"YQ{room.instrument}"
    early = await chat.do("her", Act.SCAN, scene)
    assert "还没到时间" in early
    assert "三坐标测量机" in early
    chat.now = start(row) - 5 * MINUTE
    text = await chat.do("her", Act.SCAN, scene)
    assert text.startswith("已签到：三坐标测量机 GLOBAL（YQ1），您约到 15:00。")
    assert "看仪器介绍，回复YQ1" in text
    again = await chat.do("her", Act.SCAN, scene)
    assert again.startswith("您 12:55 已经签到")
    chat.now = start(row) + HOUR
    text = await chat.do("her", Act.SCAN, scene)
    assert text.startswith("已签退：三坐标测量机 GLOBAL（YQ1），12:55–14:00，用了 1小时5分钟。")
    assert "剩下的 59分钟已经放出来" in text
    assert "签" not in await chat.do("her", Act.SCAN, scene)


async def test_others_scan_without_consequence(chat: Chat, room: Room) -> None:
    row = await booked(chat, room)
    chat.now = start(row)
    text = await chat.do("him", Act.SCAN, f"YQ{room.instrument}")
    assert "签到" not in text
    assert (await room.fresh(row)).status is Status.APPROVED


async def test_bare_words_where_only_one_can_be_meant(chat: Chat, room: Room) -> None:
    assert "没有可以签到的预约" in await chat.say("her", "签到")
    row = await booked(chat, room)
    assert "12:45 起可以签到" in await chat.say("her", "签到")
    chat.now = start(row) + 20 * MINUTE
    text = await chat.say("her", "签到")
    assert "已签到" in text
    assert "晚到 20分钟" in text
    assert "已经签到" in await chat.say("her", "签到")
    chat.now = end(row) + 5 * MINUTE
    text = await chat.say("her", "签退")
    assert "已签退" in text
    assert "剩下" not in text
    assert "没有在用" in await chat.say("her", "签退")


async def test_several_are_listed(chat: Chat, room: Room) -> None:
    first = await booked(chat, room)
    other = await Room.open(chat.database, chat.now, "扫描电镜", "other")
    await booked(chat, other)
    chat.now = start(first)
    text = await chat.say("her", "签到")
    assert "到的是哪一台" in text
    assert "已签到" in await chat.say("her", "1")
    assert "已签到" in await chat.say("her", "签到")


async def test_what_can_not_be_checked_in_to(chat: Chat, room: Room) -> None:
    assert "没有约 YQ1" in await chat.say("her", "签到 YQ1")
    assert "没有 YQ99" in await chat.say("her", "签到 YQ99")
    assert "没有 YY99" in await chat.say("her", "签到 YY99")
    room.now = chat.now
    row = await room.booked(await chat.id("her"), chat.now + 3 * HOUR, approved=False)
    assert "还在等答复" in await chat.say("her", "签到")
    assert f"没有 YY{row.number}" in await chat.say("him", f"签到 YY{row.number}")


async def test_whoever_is_still_there_is_waited_for(chat: Chat, room: Room) -> None:
    row = await booked(chat, room)
    room.now = chat.now
    await room.booked(await chat.id("him"), end(row))
    chat.now = start(row)
    await chat.say("her", "签到")
    chat.now = end(row) - 5 * MINUTE
    text = await chat.do("him", Act.SCAN, "YQ1")
    assert "上一位还在用，约到 11月20日（周五）15:00" in text
    chat.now = end(row) + MINUTE
    assert "已签到" in await chat.do("him", Act.SCAN, "YQ1")


async def test_strikes_are_shown_and_lifted_with_a_reason(chat: Chat, room: Room) -> None:
    assert "没有爽约记录" in await chat.say("her", "爽约记录")
    row = await booked(chat, room)
    chat.now = start(row) + HOUR
    async with chat.database.begin() as session:
        await visit.sweep(session, POLICY, chat.now)
    assert f"YY{row.number} · 11月20日（周五） · 约了没来" in await chat.say("her", "爽约记录")
    assert "已记为未到" in await chat.say("her", "签到 YQ1")
    assert "约了没来" in await chat.say("keeper", "爽约记录 YQ1")
    assert "机主、单位代表" in await chat.say("him", f"撤销爽约 YY{row.number} 停电")
    assert "为什么撤销" in await chat.say("keeper", f"撤销爽约 YY{row.number}")
    assert "请核对" in await chat.say("keeper", "当天机房停电")
    assert "已撤销" in await chat.say("keeper", "确认")
    assert "没有可以撤销" in await chat.say("keeper", f"撤销爽约 YY{row.number} 再撤一次")
    text = await chat.say("her", "爽约记录")
    assert "有效 0 次" in text
    assert "已撤销" in text


async def test_another_units_keeper_lifts_nothing(chat: Chat, room: Room) -> None:
    row = await booked(chat, room)
    chat.now = start(row) + HOUR
    async with chat.database.begin() as session:
        await visit.sweep(session, POLICY, chat.now)
    await chat.say("other", f"绑定 {await chat.code(Role.KEEPER, '平遥酒厂')}")
    text = await chat.say("other", f"撤销爽约 YY{row.number} 停电")
    assert text.startswith(f"YY{row.number} 没有可以撤销的爽约")
    assert "约了没来" not in await chat.say("other", "爽约记录 YQ1")


async def test_following_again_by_an_instruments_code_checks_in(chat: Chat, room: Room) -> None:
    row = await booked(chat, room)
    chat.now = start(row)
    text = await chat.do("her", Act.FOLLOW, "YQ1")
    assert "已签到" in text
    assert timedelta() < end(row) - chat.now
