"""Samples and the record, as keeper and user speak of them."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from python_calamine import CalamineWorkbook

from bot.web.files import Files
from handlers import sample
from store import visit
from store.booking import Status
from store.context import Context
from store.file import Vault
from store.person import Role, take
from tests.handlers.chat import POLICY, Chat, address
from tests.store import samples
from tests.store.people import SECRET
from tests.store.visiting import HOUR, Room, end, start

Site = TestClient[web.Request, web.Application]


@pytest.fixture
async def room(chat: Chat) -> Room:
    room = await Room.open(chat.database, chat.now)
    await chat.catalogue.follow(chat.database)
    for openid in ("her", "him", "keeper"):
        await chat.say(openid, "你好")
    return room


@pytest.fixture
async def site(chat: Chat, tmp_path: Path) -> AsyncIterator[Site]:
    vault = Vault(tmp_path / "files")
    files = Files.of(chat.database, POLICY, SECRET, vault, lambda: chat.now)
    app = web.Application()
    app.add_subapp("/f", files.app())
    async with TestClient(TestServer(app)) as client:
        yield client


async def fetched(site: Site, path: str) -> bytes:
    async with site.post(path) as answer:
        assert answer.status == 200
        return await answer.read()


# Samples


async def test_from_receipt_to_delivery(chat: Chat, room: Room, site: Site) -> None:
    row = await room.sent(await chat.id("her"))
    n = row.number
    assert "样品收到（3 个）" in await chat.say("keeper", f"收样 YY{n}")
    assert "开始检测" in await chat.say("keeper", f"开始检测 YY{n}")
    assert "没有传到这里" in await chat.say("her", f"报告 YY{n}")
    text = await chat.say("keeper", f"报告好了 YY{n}")
    assert text.startswith(f"已记：YY{n} 报告好了")
    async with site.get(address(text)) as page:
        assert "上传检测报告" in await page.text()
    form = FormData()
    form.add_field("file", io.BytesIO(samples.jpeg()), filename="x.jpg", content_type="image/jpeg")
    async with site.post(address(text), data=form) as answer:
        assert answer.status == 200
    given = await chat.say("her", f"报告 YY{n}")
    assert await fetched(site, address(given)) == samples.jpeg()
    assert f"没有 YY{n}" in await chat.say("him", f"报告 YY{n}")
    assert "下载报告" in await chat.say("keeper", f"报告 YY{n}")
    assert "已交付" in await chat.say("keeper", f"交付 YY{n}")
    assert "办不了" in await chat.say("keeper", f"收样 YY{n}")


async def test_a_report_can_be_handed_up_again(chat: Chat, room: Room) -> None:
    row = await room.sent(await chat.id("her"))
    first = await chat.say("keeper", f"报告好了 YY{row.number}")
    assert address(first) != address(await chat.say("keeper", f"报告好了 YY{row.number}"))
    assert (await room.fresh(row)).status is Status.REPORTED


async def test_samples_that_lack(chat: Chat, room: Room) -> None:
    row = await room.sent(await chat.id("her"))
    n = row.number
    assert "样品怎么了" in await chat.say("keeper", f"样品不足 YY{n}")
    assert "请核对" in await chat.say("keeper", "只有 0.2 克，还要 1 克")
    assert "已告诉用户" in await chat.say("keeper", "确认")
    assert (await room.fresh(row)).status is Status.LACKING
    assert "样品收到" in await chat.say("keeper", f"收样 YY{n}")
    assert "已告诉用户" in await chat.say("keeper", f"样品丢失 YY{n} 快递破损")
    assert (await room.fresh(row)).reason == "快递破损"


async def test_others_move_no_samples(chat: Chat, room: Room) -> None:
    row = await room.sent(await chat.id("her"))
    assert "机主" in await chat.say("her", f"收样 YY{row.number}")
    await chat.say("other", f"绑定 {await chat.code(Role.KEEPER, '平遥酒厂')}")
    for line in ("收样", "报告好了", "样品不足"):
        assert f"没有 YY{row.number}" in await chat.say("other", f"{line} YY{row.number}")
    timed = await room.booked(await chat.id("her"), chat.now + 3 * HOUR)
    assert "没有样品" in await chat.say("keeper", f"收样 YY{timed.number}")


async def test_a_card_shows_how_samples_get_on(chat: Chat, room: Room) -> None:
    row = await room.sent(await chat.id("her"))
    timed = await room.booked(await chat.id("her"), chat.now + 3 * HOUR)
    await chat.say("keeper", f"开始检测 YY{row.number}")
    async with chat.database.read() as session:
        context: Any = type("Here", (), {"session": session})()
        here: Context = context
        told = await sample.progress(here, await room.fresh(row))
        assert told is not None
        assert set(told["args"]) == {"receive", "test", "next"}
        assert told["args"]["next"] == {"key": "sample.next.report"}
        assert await sample.progress(here, timed) is None


# By hand


async def test_a_missed_booking_is_written_down(chat: Chat, room: Room) -> None:
    row = await room.booked(await chat.id("her"), chat.now.replace(minute=0) + 3 * HOUR)
    chat.now = end(row) + HOUR
    async with chat.database.begin() as session:
        await visit.sweep(session, POLICY, chat.now)
    text = await chat.say("keeper", f"登记使用 YQ{room.instrument}")
    assert f"1. YY{row.number} · 11月20日（周五）13:00–15:00，2小时 · 记为爽约" in text
    assert "2. 临时来用，没有预约" in text
    assert "照预约的时间" in await chat.say("keeper", "1")
    assert "几个样品" in await chat.say("keeper", "1")
    assert "做了什么" in await chat.say("keeper", "0")
    assert f"预约：YY{row.number}" in await chat.say("keeper", "缸盖平面度")
    assert "已登记" in await chat.say("keeper", "确认")
    assert (await room.fresh(row)).status is Status.FINISHED
    assert "有效 0 次" in await chat.say("her", "爽约记录")


async def test_a_walk_in_in_few_words(chat: Chat, room: Room) -> None:
    text = await chat.say("keeper", f"登记使用 YQ{room.instrument} 昨天9点到11点")
    assert "哪个单位" in text
    assert "几个样品" in await chat.say("keeper", "平遥酒厂")
    await chat.say("keeper", "3")
    text = await chat.say("keeper", "酒瓶圆度")
    assert "11月19日（周四）9:00–11:00，2小时" in text
    assert "单位：平遥酒厂" in text
    assert "已登记" in await chat.say("keeper", "确认")


@pytest.mark.parametrize(
    ("said", "why"),
    [("明天9点到11点", "已经用完"), ("昨天下午", "几点到几点"), ("6月1日9点到11点", "90 天以内")],
)
async def test_periods_that_can_not_be_written_down(
    chat: Chat, room: Room, said: str, why: str
) -> None:
    await chat.say("keeper", f"登记使用 YQ{room.instrument}", "平遥酒厂")
    assert why in await chat.say("keeper", said)


async def test_a_day_of_this_year_that_is_over(chat: Chat, room: Room) -> None:
    await chat.say("keeper", f"登记使用 YQ{room.instrument}", "平遥酒厂")
    await chat.say("keeper", "10月8日14:00到16:30", "0")
    assert "10月8日（周四）14:00–16:30" in await chat.say("keeper", "平面度")


async def test_nobody_else_writes_it_down(chat: Chat, room: Room) -> None:
    assert "机主" in await chat.say("her", "登记使用")
    await chat.say("other", f"绑定 {await chat.code(Role.KEEPER, '平遥酒厂')}")
    line = f"登记使用 YQ{room.instrument}"
    assert f"没有 YQ{room.instrument} 这台仪器，或者不归您管" in await chat.say("other", line)
    assert "或者不归您管" in await chat.say("other", "登记使用", f"YQ{room.instrument}")
    assert "谁用的" in await chat.say("keeper", "登记使用", f"YQ{room.instrument}")


# For research, and as a table


async def test_the_record_for_its_keeper(chat: Chat, room: Room, site: Site) -> None:
    row = await room.booked(await chat.id("her"), chat.now.replace(minute=0) + 3 * HOUR)
    assert "用完以后再写" in await researched(chat, row.number)
    await chat.say("her", "取消")
    chat.now = start(row)
    await chat.say("her", "签到")
    chat.now += HOUR
    await chat.say("her", "签退")
    assert "已写进" in await researched(chat, row.number)
    chat.now += timedelta(minutes=1)
    text = await chat.say("keeper", "使用记录")
    assert "2026年1月1日到2026年12月31日" in text
    rows = read(await fetched(site, address(text)))
    assert rows["仪器名称"] == "三坐标测量机 GLOBAL"
    assert rows["课题经费来源"] == "省部级"
    assert rows["服务方式"] == "自主上机"
    assert rows["本次服务是否签订协议"] == "否"
    assert float(rows["实际服务时间（小时）"]) == 1
    assert "机主" in await chat.say("her", "使用记录")


async def researched(chat: Chat, number: int) -> str:
    await chat.say("her", f"课题 YY{number}", "高强铸铁缸盖变形机理", "2", "材料科学")
    return await chat.say("her", "确认")


def read(data: bytes) -> dict[str, Any]:
    """The only row of a table."""
    _, heads, row = (
        CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    )
    return dict(zip(map(str, heads), row, strict=True))


async def test_a_role_that_ended_opens_nothing(chat: Chat, room: Room, site: Site) -> None:
    text = await chat.say("keeper", "使用记录 YQ1")
    async with chat.database.begin() as session:
        await take(session, room.keeper, chat.now)
    data = await fetched(site, address(text))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 2


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("去年", "2025年1月1日到2025年12月31日"),
        ("10月", "2026年10月1日到2026年10月31日"),
        ("2025年12月", "2025年12月1日到2025年12月31日"),
        ("12月份", "2025年12月1日到2025年12月31日"),
        ("上个月", "2026年10月1日到2026年10月31日"),
        ("本月", "2026年11月1日到2026年11月30日"),
        ("2024年", "2024年1月1日到2024年12月31日"),
        ("13月", "没看懂"),
        ("随便", "没看懂"),
    ],
)
async def test_of_which_time(chat: Chat, room: Room, said: str, span: str) -> None:
    assert span in await chat.say("keeper", f"使用记录 {said}")
