"""From an event to a phone, through the whole account and the platform's stand-in."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.jobs import Clockwork
from bot.kit.facts import closed
from bot.sandbox import templates
from bot.telling import Telling
from store import delivery
from store.outbox import Outbox, Outcome, Plan, plan
from store.person import Person
from store.reach import Credit
from tests.conversations.running import Running, running

HER = "oHer0000000000000000000000001"


@pytest.fixture
async def town(sqlite_url: str) -> AsyncIterator[Running]:
    """An account with the demonstration's templates, and somebody who wrote to it."""
    async with running(sqlite_url, templates=templates.FILE) as town:
        templates.add(town.platform)
        await town.say(HER, "你好")
        yield town


async def planned(town: Running, kind: str, **more: Any) -> None:
    async with town.account.database.begin() as session:
        who = (await session.scalars(select(Person.id).where(Person.openid == HER))).one()
        at = town.clock()
        facts = {
            "number": 208,
            "instrument": "电感耦合等离子体质谱仪（带激光剥蚀进样系统）",
            "yq": 12,
        }
        facts["period"] = (at + timedelta(hours=24), at + timedelta(hours=26))
        one = Plan(f"x/{kind}", 1, kind, "booking/208", who, closed(facts), at, **more)
        await plan(session, [one])


async def told(town: Running) -> list[dict[str, Any]]:
    """Tell what is due; what the phone was shown."""
    town.pushed.clear()
    await town.account.telling.deliverer.drain()
    await town.platform.settle()
    await town.account.telling.close()
    return [message for openid, message in town.pushed if openid == HER]


async def row(town: Running) -> tuple[Outbox, delivery.Delivery]:
    async with town.account.database.read() as session:
        last = (await session.scalars(select(Outbox).order_by(Outbox.id.desc()))).first()
        log = (
            await session.scalars(select(delivery.Delivery).order_by(delivery.Delivery.id.desc()))
        ).first()
        assert last is not None
        assert log is not None
        return last, log


async def test_a_template_message_arrives_and_is_closed(town: Running) -> None:
    await planned(town, "booking.approved")
    (shown,) = await told(town)
    assert shown["msgtype"] == "template"
    values = [field["value"] for field in shown["fields"]]
    assert values == [
        "电感耦合等离子体质谱仪",
        "2026年11月21日 10:00~12:00",
        "YY208",
        "无",
    ]
    last, log = await row(town)
    assert (last.outcome, last.channel) == (Outcome.DELIVERED, "template")
    assert (log.result, log.closed) == ("sent", "success")


async def test_a_subscription_first_while_they_owe_one(town: Running) -> None:
    town.platform.accept(HER, "demo-booking-once")
    await town.platform.settle()
    await town.account.telling.close()
    await planned(town, "booking.approved")
    (shown,) = await told(town)
    assert shown["msgtype"] == "subscription"
    _, log = await row(town)
    assert log.closed == "0 success"
    async with town.account.database.read() as session:
        assert await session.scalar(select(Credit.owed)) == 0


async def test_who_shut_us_out_finds_it_kept(town: Running) -> None:
    """The platform takes it, and says later that it did not arrive."""
    town.platform.follower(HER).muted = True
    await planned(town, "booking.approved")
    assert await told(town) == []
    last, log = await row(town)
    assert (last.outcome, log.result, log.closed) == (Outcome.KEPT, "failed", "failed:user block")
    assert "您有 1 条未送达提醒" in await town.say(HER, "帮助")
    assert "预约成功（YY208）" in await town.say(HER, "看提醒")


async def test_the_clock_tells_within_two_seconds(town: Running) -> None:
    telling = town.account.telling
    await planned(town, "booking.aborted")
    town.pushed.clear()
    clockwork = Clockwork(Telling.jobs(telling))  # a running town's own clock does not tell
    clockwork.start()
    for _ in range(200):  # a busy machine may take longer than the two seconds
        await asyncio.sleep(0.05)
        if town.pushed:
            break
    await clockwork.stop()
    assert [openid for openid, _ in town.pushed] == [HER]


def test_the_demonstration_has_its_templates() -> None:
    assert Path(templates.FILE).is_file()
