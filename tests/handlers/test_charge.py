"""Fees in chat, from the end of a use to its payment."""

from typing import Any

import pytest

from store import charge, consequence
from store.booking import Mode, Status
from store.event import Event, record
from store.person import Role
from tests.handlers import asked
from tests.handlers.chat import POLICY, Chat
from tests.handlers.test_contract import nobody
from tests.store import booked


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper, and two who write."""
    chat.database.tell = consequence.before(nobody, POLICY)
    for openid in ("o1", "o2"):
        await chat.say(openid, "你好")
    await asked.follow(chat, "k", Role.KEEPER)
    await asked.follow(chat, "r", Role.REPRESENTATIVE)
    return await asked.instrument(chat, fee="200元/小时", model="GLOBAL")


async def used(chat: Chat, number: int, **more: Any) -> str:
    """A use that is over, and its number."""
    async with chat.database.begin() as session:
        given = {"status": Status.FINISHED, **more}
        row = await booked.booking(
            session, chat.now, instrument_id=number, person_id=await chat.id("o1"), **given
        )
        await record(session, Event("booking", row.id, "finish", row.version, chat.now))
        return f"YY{row.number}"


async def test_confirmed_and_paid(chat: Chat, number: int) -> None:
    yy = await used(chat, number)
    await chat.say("o1", f"结算单 {yy}")
    await chat.say("k", "待办")
    await chat.say("k", "1")
    await chat.say("k", f"照算 {yy}")
    await chat.say("k", "确认")
    text = await chat.say("o1", f"结算单 {yy}")
    assert "核定：400 元" in text
    await chat.say("o1", "未结清")
    await chat.say("k", "未结清")
    await chat.say("k", f"收到付款 {yy}")
    assert (await asked.shown(chat, yy)).status is Status.SETTLED
    assert "没有未结清" in await chat.say("o1", "未结清")
    await chat.say("r", "收入")


async def test_another_amount_needs_its_reason(chat: Chat, number: int) -> None:
    yy = await used(chat, number, mode=Mode.SAMPLE, samples=5)
    assert "实际用量：5 个样品" in await chat.say("o1", f"结算单 {yy}")
    yy = await used(chat, number)
    await chat.say("k", f"核费 {yy} 380")
    await chat.say("k", "两个样品作废")
    text = await chat.say("k", "确认")
    assert "原因：两个样品作废" in text
    await chat.say("k", f"核费 {yy} 390 补了一小时")
    await chat.say("k", "1")


async def test_objected_to(chat: Chat, number: int) -> None:
    yy = await used(chat, number)
    await chat.say("k", f"核费 {yy} 400", "确认")
    text = await chat.say("o1", f"异议 {yy} 多算了一小时")
    assert "已记下您对" in text
    assert "有异议" in await chat.say("k", f"收到付款 {yy}")
    await chat.say("k", "待办")
    await chat.say("k", "1")
    await chat.say("k", f"核费 {yy} 200 少算")
    await chat.say("k", "确认")
    await chat.say("o1", f"认可费用 {yy}")
    assert (await asked.shown(chat, yy)).status is Status.SETTLED
    await chat.say("o1", f"异议 {yy} 又不对")
    await chat.say("o1", "异议")


@pytest.mark.parametrize(
    "line",
    ["结算单 {n}", "异议 {n}", "异议 {n} 不对", "认可费用 {n}"],
)
async def test_somebody_elses_is_nobodys(chat: Chat, number: int, line: str) -> None:
    yy = await used(chat, number)
    await chat.say("k", f"核费 {yy} 400", "确认")
    theirs = await chat.say("o2", line.format(n=yy))
    assert theirs.replace(yy, "YY999") == await chat.say("o2", line.format(n="YY999"))


@pytest.mark.parametrize("line", ["核费 {n} 1 错", "收到付款 {n}"])
async def test_another_units_keeper_has_no_say(chat: Chat, number: int, line: str) -> None:
    yy = await used(chat, number)
    await asked.follow(chat, "k2", Role.KEEPER, "介休机械有限公司")
    theirs = await chat.say("k2", line.format(n=yy))
    assert theirs.replace(yy, "YY999") == await chat.say("k2", line.format(n="YY999"))
    async with chat.database.read() as session:
        row = await charge.of_booking(session, int(yy[2:]))
        assert row is not None
        assert row.status is charge.Status.RECKONED


async def test_prices_are_shown_and_set(chat: Chat, number: int) -> None:
    await chat.say("o1", f"怎么收费 YQ{number}")
    await chat.say("k", f"调价 YQ{number}")
    await chat.say("k", "本单位")
    await chat.say("k", "100元/小时")
    await chat.say("k", "12月1日")
    await chat.say("k", "确认")
    await chat.say("o1", f"怎么收费 YQ{number}")
    await chat.say("k", f"调价 YQ{number} 30元/小时")
    await chat.say("k", "材料消耗费")
    await chat.say("k", "今天")
    await chat.say("k", "确认")
    text = await chat.say("o1", f"怎么收费 YQ{number}")
    assert "材料消耗费 30 元/小时" in text
    await chat.say("o1", f"调价 YQ{number}")
    await chat.say("o1", "怎么收费")
    await chat.say("o1", "怎么付款")


async def test_the_bureau_decides_what_the_sides_cannot(chat: Chat, number: int) -> None:
    yy = await used(chat, number)
    await asked.follow(chat, "b", Role.BUREAU)
    assert "没有要看的费用" in await chat.say("b", f"裁定 {yy} 300")
    await chat.say("k", f"核费 {yy} 400", "确认")
    text = await chat.say("o1", f"异议 {yy} 多算了一小时")
    assert "工单 GD" in text
    assert "没有要看的费用" in await chat.say("b", f"裁定 {yy}0 300")
    assert "已裁定" in await chat.say("b", f"裁定 {yy} 300元")
    assert "核定：300 元" in await chat.say("o1", f"结算单 {yy}")
    assert (await asked.shown(chat, yy)).status is Status.SETTLED


async def test_a_price_is_named_before_it_is_agreed(chat: Chat, number: int) -> None:
    other = await asked.instrument(chat, fee="按项目议价")
    price = {"prices": [], "group": "all"}
    yy = await asked.ask(chat, "o1", other, 9, 11, estimate_fen=None, price=price)
    assert "先报价再约定" in await chat.say("k", f"同意 {yy}")
    assert "等对方同意" in await chat.say("k", f"报价 {yy} 800元")
    assert (await asked.shown(chat, yy)).status is Status.OFFERED
    await chat.say("o1", f"同意 {yy}")
    row = await asked.shown(chat, yy)
    assert (row.status, row.estimate_fen) == (Status.APPROVED, 80_000)
    assert "预计 800 元" in await chat.say("o1", "HT1")
    assert "还不能用" in await chat.say("o2", f"报价 {yy} 1")


async def test_lists_are_paged(chat: Chat, number: int) -> None:
    for _ in range(10):
        await used(chat, number)
    text = await chat.say("o1", "未结清")
    assert "10 笔没结清" in text
    assert "10. YY10" in await chat.say("o1", "下一页")
    assert (await chat.say("o1", "3")).startswith("YY3 结算单")


async def test_income_by_the_uses_that_the_document_names(chat: Chat, number: int) -> None:
    assert "不用登记" in await chat.say("k", "登记支出")
    assert "已收 0 元" in await chat.say("k", "收入 2026")
