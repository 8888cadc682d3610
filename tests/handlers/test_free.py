"""When an instrument is free, being told when it is, and its picture."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot import pictures
from bot.kit.heard import Act, Heard
from bot.kit.say import Answer, Say
from handlers.free import meant
from store.database import Database
from store.instrument import announce
from store.outbox import Delivered, Delivery, Outgoing, Picture
from tests.handlers.chat import POLICY, Chat
from tests.store import booked
from tests.store.people import SECRET

OFFICE = "工作日 8:30-12:00，14:00-17:30"


@dataclass
class Told:
    """A sender that keeps what it is given."""

    sent: list[Outgoing]

    async def send(self, message: Outgoing) -> Delivery:
        self.sent.append(message)
        return Delivered()


@pytest.fixture
async def number(chat: Chat) -> int:
    return await added(chat)


async def added(
    chat: Chat, name: str = "三坐标测量机", hours: str | None = OFFICE, unit: str = "甲所"
) -> int:
    async with chat.database.begin() as session:
        row = await booked.instrument(session, chat.now, keeps=unit, name=name, open_hours=hours)
        await announce(session, [row], chat.now)
    await chat.catalogue.follow(chat.database)
    return row


async def test_a_week_a_line_a_day_with_a_picture(chat: Chat, number: int) -> None:
    said = await chat.say("a", f"空闲 YQ{number} 下周")
    lines = said.split("\n")
    assert lines[:3] == [
        f"三坐标测量机（YQ{number}）能约的时间：",
        "11月23日（周一）：8:30–12:00、14:00–17:30",
        "11月24日（周二）：8:30–12:00、14:00–17:30",
    ]
    assert f"预约 YQ{number} 11月23日（周一）8:30–10:30" in said
    assert "周六" not in said
    assert re.search(rf"<https://yixiang.example/w/YQ{number}-20261123-[0-9a-f]{{16}}\.png>", said)
    assert len(lines) <= 12


async def test_a_day_a_part_of_it_and_none(chat: Chat, number: int) -> None:
    assert "：8:30–12:00、14:00–17:30" in await chat.say("a", f"空闲 YQ{number} 下周二")
    said = await chat.say("a", f"空闲 YQ{number} 下周二下午")
    assert f"预约 YQ{number} 11月24日（周二）14:00–16:00" in said
    said = await chat.say("a", f"空闲 YQ{number} 周六")
    assert "11月21日（周六）没有能约的时间" in said
    assert OFFICE in said
    assert "太远了，现在只能约到" in await chat.say("a", f"空闲 YQ{number} 明年3月5日")


async def test_a_moment_that_is_free_and_one_that_is_not(chat: Chat, number: int) -> None:
    said = await chat.say("a", f"空闲 YQ{number} 下周二9点到11点")
    assert said.startswith(f"可以约：三坐标测量机（YQ{number}）\n11月24日（周二）9:00–11:00，2小时")
    said = await chat.say("a", f"空闲 YQ{number} 周六9点到11点")
    assert f"· 11月21日（周六）不开放（{OFFICE}）" in said
    assert "1. 11月20日（周五）15:30–17:30，2小时" in said
    assert "核对" in await chat.say("a", "1", "缸盖平面度")
    assert "由仪器的单位定" not in await chat.say("a", "取消")


async def test_why_after_a_refusal(chat: Chat, number: int) -> None:
    await chat.say("a", f"空闲 YQ{number} 周六9点到11点")
    assert "由仪器的单位定" in await chat.say("a", "为什么")
    await chat.say("a", f"空闲 YQ{number} 明年3月5日9点到11点")
    said = await chat.say("a", "为什么")
    assert "· 最多提前 60天约\n  文件没有规定，是平台的默认，单位可以另定" in said
    assert "没有要解释的" in await chat.say("b", "为什么")


async def test_what_is_not_said_is_said_so(chat: Chat) -> None:
    unread = await added(chat, "扫描电镜", "见单位网站")
    said = await chat.say("a", f"空闲 YQ{unread} 下周")
    assert "单位写的开放时间是「见单位网站」，下面按上班时间列，以机主确认为准。" in said
    unsaid = await added(chat, "离心机", None, "乙所")
    assert "单位没写开放时间" in await chat.say("a", f"空闲 YQ{unsaid} 下周")


async def test_the_instrument_that_was_spoken_of(chat: Chat, number: int) -> None:
    assert (await chat.say("a", "空闲")).startswith("查哪一台？")
    await chat.say("a", f"YQ{number}")
    assert f"（YQ{number}）能约的时间" in await chat.say("a", "空闲")
    assert "11月24日（周二）" in await chat.say("a", "下周二有空吗")
    assert f"（YQ{number}）能约的时间" in await chat.say("b", "空闲 三坐标")
    assert "没有 YQ999 这台仪器" in await chat.say("a", "空闲 YQ999")
    assert "没看懂" not in await chat.say("a", "空闲 乱七八糟")


async def test_those_of_a_list_that_are_free_then(chat: Chat, number: int) -> None:
    monday = await added(chat, "扫描电镜", "周一全天")
    daily = await added(chat, "扫描电镜", "每天8:00-22:00", "乙所")
    await chat.say("a", "扫描电镜")
    said = await chat.say("a", "明天下午有空的")
    assert f"YQ{daily}" in said
    assert f"YQ{monday}" not in said
    assert "有空的有 1 台（看了 2 台）" in said
    said = await chat.say("b", "下周一9点到11点有空的扫描电镜")
    assert "有空的有 2 台" in said
    assert "能约" in await chat.say("b", "1") or "可以约" in await chat.say("b", "1")
    assert f"YQ{number}" not in said


async def test_being_told_when_it_is_free(chat: Chat, number: int) -> None:
    saturday = f"有空提醒我 YQ{number} 下周六9点到11点"
    assert "这个时间不开放，等不到空档" in await chat.say("a", saturday)
    assert "可以约" in await chat.say("a", f"有空提醒我 YQ{number} 下周二9点到11点")
    line = f"预约 YQ{number} 下周二9点到11点"
    assert "YY" in await chat.say("b", line, "缸盖平面度", "确认")
    said = await chat.say("a", f"空闲 YQ{number} 下周二9点到11点")
    assert "已有人约" in said
    assert "记下了" in await chat.say("a", "有空提醒我")
    assert "前面还有 1 人在等" in await chat.say("c", f"有空提醒我 YQ{number} 下周二10点到11点")
    assert "不再提醒了（1 条）" in await chat.say("a", "不用提醒了")
    assert "没有在等的提醒" in await chat.say("a", "不用提醒了")
    assert "等哪台仪器" in await chat.say("d", "有空提醒我")


@pytest.fixture
def drawn(database: Database, now: datetime) -> tuple[pictures.Pictures, Told]:
    told = Told([])
    return pictures.Pictures(database, POLICY, SECRET, told, lambda: now), told


async def test_the_picture_goes_out_once_behind_its_reply(
    chat: Chat,
    number: int,
    drawn: tuple[pictures.Pictures, Told],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "BEHIND", 0)
    made, told = drawn
    hear = made.beside(chat.desk.hear)
    heard = Heard("k1", "a", chat.now, Act.TEXT, f"空闲 YQ{number} 下周")
    answer = await hear(heard)
    assert answer is not None
    await hear(replace(heard))
    await made.settled()
    (message,) = told.sent
    assert isinstance(message.body, Picture)
    image = Image.open(BytesIO(message.body.data))
    assert image.format == "PNG"
    assert image.width == 1080
    assert len(message.body.data) < 200_000
    assert await made.draw(message.body.name.replace("-2026", "-2027")) is None


async def test_an_answer_without_a_picture_sends_none(
    drawn: tuple[pictures.Pictures, Told], now: datetime
) -> None:
    made, told = drawn

    async def hear(heard: Heard) -> Answer:
        return Answer("x", Say("x"))

    await made.beside(hear)(Heard("k", "a", now, Act.TEXT, "x"))
    await made.settled()
    assert told.sent == []
    assert timedelta(hours=2) == meant.USUAL
