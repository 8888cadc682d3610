"""Vouchers in chat, from application to payment, on either database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from store.booking import Booking
from store.instrument import Instrument
from store.person import Role
from store.policies import Rule
from store.voucher import ledger, using
from store.voucher.by import By
from store.voucher.table import Voucher
from tests.handlers import chat as chatting
from tests.handlers.chat import Chat, address
from tests.handlers.test_after import booked
from tests.store.search.catalogue import Shelf

FIRM = "晋中精密铸造有限公司"
CODE = "91350100M000100Y43"
EVALUATION = "2026140700A0001234"


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example's rules are in force."""
    rules = replace(chatting.POLICY, voucher_programme=Rule("yuhuan-2023"))
    monkeypatch.setattr(chatting, "POLICY", rules)
    return iter([None])


async def employed(chat: Chat) -> None:
    """The user is confirmed to work for the firm, and there is a bureau with its finance."""
    await chat.say("rep", f"绑定 {await chat.code(Role.REPRESENTATIVE, FIRM)}")
    await chat.say("user", f"绑定 {await chat.code(None, FIRM)}")
    await chat.say("bureau", f"绑定 {await chat.code(Role.BUREAU)}")
    await chat.say("finance", f"绑定 {await chat.code(Role.FINANCE)}")


async def applied(chat: Chat) -> str:
    return await chat.say(
        "user", "申领创新券", CODE, EVALUATION, "新合金的断口分析", "10000", "确认"
    )


async def granted(chat: Chat) -> None:
    await employed(chat)
    await applied(chat)
    await chat.say("bureau", "同意 CXQ1")


async def priced(chat: Chat, fen: int = 40_000) -> int:
    """A booking of the user's with an estimate, by its number."""
    number = await booked(chat, openid="user")
    async with chat.database.begin() as session:
        row = await session.get_one(Booking, number)
        row.estimate_fen, row.status = fen, row.status.__class__("approved")
        machine = await session.get_one(Instrument, row.instrument_id)
        machine.on_provincial_platform = True
    return number


async def nothing_lost(chat: Chat) -> None:
    async with chat.database.read() as session:
        assert await ledger.differences(session) == []


async def test_applied_granted_and_held(chat: Chat) -> None:
    await employed(chat)
    assert "现在没有创新券" in await chat.say("user", "创新券")
    assert "示例规则" in await chat.say("user", "我能申领吗")
    said = await applied(chat)
    assert "已提交申领 CXQ1，10,000 元" in said
    assert address(said)
    assert f"CXQ1 {FIRM} 申领创新券 10,000 元：新合金的断口分析" in await chat.say("bureau", "待办")
    assert "同意写「同意 CXQ1」" in await chat.say("bureau", "1")
    assert "已发放 CXQ1，10,000 元" in await chat.say("bureau", "同意 CXQ1")
    held = await chat.say("user", "创新券")
    assert "可用 10,000 元" in held
    assert "2027年2月20日 到期，还剩 92 天" in held
    await nothing_lost(chat)


async def test_wrong_codes_are_asked_again_and_nothing_is_lost(chat: Chat) -> None:
    await employed(chat)
    assert "最后一位是校验码" in await chat.say("user", "申领创新券", "91350100M000100Y44")
    assert "编号不对" in await chat.say("user", CODE, "没有编号")
    assert "单次最多申请 20,000 元" in await chat.say("user", EVALUATION, "检测", "5万")
    assert "信用代码：91350100M000100Y43" in await chat.say("user", "1万")
    assert "CXQ1" in await chat.say("user", "确认")


async def test_only_a_confirmed_firm_applies(chat: Chat) -> None:
    assert "请先填报在哪个企业工作" in await chat.say("user", "申领创新券")


async def test_sent_back_and_refused_with_reasons(chat: Chat) -> None:
    await employed(chat)
    await applied(chat)
    assert "请写上原因" in await chat.say("bureau", "退回 CXQ1")
    assert "已退回 CXQ1：执照看不清" in await chat.say("bureau", "退回 CXQ1 执照看不清")
    assert "原因：执照看不清" in await chat.say("user", "CXQ1")
    assert "已撤回" in await chat.say("user", "撤回 CXQ1")


