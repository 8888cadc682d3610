"""The vouchers' ledger: nothing lost, nothing made, no account below zero; on both databases."""

import asyncio
import random
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from store.database import Database
from store.errors import Refused
from store.voucher import apply, ledger, programme, using
from store.voucher.apply import HoldsTooMuch
from store.voucher.by import By
from store.voucher.ledger import NOBODY, Account, Amount
from store.voucher.table import Voucher, VoucherUse
from store.voucher.using import Invoice, InvoiceUsed, Service
from tests.store.voucher.town import Town

RULES = programme.load("yuhuan-2023")
YUAN = 100


@pytest.fixture
async def town(database: Database, now: datetime) -> Town:
    return await Town(database, now, RULES).built()


async def test_the_budget_is_never_exceeded(town: Town) -> None:
    await town.fund(50_000 * YUAN)
    given_ = [await town.granted(firm, 20_000 * YUAN) for firm in await town.firms(3, start=1)]
    assert [voucher is not None for voucher in given_] == [True, True, False]
    assert await town.balance(Account.BUDGET) == 10_000 * YUAN
    assert await town.differences() == []


async def test_two_hundred_grants_at_once_spend_the_budget_once(town: Town) -> None:
    await town.fund(100 * 1_000 * YUAN)
    firms = await town.firms(200, start=1)
    done = await asyncio.gather(*(town.granted(firm, 1_000 * YUAN) for firm in firms))
    assert sum(voucher is not None for voucher in done) == 100
    assert await town.balance(Account.BUDGET) == 0
    assert await town.differences() == []


async def test_two_hundred_spends_at_once_of_one_voucher(town: Town) -> None:
    await town.fund(50_000 * YUAN)
    (firm,) = await town.firms(1, start=1)
    voucher = await town.granted(firm, 10_000 * YUAN)
    assert voucher is not None
    numbers = await town.bookings(200)
    done = await asyncio.gather(*(town.reserved(voucher, n, 100 * YUAN) for n in numbers))
    assert sum(row is not None for row in done) == 100
    assert await town.balance(Account.GRANTED, voucher) == 0
    assert await town.balance(Account.RESERVED, voucher) == 10_000 * YUAN
    assert await town.differences() == []


async def test_one_service_is_paid_once(town: Town) -> None:
    await town.fund(50_000 * YUAN)
    (firm,) = await town.firms(1, start=1)
    both = [await town.granted(firm, 10_000 * YUAN) for _ in range(2)]
    (number,) = await town.bookings(1)
    done = await asyncio.gather(*(town.reserved(v, number, 100 * YUAN) for v in both if v))
    assert sum(row is not None for row in done) == 1


async def test_a_firm_holds_no_more_than_it_may(town: Town) -> None:
    await town.fund(500_000 * YUAN)
    (firm,) = await town.firms(1, start=1)
    got = [await town.granted(firm, 20_000 * YUAN) for _ in range(4)]
    assert [one is not None for one in got] == [True, True, False, False]
    assert isinstance(town.why, HoldsTooMuch)


async def test_the_database_itself_refuses(town: Town) -> None:
    await town.fund(1_000 * YUAN)
    for statement in (
        "UPDATE voucher_transfer SET fen = fen + 1",
        "DELETE FROM voucher_transfer",
        "UPDATE voucher_balance SET fen = -1 WHERE account = 'budget'",
    ):
        with pytest.raises(DBAPIError):
            async with town.database.begin() as session:
                await session.execute(text(statement))
    assert await town.differences() == []


async def test_a_balance_that_was_tampered_with_is_found(town: Town) -> None:
    await town.fund(1_000 * YUAN)
    async with town.database.begin() as session:
        own = ledger.Balance.account == Account.BUDGET
        await session.execute(update(ledger.Balance).where(own).values(fen=999))
    assert await town.differences() != []


async def test_the_same_key_moves_nothing_twice(town: Town) -> None:
    await town.fund(1_000 * YUAN)
    async with town.database.begin() as session:
        by = By(None, frozenset(), town.now)
        amount, way = Amount(RULES.code, NOBODY, 5), (Account.SOURCE, Account.BUDGET)
        assert await ledger.transfer(session, "twice", amount, way, by)
        assert not await ledger.transfer(session, "twice", amount, way, by)
    assert await town.balance(Account.BUDGET) == 1_000 * YUAN + 5


async def test_an_invoice_is_taken_once(town: Town) -> None:
    await town.fund(50_000 * YUAN)
    (firm,) = await town.firms(1, start=1)
    voucher = await town.granted(firm, 10_000 * YUAN)
    assert voucher is not None
    rows = [await town.reserved(voucher, n, 100 * YUAN) for n in await town.bookings(2)]
    town.now = town.now.replace(month=11, day=21)
    for row, refused in zip(rows, (None, InvoiceUsed), strict=True):
        assert row is not None
        async with town.database.begin() as session:
            there = await session.get_one(VoucherUse, row.id)
            owner = await session.get_one(Voucher, voucher.id)
            await using.use(session, owner, there, 80 * YUAN, town.by("keeper"))
            invoice = Invoice("12345678", 200 * YUAN)
            if refused is None:
                await using.submit(session, RULES, there, invoice, town.by("user"))
            else:
                with pytest.raises(refused):
                    await using.submit(session, RULES, there, invoice, town.by("user"))
    assert await town.differences() == []


