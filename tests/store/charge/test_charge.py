from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import booking as bookings
from store import charge, consequence, usage
from store.booking import Mode
from store.booking.table import Booking, Group
from store.booking.table import Status as Stage
from store.charge import (
    Account,
    AmountUnfit,
    Charge,
    NoSuchCharge,
    ObjectionEmpty,
    ObjectionOver,
    ReasonNeeded,
    Status,
    StillObjected,
    UseUnfit,
)
from store.database import Database
from store.event import Event, history
from store.instrument import Instrument
from store.lifecycle import NotNow, NotYours
from store.listing import By
from store.money import share, yuan
from store.person import Grant, Role
from store.policies import load
from store.tariff import Change, Part, change
from store.tariff.estimate import Used, from_json, reckon
from store.tariff.sheet import Priced
from store.workdays import due
from tests.store.booked import booking, instrument
from tests.store.people import person

POLICY = load("jinzhong")


@dataclass
class Sides:
    """Both sides of one fee."""

    number: int
    user: int
    keeper: int
    grant: Grant


async def over(database: Database, now: datetime, fee: str = "200元/小时", **more: Any) -> Sides:
    """A use that is over, with its fee."""
    async with database.begin() as session:
        number = await instrument(session, now, fee=fee)
        row = await session.get_one(Instrument, number)
        grant = Grant(Role.KEEPER, row.organisation_id)
        keeper, user = await person(session, now, grant), await person(session, now)
        status = more.pop("status", Stage.FINISHED)
        booked = await booking(
            session, now, instrument_id=number, person_id=user, status=status, **more
        )
        await charge.begin(session, booked, POLICY, now)
        return Sides(booked.id, user, keeper, grant)


class Doing:
    """One deed in a transaction of its own."""

    def __init__(self, database: Database, sides: Sides) -> None:
        self.database, self.sides = database, sides

    async def account(self, who: str) -> Account:
        async with self.database.read() as session:
            return await charge.find(session, self.sides.number, *self._who(who))

    def _who(self, who: str) -> tuple[int, list[Grant]]:
        sides = self.sides
        return {
            "user": (sides.user, []),
            "keeper": (sides.keeper, [sides.grant]),
            "bureau": (sides.keeper, [Grant(Role.BUREAU)]),
        }[who]

    async def confirm(
        self, fen: int, now: datetime, reason: str = "", who: str = "keeper"
    ) -> Charge:
        async with self.database.begin() as session:
            by = await charge.find(session, self.sides.number, *self._who(who))
            return await charge.confirm(session, by, fen, reason, POLICY, now)

    async def object(self, now: datetime, words: str = "多算了", who: str = "user") -> Charge:
        async with self.database.begin() as session:
            by = await charge.find(session, self.sides.number, *self._who(who))
            return await charge.object_to(session, by, words, now)

    async def accept(self, now: datetime, who: str = "user") -> Charge:
        async with self.database.begin() as session:
            by = await charge.find(session, self.sides.number, *self._who(who))
            return await charge.accept(session, by, now)

    async def pay(self, now: datetime, who: str = "keeper") -> Charge:
        async with self.database.begin() as session:
            by = await charge.find(session, self.sides.number, *self._who(who))
            return await charge.pay(session, by, now)

    async def decide(self, fen: int, now: datetime, who: str = "bureau") -> Charge:
        async with self.database.begin() as session:
            by = await charge.find(session, self.sides.number, *self._who(who))
            return await charge.decide(session, by, fen, now)

    async def stage(self) -> Stage:
        async with self.database.read() as session:
            return (await session.get_one(Booking, self.sides.number)).status


async def test_reckoned_confirmed_and_settled_when_nobody_objects(
    database: Database, now: datetime
) -> None:
    does = Doing(database, await over(database, now))
    first = (await does.account("keeper")).charge
    assert (first.status, first.reckoned_fen, first.fen) == (Status.RECKONED, 40_000, None)
    row = await does.confirm(40_000, now)
    assert row.object_until == due(now, POLICY.objection.value)
    assert row.object_until is not None
    async with database.begin() as session:
        assert await charge.sweep(session, POLICY, now) == 0
    async with database.begin() as session:
        assert await charge.sweep(session, POLICY, row.object_until) == 1
        assert await charge.sweep(session, POLICY, row.object_until) == 0
    assert await does.stage() is Stage.SETTLED
    assert (await does.pay(now)).status is Status.PAID
    async with database.read() as session:
        verbs = [event.verb for event in await history(session, "charge", row.id)]
    assert verbs == ["reckon", "confirm", "settle", "pay"]


