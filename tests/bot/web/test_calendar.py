"""The calendar feeds, as programs fetch them."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import icalendar
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.calendar import Calendars
from store import booking, person
from store.database import Database
from store.listing import By
from store.person import Grant, Role
from tests.handlers import asked
from tests.handlers.chat import POLICY, Chat
from tests.store.people import SECRET

Client: TypeAlias = "TestClient[web.Request, web.Application]"
ADDRESS = re.compile(r"https://yixiang\.example(/c/\S+\.ics)")
NAME = "欧阳植名"


@pytest.fixture
async def chat(database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[Chat]:
    chat = Chat(database, tmp_path, now)
    await chat.catalogue.follow(database)
    yield chat
    await chat.catalogue.close()


@pytest.fixture
async def client(chat: Chat) -> AsyncIterator[Client]:
    calendars = Calendars(
        chat.database, POLICY, SECRET, "https://yixiang.example", lambda: chat.now
    )
    app = web.Application()
    app.add_subapp("/c", calendars.app())
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def number(chat: Chat) -> int:
    for openid in ("o1", "o2"):
        await chat.say(openid, "你好")
    await chat.say("o1", f"姓名 {NAME}")
    await asked.follow(chat, "k", Role.KEEPER)
    return await asked.instrument(
        chat, service_modes=["self"], model="GLOBAL, Advantage; 7", address="晋中市太谷区科创路18号"
    )


async def address(chat: Chat, openid: str, line: str = "日历订阅") -> str:
    found = ADDRESS.search(await chat.say(openid, line))
    assert found
    return found[1]


async def events(client: Client, path: str) -> list[Any]:
    answer = await client.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    body = await answer.read()
    well_formed(body)
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def well_formed(body: bytes) -> None:
    """What Apple, Google and Outlook insist upon (RFC 5545)."""
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    text = body.decode()
    assert NAME not in text
    assert "缸盖平面度" not in text
    calendar: Any = icalendar.Calendar.from_ical(body)
    assert not calendar.errors
    assert calendar["version"] == "2.0"
    assert calendar["method"] == "PUBLISH"
    assert "prodid" in calendar
    uids = []
    for event in calendar.walk("VEVENT"):
        assert not event.errors
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS"} <= set(event)
        for name in ("DTSTAMP", "DTSTART", "DTEND"):
            assert event[name].dt.utcoffset() == timedelta(0)
        assert event["DTSTART"].dt < event["DTEND"].dt
        uids.append(event["UID"])
    assert len(set(uids)) == len(uids)


async def test_ones_own_bookings(chat: Chat, client: Client, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await asked.ask(chat, "o2", number, 13, 14)
    path = await address(chat, "o1")
    (event,) = await events(client, path)
    assert event["SUMMARY"] == "三坐标测量机 GLOBAL, Advantage; 7 · 待答复"
    assert event["STATUS"] == "TENTATIVE"
    assert event["LOCATION"] == "晋中市太谷区科创路18号"
    assert event["DTSTART"].dt == asked.at(9)
    assert event["DTEND"].dt == asked.at(11)
    assert event["UID"] == f"{yy.lower()}@yixiang.example"
    await chat.say("k", f"同意 {yy}")
    (agreed,) = await events(client, path)
    assert agreed["STATUS"] == "CONFIRMED"
    assert agreed["UID"] == event["UID"]
    assert agreed["SEQUENCE"] > event["SEQUENCE"]


async def test_another_time_is_the_same_event_anew(chat: Chat, client: Client, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    path = await address(chat, "o1")
    (before,) = await events(client, path)
    await chat.say("o1", f"改期 {yy} 下周四9点到12点", "确认")
    (after,) = await events(client, path)
    assert (after["UID"], after["DTSTART"].dt) == (before["UID"], asked.at(48 + 9))
    assert after["SEQUENCE"] > before["SEQUENCE"]
    await chat.say("o1", f"取消预约 {yy}")
    assert await events(client, path) == []


async def test_an_instruments_bookings_for_its_keeper(
    chat: Chat, client: Client, number: int
) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    by = By(await chat.id("k"), frozenset({Grant(Role.BUREAU)}))
    async with chat.database.begin() as session:
        span = asked.at(13), asked.at(17)
        await booking.begin_outage(session, number, *span, "保养", by, chat.now)
    path = await address(chat, "k", f"日历订阅 YQ{number}")
    first, second = await events(client, path)
    assert first["SUMMARY"] == f"{yy} 待答复"
    assert second["SUMMARY"] == "停用：保养"
    async with chat.database.begin() as session:
        await person.take(session, await chat.id("k"), chat.now)
    assert (await client.get(path)).status == 404


async def test_nobody_else_gets_an_instruments(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"日历订阅 YQ{number}")
    assert not ADDRESS.search(text)


async def test_the_address_stays_until_it_is_taken_back(
    chat: Chat, client: Client, number: int
) -> None:
    path = await address(chat, "o1")
    assert await address(chat, "o1") == path
    assert await address(chat, "o2") != path
    chat.now += timedelta(days=300)
    assert (await client.get(path)).status == 200
    await chat.say("o1", "停用日历")
    assert (await client.get(path)).status == 404
    assert await address(chat, "o1") != path


async def test_it_ends_at_last_and_a_new_one_comes_before(
    chat: Chat, client: Client, number: int
) -> None:
    path = await address(chat, "o1")
    chat.now += timedelta(days=500)
    assert await address(chat, "o1") != path
    chat.now += timedelta(days=300)
    assert (await client.get(path)).status == 410


async def test_what_is_known_is_not_sent_again(chat: Chat, client: Client, number: int) -> None:
    path = await address(chat, "o1")
    tag = (await client.get(path)).headers["ETag"]
    assert (await client.get(path, headers={"If-None-Match": tag})).status == 304
    await asked.ask(chat, "o1", number, 9, 11)
    assert (await client.get(path, headers={"If-None-Match": tag})).status == 200


@pytest.mark.parametrize("spoil", ["/c/x.ics", "/c/{}a.ics", "/c/..ics"])
async def test_no_other_address_opens(chat: Chat, client: Client, number: int, spoil: str) -> None:
    token = (await address(chat, "o1")).removeprefix("/c/").removesuffix(".ics")
    assert (await client.get(spoil.format(token[:-1]))).status == 404


async def test_it_goes_with_its_person(chat: Chat, client: Client, number: int) -> None:
    path = await address(chat, "o1")
    await chat.say("o1", "注销", "确认")
    assert (await client.get(path)).status == 404


async def test_other_addresses_are_no_calendars(chat: Chat, client: Client, number: int) -> None:
    text = await chat.say("o1", "导出我的数据")
    token = re.search(r"/f/([^>]+)>", text)
    assert token
    assert (await client.get(f"/c/{token[1]}.ics")).status == 404