VERBS = ("grant", "reserve", "release", "use", "submit", "return", "refuse", "approve")
ENDS = ("publish", "pay", "expire", "revoke", "crash")


class Histories:
    """Any deeds in any order, against money counted by hand."""

    def __init__(self, town: Town, dice: random.Random) -> None:
        self.town, self.dice = town, dice
        self.rows: list[int] = []
        self.vouchers: list[int] = []
        self.serial = count(10_000_000 + 1_000 * dice.randint(0, 80_000))

    async def step(self, verb: str) -> None:
        """One deed; refused deeds change nothing, and a crash undoes what was begun."""
        try:
            async with self.town.database.begin() as session:
                await self._do(session, verb)
                self._maybe_die()
        except (Refused, CrashedError):
            pass
        async with self.town.database.read() as session:
            assert await ledger.differences(session) == []

    def _maybe_die(self) -> None:
        if self.dice.random() < 0.1:
            raise CrashedError

    async def _do(self, session: Any, verb: str) -> None:
        dice, town = self.dice, self.town
        if verb == "grant":
            voucher = await town.asked(session, dice.choice(town.known), dice.randint(1, 2_000_000))
            await apply.grant(
                session, town.rules, voucher, dice.randint(1, 2_000_000), town.by("city")
            )
            self.vouchers.append(voucher.id)
        elif verb == "reserve" and self.vouchers:
            voucher = await session.get(Voucher, dice.choice(self.vouchers))
            if voucher is not None:
                service = Service(
                    dice.choice(town.numbers), town.provider, dice.randint(2, 10**7), True
                )
                row = await using.reserve(session, RULES, voucher, service, town.by("user"))
                self.rows.append(row.id)
        elif verb in ("expire", "revoke") and self.vouchers:
            await self._end(session, verb)
        elif self.rows and (row := await session.get(VoucherUse, dice.choice(self.rows))):
            await self._move(session, verb, row)

    async def _end(self, session: Any, verb: str) -> None:
        voucher = await session.get(Voucher, self.dice.choice(self.vouchers))
        if voucher is not None:
            left = await ledger.balance(session, RULES.code, Account.GRANTED, voucher.id)
            by = self.town.by("clock", "city")
            await apply.end(session, voucher, verb, by, left)

    async def _move(self, session: Any, verb: str, row: VoucherUse) -> None:
        by = self.town.by("user", "keeper", "city", "county", "finance")
        voucher = await session.get_one(Voucher, row.voucher_id)
        if verb == "release":
            await using.release(session, voucher, row, by)
        elif verb == "use":
            await using.use(session, voucher, row, self.dice.randint(1, row.fen * 2), by)
        elif verb == "submit":
            invoice = Invoice(str(next(self.serial)), self.dice.randint(1, row.fen * 3))
            await using.submit(session, RULES, row, invoice, by)
        elif verb in ("return", "refuse", "approve", "publish", "pay"):
            await using.decide(session, row, verb, by)


class CrashedError(Exception):
    """The process dies before it commits."""


async def played(town: Town, seeds: range) -> None:
    """Random histories, one after another, on one programme."""
    town.now = town.now.replace(day=21)
    await town.fund(40_000 * YUAN)
    await town.firms(3, start=1)
    await town.bookings(6)
    for seed in seeds:
        dice = random.Random(seed)
        one = Histories(town, dice)
        for deed in ["grant", "reserve", *dice.choices(VERBS + ENDS, k=30)]:
            await one.step(deed)
    assert await town.differences() == []


async def test_no_history_loses_or_makes_a_fen(town: Town) -> None:
    await played(town, range(12))


@pytest.mark.soak
async def test_no_history_of_thousands_loses_or_makes_a_fen(town: Town) -> None:
    await played(town, range(5_000))


def test_tiers_pay_all_of_the_first_and_half_of_the_rest() -> None:
    assert RULES.covers(10_000 * YUAN) == 10_000 * YUAN
    assert RULES.covers(12_000 * YUAN) == 11_000 * YUAN
    assert RULES.covers(10_000 * YUAN + 1) == 10_000 * YUAN
    assert [rules.complete for rules in map(programme.load, programme.codes())].count(True) == 1


def test_end_of_a_voucher_is_the_end_of_a_day(now: datetime) -> None:
    from_ = now.replace(month=11, day=30)
    assert apply._end(from_, 3) == datetime(2027, 3, 1, tzinfo=from_.tzinfo)
    assert apply._end(now, 1) - now > timedelta(days=30)