async def test_by_the_prices_of_the_day_of_booking(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        number = await instrument(session, now)
        row = await session.get_one(Instrument, number)
        grant = Grant(Role.KEEPER, row.organisation_id)
        keeper, user = await person(session, now, grant), await person(session, now)
        booked = await booking(
            session, now, instrument_id=number, person_id=user, status=Stage.FINISHED
        )
        plain = await booking(
            session, now, instrument_id=number, person_id=user, status=Stage.FINISHED, price={}
        )
        by = By(keeper, frozenset({grant}))
        later = Change((Priced(Part.USE, "all", "hour", 99_900),), now.date() + timedelta(days=1))
        await change(session, number, later, by, now)
        for each in (booked, plain):
            made = await charge.begin(session, each, POLICY, now + timedelta(days=9))
            assert made is not None
            assert made.reckoned_fen == 40_000


async def test_an_objection_stops_everything_until_it_is_decided(
    database: Database, now: datetime
) -> None:
    does = Doing(database, await over(database, now))
    until = (await does.confirm(40_000, now)).object_until
    assert until is not None
    await does.object(now)
    async with database.begin() as session:
        assert await charge.sweep(session, POLICY, until + timedelta(days=99)) == 0
    with pytest.raises(StillObjected):
        await does.pay(now)
    assert await does.stage() is Stage.FINISHED
    assert (await does.decide(30_000, now)).fen == 30_000
    assert await does.stage() is Stage.SETTLED
    with pytest.raises(NoSuchCharge):  # decided: no business of the bureau's any more
        await does.account("bureau")


async def test_the_keeper_may_correct_what_was_objected_to(
    database: Database, now: datetime
) -> None:
    does = Doing(database, await over(database, now))
    await does.confirm(40_000, now)
    await does.object(now)
    later = now + timedelta(days=30)
    row = await does.confirm(20_000, later, "少算一小时")
    assert (row.status, row.object_until) == (Status.CONFIRMED, due(later, POLICY.objection.value))
    assert (await does.accept(later)).status is Status.SETTLED


async def test_too_late_to_object(database: Database, now: datetime) -> None:
    does = Doing(database, await over(database, now))
    until = (await does.confirm(40_000, now)).object_until
    assert until is not None
    with pytest.raises(ObjectionEmpty):
        await does.object(now, "  ")
    with pytest.raises(ObjectionOver):
        await does.object(until)


async def test_another_amount_needs_a_reason(database: Database, now: datetime) -> None:
    does = Doing(database, await over(database, now))
    with pytest.raises(ReasonNeeded):
        await does.confirm(39_999, now)
    for fen in (-1, 10**12):
        with pytest.raises(AmountUnfit):
            await does.confirm(fen, now, "写错了")
    assert (await does.confirm(39_999, now, "抹零")).reason == "抹零"


async def test_only_whose_turn_it_is(database: Database, now: datetime) -> None:
    sides = await over(database, now)
    does = Doing(database, sides)
    with pytest.raises(NotYours):
        await does.confirm(40_000, now, who="user")
    with pytest.raises(NotNow):
        await does.object(now)
    await does.confirm(40_000, now)
    for deed in (does.object(now, who="keeper"), does.accept(now, who="keeper")):
        with pytest.raises(NotYours):
            await deed
    with pytest.raises((NotYours, NotNow)):
        await does.pay(now, who="user")
    with pytest.raises(NoSuchCharge):
        await does.decide(1, now)
    own = replace(sides, keeper=sides.user)  # a keeper's own use: nobody confirms their own fee
    with pytest.raises(NotYours):
        await Doing(database, own).confirm(1, now, "便宜")


async def test_nothing_to_pay_is_settled_at_once(database: Database, now: datetime) -> None:
    does = Doing(database, await over(database, now, fee="免费"))
    assert (await does.account("user")).charge.status is Status.PAID
    assert await does.stage() is Stage.SETTLED


async def test_a_price_agreed_for_one_booking_stands(database: Database, now: datetime) -> None:
    sides = await over(database, now, fee="按项目议价", estimate_fen=80_000)
    assert (await Doing(database, sides).account("user")).charge.reckoned_fen == 80_000
    sides = await over(database, now, fee="按项目议价")
    does = Doing(database, sides)
    assert (await does.account("user")).charge.reckoned_fen is None
    assert (await does.confirm(70_000, now)).fen == 70_000


async def test_samples_are_counted(database: Database, now: datetime) -> None:
    sides = await over(
        database, now, fee="80元/样", mode=Mode.SAMPLE, samples=5, status=Stage.DELIVERED
    )
    row = (await Doing(database, sides).account("user")).charge
    assert (row.reckoned_fen, row.used["samples"]) == (40_000, 5)


async def test_income_of_a_year_and_its_uses(database: Database, now: datetime) -> None:
    sides = await over(database, now)
    does, jiaxing = Doing(database, sides), load("jiaxing")
    await does.confirm(40_000, now)
    await does.pay(now)
    unit = sides.grant.organisation_id
    assert unit is not None
    async with database.begin() as session:
        by = (sides.keeper, [sides.grant])
        kind = charge.kinds(jiaxing)[0]
        await charge.spend(session, unit, kind, 10_000, by, jiaxing, now)
        with pytest.raises(UseUnfit):
            await charge.spend(session, unit, "团建", 10_000, by, jiaxing, now)
        with pytest.raises(NotYours):
            await charge.spend(session, unit, kind, 1, (sides.user, []), jiaxing, now)
        found = await charge.income(session, unit, 2026, jiaxing)
        assert (found.charges, found.settled_fen, found.paid_fen) == (1, 40_000, 40_000)
        assert found.uses[kind] == 10_000
        assert len(found.uses) == 5
        assert (await charge.income(session, unit, 2025, jiaxing)).charges == 0


async def test_what_follows_a_booking(database: Database, now: datetime) -> None:
    heard: list[str] = []

    async def tell(session: object, events: Sequence[Event]) -> None:
        heard.extend(event.name for event in events)

    database.tell = consequence.before(tell, POLICY)
    async with database.begin() as session:
        number, user = await instrument(session, now), await person(session, now)
        booked = await booking(session, now, instrument_id=number, person_id=user)
        keeper, both = frozenset({"keeper"}), (user, now)
        await consequence.follow(session, [Event("booking", booked.id, "approve", 1, now)], POLICY)
        await bookings.move(session, booked, "record", keeper, *both)
    assert {"contract.make", "booking.record", "charge.reckon"} <= set(heard)
    async with database.read() as session:
        assert await charge.of_booking(session, booked.id) is not None


FEN = st.integers(0, 10**9)
PER = st.sampled_from(["hour", "minute", "day", "half_day", "sample", "time", ""])


@given(
    prices=st.lists(
        st.builds(
            Priced,
            part=st.sampled_from([Part.USE, Part.START, Part.OPTION]),
            group=st.just("all"),
            per=PER,
            fen=st.none() | FEN,
            label=st.sampled_from(["", "开机费"]),
        ),
        max_size=5,
    ),
    minutes=st.integers(1, 100_000),
    samples=st.none() | st.integers(1, 1000),
)
def test_no_fen_is_lost(prices: list[Priced], minutes: int, samples: int | None) -> None:
    """The rows of an amount come to the amount, and are kept so that they still do."""
    mode = Mode.SELF if samples is None else Mode.SAMPLE
    found = reckon(
        prices, Used(mode, minutes if samples is None else None, samples), "all", date(2026, 11, 20)
    )
    lines = found.rows.get("lines", [])
    if found.fen is None:
        assert lines == []
        return
    assert found.fen == sum(line["sum_fen"] for line in lines) >= 0
    for line in lines:
        price = from_json(line)
        assert price in prices
        assert line["sum_fen"] == share(price.fen or 0, Decimal(line["times"]))


@given(FEN, st.integers(1, 5000))
def test_minutes_come_to_the_nearest_fen(fen: int, minutes: int) -> None:
    price = Priced(Part.USE, "all", "hour", fen)
    found = reckon([price], Used(Mode.SELF, minutes), "all", date(2026, 11, 20))
    exact = Decimal(fen) * minutes / 60
    assert found.fen is not None
    assert abs(Decimal(found.fen) - exact) <= Decimal("0.501")


@given(st.integers(-(10**12), 10**12))
def test_yuan_reads_back(fen: int) -> None:
    assert int(Decimal(yuan(fen).replace(",", "")) * 100) == fen


async def test_within_the_unit_by_its_own_price(database: Database, now: datetime) -> None:
    sides = await over(database, now, fee="校内50元/小时；校外200元/小时", group=Group.OWN)
    assert (await Doing(database, sides).account("user")).charge.reckoned_fen == 10_000


@pytest.mark.parametrize(
    ("early", "late", "minutes"),
    [(0, 0, 120), (10, 15, 120), (0, 16, 136), (-30, 0, 90), (0, -30, 90), (20, 0, 140)],
)
async def test_minutes_that_policy_lets_one_are_free(
    database: Database, now: datetime, early: int, late: int, minutes: int
) -> None:
    async with database.begin() as session:
        number, user = await instrument(session, now), await person(session, now)
        booked = await booking(session, now, instrument_id=number, person_id=user)
        assert booked.starts_at is not None
        assert booked.ends_at is not None
        row = await usage.begin(session, POLICY, booked, usage.Source.SCAN, now)
        start = booked.starts_at - timedelta(minutes=early)
        await usage.change(session, row, now, starts_at=start)
        await usage.end(session, row, booked.ends_at + timedelta(minutes=late), now)
        done = await bookings.move(session, booked, "record", frozenset({"keeper"}), None, now)
        made = await charge.begin(session, done, POLICY, now)
        assert made is not None
        assert made.used["minutes"] == minutes
