"""All reasons at once, the nearest that would do, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert

from store import availability, booking, terms, week
from store.availability import (
    Ask,
    Busy,
    Longer,
    NotOpen,
    OffGrid,
    OutOfOrder,
    OutOfUse,
    Over,
    Period,
    Shorter,
    TooFar,
    TooMany,
    TooMuch,
    TooSoon,
)
from store.booking import Occupation
from store.database import Database
from store.errors import Refused
from store.instrument import Instrument, Status
from store.listing import By
from store.opening import read
from store.terms import change
from tests.store.booking.scene import ALWAYS, DAY, NOW, POLICY, Scene, at, begin
from tests.store.booking.scene import token as fresh

OFFICE = read("工作日 8:30-12:00，14:00-17:30")


@pytest.fixture
async def scene(database: Database) -> Scene:
    return (await begin(database)).with_terms(opening=OFFICE, proposed=OFFICE)


async def why(
    scene: Scene, start: datetime, end: datetime, replaces: int | None = None
) -> list[Refused]:
    ask = Ask(scene.instrument, scene.user, Period(start, end), replaces)
    async with scene.database.read() as session:
        return await availability.reasons(session, ask, scene.terms, NOW)


async def near(scene: Scene, start: datetime, end: datetime) -> list[Period]:
    ask = Ask(scene.instrument, scene.user, Period(start, end))
    async with scene.database.read() as session:
        return await availability.nearest(session, ask, scene.terms, NOW)


def kinds(found: list[Refused]) -> list[type[Refused]]:
    return [type(each) for each in found]


async def test_what_is_open_and_free_has_no_reason_against_it(scene: Scene) -> None:
    assert await why(scene, at(9), at(11)) == []


async def test_all_reasons_are_told_at_once(scene: Scene) -> None:
    await scene.ask(9, 10)
    by = By(scene.keeper.person_id, scene.keeper.grants)
    async with scene.database.begin() as session:
        await booking.begin_outage(session, scene.instrument, at(15), at(16), "保养", by, NOW)
    strict = scene.with_terms(
        grid=30, longest=timedelta(hours=2), notice=timedelta(days=9), horizon=timedelta(days=2)
    )
    found = await why(strict, at(9.75), at(15.25))
    assert kinds(found) == [TooSoon, TooFar, Longer, NotOpen, OutOfOrder, Busy]
    closed = next(each for each in found if isinstance(each, NotOpen))
    assert closed.day == date(2026, 11, 24)
    assert closed.hours == ((510, 720), (840, 1050))
    down = next(each for each in found if isinstance(each, OutOfOrder))
    assert (down.start, down.end, down.why) == (at(15), at(16), "保养")


async def test_short_off_grid_past(scene: Scene) -> None:
    strict = scene.with_terms(grid=30, shortest=timedelta(hours=1))
    assert kinds(await why(strict, at(9.25), at(9.75))) == [Shorter, OffGrid]
    assert kinds(await why(scene, NOW - timedelta(hours=2), NOW)) == [Over]


async def test_a_holiday_and_a_made_up_day(scene: Scene) -> None:
    long = scene.with_terms(horizon=timedelta(days=400))
    new_year = datetime(2026, 1, 1, 9, tzinfo=DAY.tzinfo)
    async with scene.database.read() as session:
        ask = Ask(1, scene.user, Period(new_year, new_year + timedelta(hours=1)))
        before = datetime(2025, 12, 20, 9, tzinfo=DAY.tzinfo)
        (closed,) = await availability.reasons(session, ask, long.terms, before)
    assert isinstance(closed, NotOpen)
    assert closed.holiday


async def test_buffers_keep_others_apart(scene: Scene) -> None:
    await scene.ask(9, 10)
    apart = scene.with_terms(before=timedelta(minutes=30), after=timedelta(minutes=15))
    assert kinds(await why(apart, at(10.25), at(11))) == [Busy]
    assert await why(apart, at(10.5), at(11)) == []


async def test_a_booking_does_not_stand_in_its_own_way(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    assert kinds(await why(scene, at(10), at(12))) == [Busy]
    assert await why(scene, at(10), at(12), replaces=row.id) == []


async def test_quotas_of_a_week(scene: Scene) -> None:
    await scene.ask(9, 10)
    await scene.ask(10, 11)
    most = scene.with_terms(per_week=2, time_per_week=timedelta(hours=3))
    assert kinds(await why(most, at(14), at(15))) == [TooMany]
    assert kinds(await why(most, at(14), at(15.5))) == [TooMany, TooMuch]
    next_week = at(14) + timedelta(days=7)
    assert await why(most, next_week, next_week + timedelta(hours=1)) == []


async def test_out_of_use(scene: Scene) -> None:
    paused = scene.with_terms(listed=Status.PAUSED, why_not="等配件")
    (out, *_) = await why(paused, at(9), at(10))
    assert isinstance(out, OutOfUse)
    assert out.why == "等配件"
    assert await near(paused, at(9), at(10)) == []


async def test_the_nearest_do(scene: Scene) -> None:
    await scene.ask(9, 12)
    found = await near(scene, at(9), at(11))
    assert found == sorted(found)
    assert len(found) == 3
    for each in found:
        assert await why(scene, each.start, each.end) == []
    monday = timedelta(days=1)
    assert [each.start for each in found] == [at(10) - monday, at(15.5) - monday, at(14)]


async def test_unknown_hours_are_asked_and_never_made_up(scene: Scene) -> None:
    words = read("寒暑假不开放")
    held = scene.with_terms(opening=words)
    night = at(22)
    assert await why(held, night, night + timedelta(hours=1)) == []
    found = await near(held, night, night + timedelta(hours=1))
    assert all(9 <= each.start.hour <= 16 or each.start.hour == 8 for each in found)


async def test_thirty_days_with_500_outages(database: Database) -> None:
    scene = (await begin(database)).with_terms(shortest=timedelta(minutes=15), proposed=ALWAYS)
    async with database.begin() as session:
        rows = [(DAY + timedelta(minutes=80 * n)) for n in range(500)]
        outages = [
            {
                "instrument_id": scene.instrument,
                "starts_at": start,
                "ends_at": start + timedelta(minutes=60),
                "reason": "x",
                "made_at": NOW,
            }
            for start in rows
        ]
        made = await session.execute(insert(booking.Outage).returning(booking.Outage.id), outages)
        numbers = [row[0] for row in made]
        occupied = [
            {"instrument_id": scene.instrument, "outage_id": number, **span}
            for number, span in zip(
                numbers, ({k: o[k] for k in ("starts_at", "ends_at")} for o in outages), strict=True
            )
        ]
        await session.execute(insert(Occupation), occupied)
    async with database.read() as session:
        found = await availability.free(session, scene.terms, DAY, DAY + timedelta(days=30), NOW)
    assert len(found) > 300


async def test_terms_are_the_instruments_over_its_units_over_policys(scene: Scene) -> None:
    number, by = scene.instrument, scene.keeper
    async with scene.database.begin() as session:
        row = await session.get_one(Instrument, number)
        row.open_hours = "周二 9:00-12:00（需提前3天预约）"
        unit = terms.TermsRow(
            organisation_id=row.organisation_id,
            hours="工作日 9:00-17:00",
            grid=60,
            longest_minutes=120,
            version=1,
            changed_at=NOW,
        )
        session.add(unit)
        await change.set_term(session, number, ("grid", 30), by, NOW)
    async with scene.database.read() as session:
        held = await terms.of(session, number, POLICY)
    assert (held.grid, held.longest) == (30, timedelta(hours=2))
    assert held.notice == timedelta(days=3)
    assert held.opening.table[3] == ((540, 720),)
    assert held.cite("grid") == ""
    assert {"booking_grid", "booking_longest", "booking_notice"} <= held.own
    async with scene.database.begin() as session:
        (await session.get_one(Instrument, number)).open_hours = None
    async with scene.database.read() as session:
        assert (await terms.of(session, number, POLICY)).opening.table[0] == ((540, 1020),)


async def test_special_days_go_before_the_week(scene: Scene) -> None:
    number, by = scene.instrument, scene.keeper
    saturday = date(2026, 11, 28)
    async with scene.database.begin() as session:
        special = change.Special(saturday, saturday, ((540, 720),), "加开")
        await change.set_special(session, number, special, by, NOW)
        closed = change.Special(date(2026, 11, 24), date(2026, 11, 25), (), "停电")
        await change.set_special(session, number, closed, by, NOW)
    async with scene.database.read() as session:
        held = await terms.of(session, number, POLICY)
    assert held.hours(saturday) == ((540, 720),)
    assert held.hours(date(2026, 11, 25)) == ()
    other = Scene(scene.database, held, scene.user, scene.other, scene.keeper)
    (reason,) = await why(other, at(9), at(10))
    assert isinstance(reason, NotOpen)
    assert reason.why == "停电"


async def test_a_week_in_parts(scene: Scene) -> None:
    await scene.ask(9, 10)
    async with scene.database.read() as session:
        days = await week.week(session, scene.terms, date(2026, 11, 23), NOW)
    tuesday = days[1]
    assert tuesday.open == ((510, 720), (840, 1050))
    assert tuesday.taken == ((540, 600),)
    assert tuesday.free == ((510, 540), (600, 720), (840, 1050))
    assert days[5].open == ()
    assert fresh() != fresh()


def test_a_pictures_name_is_ours_only() -> None:
    secret = bytes(32)
    name = week.name(secret, 12, date(2026, 11, 23))
    assert week.read_name(secret, name) == (12, date(2026, 11, 23))
    for other in (name.replace("12-", "13-"), name.replace("1123", "1124"), "x.png", name[:-5]):
        assert week.read_name(secret, other) is None
    assert week.read_name(bytes(31) + b"1", name) is None
    assert week.read_name(secret, "YQ1-20269999-0123456789abcdef.png") is None
