"""Vouchers that somebody would grant, use or redeem without right."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from store import charge, consequence, county, invitation, organisation
from store.booking import Booking
from store.charge.table import Charge
from store.database import Database
from store.event import Event
from store.invitation import Offer
from store.person import Role
from store.policies import Rule
from store.voucher import following
from store.voucher.ledger import Account
from store.voucher.programme import load
from store.voucher.table import Status, Voucher, VoucherUse
from tests.handlers import chat as chatting
from tests.handlers.chat import Chat
from tests.handlers.conftest import chat as chat  # noqa: PLC0414 - the fixture
from tests.handlers.test_voucher import FIRM, applied, employed, granted, nothing_lost, priced
from tests.store.people import SECRET
from tests.store.voucher.town import Town


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example's rules are in force."""
    rules = replace(chatting.POLICY, voucher_programme=Rule("yuhuan-2023"))
    monkeypatch.setattr(chatting, "POLICY", rules)
    return iter([None])


async def counties(chat: Chat) -> None:
    """`here` decides for the firm's county, `there` for another."""
    async with chat.database.begin() as session:
        places = [place for place in county.known() if place.region == "jinzhong"][:2]
        numbers = list((await county.ensure(session, places)).values())
        firm = await organisation.by_name(session, FIRM)
        assert firm is not None
        firm.county_id = numbers[0]
        codes = [
            await invitation.invite(
                session, chatting.POLICY, SECRET, Offer(Role.BUREAU, None, number), now=chat.now
            )
            for number in numbers
        ]
    for who, code in zip(("here", "there"), codes, strict=True):
        await chat.say(who, f"绑定 {code}")


async def standing(chat: Chat, number: int = 1) -> Status:
    async with chat.database.read() as session:
        return (await session.get_one(Voucher, number)).status


async def test_another_county_neither_sees_nor_decides(chat: Chat) -> None:
    await employed(chat)
    await counties(chat)
    await applied(chat)
    hidden = await chat.say("there", "CXQ1")
    assert hidden.replace("CXQ1", "CXQ9") == await chat.say("there", "CXQ9")
    for line in ("同意 CXQ1", "拒绝 CXQ1 不行", "退回 CXQ1 不行", "材料 CXQ1"):
        assert "没有 CXQ1" in await chat.say("there", line)
    async with chat.database.begin() as session:
        await session.execute(update(Voucher).values(status=Status.APPLIED))
    assert "CXQ1" in await chat.say("here", "待办")
    await chat.say("here", "同意 CXQ1")
    assert await standing(chat) is Status.COUNTY_OK


async def test_who_decides_withdraws_nothing_in_the_firm_s_name(chat: Chat) -> None:
    await employed(chat)
    await applied(chat)
    assert "没有 CXQ1" in await chat.say("bureau", "撤回 CXQ1")
    assert await standing(chat) is not Status.WITHDRAWN


async def test_nobody_grants_what_they_applied_for(chat: Chat) -> None:
    await employed(chat)
    await applied(chat)
    await chat.say("user", f"绑定 {await chat.code(Role.BUREAU)}")
    await chat.say("user", "同意 CXQ1")
    assert await standing(chat) is not Status.GRANTED


async def test_nothing_is_not_granted(chat: Chat) -> None:
    await employed(chat)
    await applied(chat)
    assert "额度已经发完" not in await chat.say("bureau", "同意 CXQ1 0元")
    assert await standing(chat) is not Status.GRANTED


async def test_a_voucher_pays_for_its_own_firm_s_bookings(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    async with chat.database.begin() as session:
        row = await session.get_one(Booking, number)
        row.employer_id = await organisation.add(session, "晋中学院", chat.now)
    assert "不够或没有能用的" in await chat.say("user", f"用券 YY{number}")
    assert "可用 10,000 元" in await chat.say("user", "创新券")


async def fee(chat: Chat, number: int) -> Charge:
    async with chat.database.read() as session:
        row = await charge.of_booking(session, number)
        assert row is not None
        return row


async def used(chat: Chat, number: int, price: int | None = None) -> None:
    """The booking was used; its fee is reckoned."""
    async with chat.database.begin() as session:
        row = await session.get_one(Booking, number)
        row.status = row.status.__class__("finished")
        if price is not None:
            lines = [
                {
                    "part": "use",
                    "group": "all",
                    "per": "hour",
                    "fen": price,
                    "to_fen": None,
                    "label": "",
                }
            ]
            row.price = {"group": "all", "prices": lines}
        await charge.begin(session, row, chatting.POLICY, chat.now)


async def test_a_fee_is_due_whole_once_its_voucher_is_taken_back(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    await chat.say("user", f"用券 YY{number}")
    await used(chat, number)
    assert (await fee(chat, number)).voucher_fen == 40_000
    assert "已退回券里" in await chat.say("user", f"不用券 YY{number}")
    assert (await fee(chat, number)).voucher_fen == 0


async def test_what_turns_out_free_gives_its_voucher_back(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    await chat.say("user", f"用券 YY{number}")
    await used(chat, number, price=0)
    row = await fee(chat, number)
    assert row.fen == 0
    async with chat.database.begin() as session:
        told = Event("charge", row.id, "free", 1, chat.now)
        await consequence.follow(session, [told], chatting.POLICY)
    assert "可用 10,000 元" in await chat.say("user", "创新券")
    await nothing_lost(chat)


async def test_each_voucher_keeps_to_its_own_programme(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await granted(chat)
    number = await priced(chat)
    other = replace(chatting.POLICY, voucher_programme=Rule("shanxi"))
    monkeypatch.setattr(chatting, "POLICY", other)
    chat.__post_init__()
    assert f"为 YY{number} 预留 400 元" in await chat.say("user", f"用券 YY{number}")
    async with chat.database.read() as session:
        assert (await session.get_one(VoucherUse, 1)).fen == 40_000


async def test_nothing_is_paid_for_who_did_not_come_because_of_the_unit(chat: Chat) -> None:
    await granted(chat)
    number = await priced(chat)
    await chat.say("user", f"用券 YY{number}")
    async with chat.database.begin() as session:
        told = Event("booking", number, "excuse", 2, chat.now + timedelta(days=1))
        await following.follow(session, told)
    assert "可用 10,000 元" in await chat.say("user", "创新券")


async def test_nothing_is_left_in_a_voucher_that_ends_while_it_is_released(
    database: Database, now: datetime
) -> None:
    """On PostgreSQL the two meet; SQLite has one writer."""
    town = await Town(database, now, load("yuhuan-2023")).built()
    await town.fund(50_000_00)
    await town.firms(1, start=1)
    voucher = await town.granted(town.known[0], 10_000_00)
    (number,) = await town.bookings(1)
    assert voucher is not None
    assert await town.reserved(voucher, number, 400_00) is not None
    town.now += timedelta(days=100)
    async with database.begin() as session:
        if session.get_bind().dialect.name == "postgresql":
            booked = await session.get_one(Booking, number)
            await following.take_back(session, booked, town.by("user"))
            async with database.begin() as clock:
                assert await following.sweep(clock, chatting.POLICY, town.now) == 0
    async with database.begin() as session:
        assert await following.sweep(session, chatting.POLICY, town.now) == 1
    assert await town.balance(Account.GRANTED, voucher) == 0
    assert await town.differences() == []
