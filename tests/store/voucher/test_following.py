"""A voucher follows its booking: back when nothing comes of it, used when the fee is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking, charge, consequence
from store.booking import Booking
from store.charge.table import Charge
from store.database import Database
from store.event import Event
from store.policies import load as policy_of
from store.voucher import following, programme
from store.voucher.ledger import Account
from store.voucher.table import Voucher
from store.voucher.using import NotUsable, RelatedParty
from tests.store.voucher.town import Town

RULES = programme.load("yuhuan-2023")
POLICY = policy_of("jinzhong")
YUAN = 100


async def silent(_session: AsyncSession, _events: Sequence[Event]) -> None:
    """Nobody is told."""


@pytest.fixture
async def town(database: Database, now: datetime) -> Town:
    database.tell = consequence.before(silent, POLICY)
    town = await Town(database, now, RULES).built()
    await town.fund(50_000 * YUAN)
    await town.firms(1, start=1)
    return town


async def paid_with_voucher(town: Town, price: int = 400 * YUAN) -> tuple[Voucher, int]:
    """A booking for which a voucher is set aside."""
    voucher = await town.granted(town.known[0], 10_000 * YUAN)
    assert voucher is not None
    (number,) = await town.bookings(1)
    async with town.database.begin() as session:
        row = await session.get_one(Booking, number)
        row.estimate_fen = price
        there = await session.get_one(Voucher, voucher.id)
        await following.pay_with(session, RULES, there, row, on_platform=True, by=town.by("user"))
    return voucher, number


async def test_what_is_cancelled_gives_it_back(town: Town) -> None:
    voucher, number = await paid_with_voucher(town)
    assert await town.balance(Account.RESERVED, voucher) == 400 * YUAN
    async with town.database.begin() as session:
        row = await session.get_one(Booking, number)
        assert row.voucher_fen == 400 * YUAN
        await booking.move(session, row, "cancel", frozenset({"user"}), town.person, town.now)
    assert await town.balance(Account.GRANTED, voucher) == 10_000 * YUAN
    assert await town.balance(Account.RESERVED, voucher) == 0
    async with town.database.read() as session:
        assert (await session.get_one(Booking, number)).voucher_fen == 0
    assert await town.differences() == []


async def test_what_is_settled_is_used_and_the_rest_comes_back(town: Town) -> None:
    voucher, number = await paid_with_voucher(town)
    async with town.database.begin() as session:
        row = await session.get_one(Booking, number)
        await booking.move(session, row, "record", frozenset({"keeper"}), None, town.now)
    async with town.database.begin() as session:
        fee = await charge.of_booking(session, number)
        assert fee is not None
        settled = {"fen": 300 * YUAN, "status": "settled"}
        await session.execute(update(Charge).where(Charge.id == fee.id).values(settled))
        await following.follow(session, Event("charge", fee.id, "settle", 9, town.now))
        await session.refresh(fee)
        assert (fee.voucher_fen, fee.due_fen) == (300 * YUAN, 0)
    assert await town.balance(Account.USED, voucher) == 300 * YUAN
    assert await town.balance(Account.GRANTED, voucher) == 9_700 * YUAN
    assert await town.differences() == []


async def test_an_expired_one_pays_nothing_and_goes_back_to_the_budget(town: Town) -> None:
    voucher, number = await paid_with_voucher(town)
    town.now += timedelta(days=100)
    async with town.database.begin() as session:
        assert await following.sweep(session, POLICY, town.now) == 1
        assert await following.sweep(session, POLICY, town.now) == 0
    assert await town.balance(Account.BUDGET) == 49_600 * YUAN
    async with town.database.begin() as session:
        there = await session.get_one(Voucher, voucher.id)
        row = await session.get_one(Booking, number)
        with pytest.raises(NotUsable):
            await following.pay_with(
                session, RULES, there, row, on_platform=True, by=town.by("user")
            )
        await following.take_back(session, row, town.by("user"))
    assert await town.balance(Account.BUDGET) == 50_000 * YUAN
    assert await town.differences() == []


async def test_a_firm_s_own_instrument_is_not_paid_for(town: Town) -> None:
    own = await town.granted(town.provider, 10_000 * YUAN)
    assert own is not None
    (number,) = await town.bookings(1)
    assert await town.reserved(own, number, 100 * YUAN) is None
    assert isinstance(town.why, RelatedParty)