async def test_used_and_redeemed_and_paid(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    assert f"为 YY{number} 预留 400 元，自付约 0 元" in await chat.say("user", f"用券 YY{number}")
    assert "一次服务只补一次" in await chat.say("user", f"用券 YY{number}")
    assert "可用 9,600 元" in await chat.say("user", "创新券")
    await settled(chat, number)
    chat.now = chat.now.replace(day=25)
    await chat.say("user", "兑付 CXQ1", "24112000000012345678")
    assert "不能兑付" in await chat.say("user", "100")
    assert "兑付：400 元" in await chat.say("user", "400")
    assert "已申请兑付 CXQ1，400 元" in await chat.say("user", "确认")
    assert "兑付单 1" in await chat.say("bureau", "待办")
    assert "审核通过" in await chat.say("bureau", "同意兑付 1")
    assert "抽了 1 件" in await chat.say("bureau", "抽查创新券")
    await chat.say("bureau", "同意兑付 1")
    assert f"{FIRM} 400 元" in await chat.say("bureau", "公示创新券")
    assert "共 400 元" in await chat.say("finance", "付款名单")
    early = await chat.say("finance", "已拨付 1")
    assert "公示要满 5 天，到 11月30日（周一）10:00 才能拨付" in early
    chat.now += timedelta(days=5)
    assert "已记为拨付，400 元" in await chat.say("finance", "已拨付 1")
    assert "已拨付 400 元" in await chat.say("bureau", "创新券统计")
    await nothing_lost(chat)


async def settled(chat: Chat, number: int) -> None:
    """The booking is used and its fee stands."""
    async with chat.database.begin() as session:
        row = await using.of_booking(session, number)
        assert row is not None
        voucher = await session.get_one(Voucher, row.voucher_id)
        by = By(None, frozenset({"keeper"}), chat.now)
        await using.use(session, voucher, row, row.fen, by)


async def test_a_stranger_s_voucher_is_as_none(chat: Chat) -> None:
    await granted(chat)
    hidden = await chat.say("stranger", "CXQ1")
    assert hidden.replace("CXQ1", "CXQ9") == await chat.say("stranger", "CXQ9")
    for line in ("材料 CXQ1", "撤回 CXQ1", "兑付 CXQ1"):
        assert "没有 CXQ1" in await chat.say("stranger", line)
    await chat.say("user", "同意 CXQ1", "拒绝 CXQ1 试试", "抽查创新券", "已拨付 1")
    assert "可用 10,000 元" in await chat.say("user", "创新券")
    await nothing_lost(chat)


async def test_an_expired_one_is_not_used(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    chat.now += timedelta(days=100)
    assert "不够或没有能用的" in await chat.say("user", f"用券 YY{number}")


async def test_not_used_after_all(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    await chat.say("user", "用券")
    assert "已退回券里" in await chat.say("user", f"不用券 YY{number}")
    assert "可用 10,000 元" in await chat.say("user", "创新券")
    await nothing_lost(chat)


async def test_the_summary_says_what_a_voucher_pays(chat: Chat) -> None:
    await granted(chat)
    number = await Shelf(chat.database, chat.now).add(
        "激光粒度仪",
        open_hours="工作日 8:30-17:30",
        modes=["self"],
        prices=[{"fen": 20_000, "per": "hour", "to_fen": None, "label": ""}],
        fee="200元/小时",
        on_provincial_platform=True,
    )
    await chat.catalogue.follow(chat.database)
    summary = await chat.say("user", f"预约 YQ{number} 下周三上午9点到11点", "粒度分布")
    assert "可用创新券抵 400 元" in summary
    asked = await chat.say("user", "确认")
    assert "YY1" in asked
    assert "为 YY1 预留 400 元" in await chat.say("user", "用券")
    await chat.say("user", "取消预约 YY1", "1")
    await nothing_lost(chat)
