from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import strike
from store.booking import Booking
from store.database import Database
from store.listing import By, ReasonMissing
from store.person import Grant, Role
from store.policies import Policy, Rule
from store.strike import Closed, Kind, NoStrike, Standing, standing
from tests.store.people import person
from tests.store.visiting import HOUR, POLICY, Room

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.lists(st.integers(0, 900), max_size=12).map(sorted)


def at(*days: int) -> list[datetime]:
    return [START + day * DAY for day in days]


def rules(strikes: int = 3, counted: int = 180, ban: int = 30) -> Policy:
    return replace(
        POLICY,
        strikes=Rule(strikes),
        strikes_counted=Rule(counted * DAY),
        booking_ban=Rule(ban * DAY),
    )


@pytest.mark.parametrize(
    ("days", "now", "count", "closed"),
    [
        ((), 0, 0, None),
        ((0, 1), 2, 2, None),
        ((0, 1, 2), 2, 0, 32),
        ((0, 1, 2), 31, 0, 32),
        ((0, 1, 2), 32, 0, None),  # it is over: booking opens, and what closed it is spent
        ((0, 1, 2, 40), 41, 1, None),
        ((0, 100, 181), 181, 2, None),  # the first does not count any more
        ((0, 100), 281, 0, None),
    ],
)
def test_what_strikes_come_to(
    days: tuple[int, ...], now: int, count: int, closed: int | None
) -> None:
    until = None if closed is None else START + closed * DAY
    assert standing(at(*days), rules(), START + now * DAY) == Standing(count, until)


@given(DAYS, st.integers(0, 1000), st.integers(1, 5), st.integers(1, 200), st.integers(1, 60))
def test_closed_only_after_so_many_in_so_long(
    days: list[int], now: int, strikes: int, counted: int, ban: int
) -> None:
    past = [day for day in days if day <= now]
    stands = standing(at(*past), rules(strikes, counted, ban), START + now * DAY)
    assert 0 <= stands.count < strikes
    if stands.closed_until is None:
        return
    end = (stands.closed_until - START) // DAY
    assert now < end <= now + ban
    closing = [day for day in past if end - ban - counted < day <= end - ban]
    assert len(closing) >= strikes


@given(DAYS, st.integers(0, 1000), st.data())
def test_lifting_never_closes_what_was_open_forever(
    days: list[int], now: int, data: st.DataObject
) -> None:
    """Without the strike that closed it, it is open unless others close it."""
    policy, past = rules(), [day for day in days if day <= now]
    if standing(at(*past), policy, START + now * DAY).closed_until is None or not past:
        return
    left = past[: -policy.strikes.value]
    assert standing(at(*left), policy, START + now * DAY).closed_until is None or len(left) >= 3


def test_no_number_of_strikes_closes_where_policy_sets_none() -> None:
    assert standing(at(0, 0, 0, 0), rules(strikes=0), START) == Standing(4, None)


async def struck(room: Room, who: int, times: int) -> list[Booking]:
    """So many strikes, a day apart."""
    rows = []
    for _ in range(times):
        row = await room.booked(who, room.now + 3 * HOUR)
        async with room.database.begin() as session:
            assert await strike.add(session, POLICY, row, Kind.NO_SHOW, room.now)
            assert not await strike.add(session, POLICY, row, Kind.LATE, room.now)
        rows.append(row)
        room.now += DAY
    return rows


async def test_three_close_and_one_lifted_opens(database: Database, now: datetime) -> None:
    room = await Room.open(database, now)
    her = await room.user()
    rows = await struck(room, her, 3)
    by = await room.by()
    async with database.begin() as session:
        why = await strike.closed(session, POLICY, her, room.now)
        assert isinstance(why, Closed)
        assert why.until == now + 2 * DAY + POLICY.booking_ban.value
        lifted = await strike.lift(session, rows[0], " 当天 停电 ", by, room.now)
        assert (lifted.lift_reason, lifted.lifted_by) == ("当天 停电", room.keeper)
        assert await strike.closed(session, POLICY, her, room.now) is None
        assert (await strike.of_person(session, POLICY, her, room.now)).count == 2
        with pytest.raises(NoStrike):
            await strike.lift(session, rows[0], "再撤", by, room.now)
    assert [facts["count"] for verb, facts in await room.events("strike") if verb == "add"] == [
        1,
        2,
        0,
    ]


async def test_only_who_keeps_the_instrument_and_the_bureau_lift(
    database: Database, now: datetime
) -> None:
    room = await Room.open(database, now)
    her = await room.user()
    rows = await struck(room, her, 2)
    async with database.begin() as session:
        other = Grant(Role.KEEPER, organisation_id=room.organisation + 1)
        bureau = Grant(Role.BUREAU)
        ids = {grant: await person(session, now, grant) for grant in (other, bureau)}
        for grants in (frozenset({other}), frozenset[Grant]()):
            with pytest.raises(NoStrike):
                await strike.lift(session, rows[0], "停电", By(ids[other], grants), now)
        by = By(ids[bureau], frozenset({bureau}))
        for reason in (" ", "长" * 201):
            with pytest.raises(ReasonMissing):
                await strike.lift(session, rows[0], reason, by, now)
        await strike.lift(session, rows[0], "停电", by, now)
