from datetime import date, datetime, timedelta

import pytest

from store import affiliation, organisation
from store.booking.table import Group, Mode
from store.database import Database
from store.instrument import Instrument
from store.lifecycle import NotYours
from store.listing import By
from store.person import Grant, Role
from store.policies import load
from store.tariff import Change, Part, PriceUnfit, change, estimate, group_of, in_force
from store.tariff.sheet import Priced, from_ledger, history
from tests.store.booked import instrument
from tests.store.people import person

POLICY = load("jinzhong")
TODAY, LATER = date(2026, 11, 20), date(2026, 12, 1)


async def keeper(database: Database, now: datetime, fee: str = "100元/小时") -> tuple[int, By]:
    """An instrument of its own organisation, and who may set its prices."""
    async with database.begin() as session:
        number = await instrument(session, now, fee=fee)
        row = await session.get_one(Instrument, number)
        grant = Grant(Role.KEEPER, row.organisation_id)
        return number, By(await person(session, now, grant), frozenset({grant}))


def hourly(fen: int | None, group: str = "all") -> tuple[Priced, ...]:
    return (Priced(Part.USE, group, "hour", fen),)


async def costs(database: Database, number: int, on: date, group: Group = Group.OUTSIDE) -> int:
    async with database.read() as session:
        found = await estimate(session, number, group, Mode.SELF, 120, None, on)
        assert found.fen is not None
        return found.fen


async def test_a_price_holds_from_its_day_and_the_old_one_stays(
    database: Database, now: datetime
) -> None:
    number, by = await keeper(database, now)
    assert await costs(database, number, TODAY) == 20_000
    async with database.begin() as session:
        await change(session, number, Change(hourly(15_000), LATER), by, now)
    assert await costs(database, number, TODAY) == 20_000
    assert await costs(database, number, LATER) == 30_000
    async with database.read() as session:
        kept = await history(session, number)
    assert [(row.fen, row.starts_on.year) for row in kept] == [(10_000, 2000), (15_000, 2026)]


async def test_a_group_of_its_own(database: Database, now: datetime) -> None:
    number, by = await keeper(database, now)
    async with database.begin() as session:
        await change(session, number, Change(hourly(5_000, "own"), TODAY), by, now)
    assert await costs(database, number, TODAY, Group.OWN) == 10_000
    assert await costs(database, number, TODAY, Group.ENTERPRISE) == 20_000


async def test_of_two_changes_for_one_day_the_later_counts(
    database: Database, now: datetime
) -> None:
    number, by = await keeper(database, now)
    async with database.begin() as session:
        for fen in (15_000, 12_000):
            await change(session, number, Change(hourly(fen), LATER), by, now)
        assert await in_force(session, number, LATER) == list(hourly(12_000))


async def test_components_of_the_cost_are_told_and_not_charged(
    database: Database, now: datetime
) -> None:
    number, by = await keeper(database, now)
    material = (Priced(Part.MATERIAL, "all", "hour", 3_000),)
    async with database.begin() as session:
        await change(session, number, Change(material, TODAY), by, now)
        assert set(await in_force(session, number, TODAY)) == {*material, *hourly(10_000)}
    assert await costs(database, number, TODAY) == 20_000


@pytest.mark.parametrize(
    ("prices", "day"),
    [
        (hourly(-1), TODAY),
        (hourly(100_000_001), TODAY),
        (hourly(100, "friends"), TODAY),
        ((Priced(Part.USE, "all", "lightyear", 1),), TODAY),
        (hourly(100), TODAY - timedelta(days=1)),
    ],
)
async def test_slips_are_refused(
    database: Database, now: datetime, prices: tuple[Priced, ...], day: date
) -> None:
    number, by = await keeper(database, now)
    with pytest.raises(PriceUnfit):
        async with database.begin() as session:
            await change(session, number, Change(prices, day), by, now)


async def test_only_its_keeper_sets_prices(database: Database, now: datetime) -> None:
    number, _ = await keeper(database, now)
    stranger = By(None, frozenset({Grant(Role.KEEPER, 999_999)}))
    with pytest.raises(NotYours):
        async with database.begin() as session:
            await change(session, number, Change(hourly(1), TODAY), stranger, now)


async def test_only_what_was_confirmed_makes_a_group(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        firm = await organisation.add(session, "介休机械有限公司", now)
        school = await organisation.add(session, "晋中学院", now)
        keeps = await organisation.add(session, "晋中煤化工研究院", now)
        her = await person(session, now)
        await affiliation.claim(session, POLICY, person_id=her, organisation_id=firm, now=now)
        assert await group_of(session, her, keeps, now) == (Group.OUTSIDE, None)
        for where, group in (
            (firm, Group.ENTERPRISE),
            (school, Group.ACADEMIC),
            (keeps, Group.OWN),
        ):
            await affiliation.invited(
                session, POLICY, person_id=her, organisation_id=where, now=now
            )
            assert await group_of(session, her, keeps, now) == (group, where)


def test_labels_mean_groups_and_parts() -> None:
    assert from_ledger("校内80元/样；校外开机费300元/次；制样费（校外）20元/样；钛合金90元/样") == [
        Priced(Part.USE, "own", "sample", 8_000),
        Priced(Part.START, "outside", "time", 30_000, label="开机费"),
        Priced(Part.OPTION, "outside", "sample", 2_000, label="制样费"),
        Priced(Part.USE, "all", "sample", 9_000, label="钛合金"),
    ]
