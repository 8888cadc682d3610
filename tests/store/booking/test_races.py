"""Many at once, and two who want what excludes each other: the database decides, once."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from store import booking
from store.availability import Unfit
from store.booking import OCCUPYING, Booking, OutageThere, Status
from store.lifecycle import NotNow
from tests.store.booking.scene import NOW, POLICY, Scene, apart, at

CROWD = 200
TIMES = 5
"""How often two are set against each other."""


async def at_once(*attempts: Awaitable[Any]) -> list[Any]:
    """What each came to: a result, or its refusal; anything else is a fault."""
    ends = await asyncio.gather(*attempts, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, Unfit | NotNow | OutageThere):
            raise end
    return ends


def won(ends: Sequence[Any]) -> list[Any]:
    return [end for end in ends if not isinstance(end, Exception)]


async def test_of_all_who_want_one_period_one_gets_it(scene: Scene) -> None:
    ends = await at_once(*(scene.ask(9, 11) for _ in range(CROWD)))
    assert len(won(ends)) == 1
    assert await scene.taken() == [(9, 11)]


async def test_of_all_who_want_overlapping_periods_those_get_them_who_can(scene: Scene) -> None:
    starts = [(number * 7 % CROWD) / 16 for number in range(CROWD)]
    quick = scene.with_terms(grid=0)
    ends = await at_once(*(quick.ask(start, start + 1) for start in starts))
    taken = await scene.taken()
    assert apart(taken)
    assert len(taken) == len(won(ends))
    free = [start for start in starts if all(e <= start or start + 1 <= s for s, e in taken)]
    assert free == []


async def test_all_who_want_periods_side_by_side_get_them(scene: Scene) -> None:
    ends = await at_once(*(scene.ask(n / 2, n / 2 + 0.5) for n in range(CROWD)))
    assert len(won(ends)) == CROWD
    taken = await scene.taken()
    assert apart(taken)
    assert len(taken) == CROWD


async def test_three_deliveries_of_one_confirm_make_one_booking(scene: Scene) -> None:
    for round_ in range(TIMES):
        wish = scene.wish(round_, round_ + 1)
        ends = won(await at_once(*(scene.ask_for(wish) for _ in range(3))))
        assert len(ends) == 3
        assert len({row.number for row in ends}) == 1
    assert len(await scene.taken()) == TIMES


async def test_approve_and_cancel_exclude_each_other(scene: Scene) -> None:
    for round_ in range(TIMES):
        made = await scene.ask(round_, round_ + 1)
        stale = [await scene.shown(made.number) for _ in range(2)]
        ends = await at_once(
            move(scene, stale[0], "approve", "keeper"), move(scene, stale[1], "cancel", "user")
        )
        (row,) = won(ends)
        assert (await scene.shown(made.number)).status is row.status
    async with scene.database.read() as session:
        mine = await booking.mine(session, scene.user, NOW)
    assert len(await scene.taken()) == len(mine)


async def move(scene: Scene, row: Booking, verb: str, by: str) -> Booking:
    async with scene.database.begin() as session:
        return await booking.move(session, row, verb, frozenset({by}), scene.user, NOW)


async def test_two_that_overlap_are_never_both_approved(scene: Scene) -> None:
    """The second never came so far as to be approved."""
    for round_ in range(TIMES):
        ends = await at_once(
            scene.with_terms(approval=False).ask(round_, round_ + 1),
            ask_and_approve(scene, round_),
        )
        assert len(won(ends)) == 1
    assert await scene.taken() == [(n, n + 1) for n in range(TIMES)]


async def ask_and_approve(scene: Scene, hour: float) -> Booking:
    made = await scene.ask(hour, hour + 1, person_id=scene.other)
    return await scene.move(made.number, "approve", "keeper")


async def test_nobody_moves_into_a_period_that_is_being_booked(scene: Scene) -> None:
    for round_ in range(TIMES):
        day = 24 * round_
        made = await scene.ask(day + 9, day + 11)
        ends = await at_once(
            scene.reschedule(made.number, day + 14, day + 16),
            scene.ask(day + 15, day + 17, person_id=scene.other),
        )
        assert len(won(ends)) == 1
        assert apart(await scene.taken())
        shown = await scene.shown(made.number)
        assert shown.status in OCCUPYING
        moved = not isinstance(ends[0], Exception)
        assert shown.starts_at == at(day + 14 if moved else day + 9)


async def test_two_who_change_places_do_not_block_each_other(scene: Scene) -> None:
    for round_ in range(TIMES):
        day = 24 * round_
        one, two = await scene.ask(day + 9, day + 11), await scene.ask(day + 14, day + 16)
        await at_once(
            scene.reschedule(one.number, day + 14, day + 16),
            scene.reschedule(two.number, day + 9, day + 11),
        )
        assert apart(await scene.taken())
        assert len(await scene.taken()) == 2 * (round_ + 1)


async def test_one_booking_is_moved_once(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    stale = [await scene.shown(made.number) for _ in range(4)]
    ends = await at_once(*(to(scene, row, 12 + 2 * n) for n, row in enumerate(stale)))
    assert len(won(ends)) == 1
    assert len(await scene.taken()) == 1


async def to(scene: Scene, row: Booking, hour: float) -> Booking:
    async with scene.database.begin() as session:
        return await booking.reschedule(
            session,
            row,
            at(hour),
            at(hour + 1),
            by="user",
            hats=frozenset({"user"}),
            actor_id=scene.user,
            terms=scene.terms,
            policy=POLICY,
            now=NOW,
        )


async def test_an_outage_and_bookings_in_it_exclude_each_other(scene: Scene) -> None:
    for round_ in range(TIMES):
        day = 24 * round_
        asked = [scene.ask(day + 8 + n, day + 9 + n) for n in range(6)]
        outage, *ends = await at_once(scene.outage(day + 9, day + 12), *asked)
        taken = [(start - day, end - day) for start, end in await scene.taken() if start >= day]
        assert apart(taken)
        assert (9, 12) in taken
        assert {(8, 9), (12, 13), (13, 14)} <= set(taken)
        for row in won(ends):
            shown = await scene.shown(row.number)
            inside = at(day + 9) <= shown.starts_at < at(day + 12)  # type: ignore[operator]
            assert shown.status is (Status.ABORTED if inside else Status.REQUESTED)
        assert {row.status for row in outage[1]} <= {Status.ABORTED}


async def test_two_outages_do_not_overlap(scene: Scene) -> None:
    ends = await at_once(scene.outage(9, 12), scene.outage(11, 14))
    assert len(won(ends)) == 1
    assert apart(await scene.taken())


async def test_expiry_and_approval_exclude_each_other(scene: Scene) -> None:
    for round_ in range(TIMES):
        made = await scene.ask(round_, round_ + 1)
        assert made.hold_until is not None
        stale = await scene.shown(made.number)
        expired, approved = await at_once(
            expire(scene, made.hold_until), move(scene, stale, "approve", "keeper")
        )
        assert (expired == 1) is isinstance(approved, Exception)
        wanted = Status.EXPIRED if expired else Status.APPROVED
        assert (await scene.shown(made.number)).status is wanted
        assert ((round_, round_ + 1) in await scene.taken()) is (wanted is Status.APPROVED)


async def expire(scene: Scene, now: Any) -> int:
    async with scene.database.begin() as session:
        return await booking.expire(session, now + timedelta(seconds=1))


async def test_many_clocks_do_everything_once(scene: Scene) -> None:
    made = [await scene.ask(n, n + 1) for n in range(8)]
    late = at(9) + timedelta(days=9)
    counts = await at_once(*(expire(scene, late) for _ in range(6)))
    assert sum(counts) == len(made)
    async with scene.database.read() as session:
        for row in made:
            verbs = [event.verb for event in await booking.history(session, row.number)]
            assert verbs == ["request", "expire"]
    assert await scene.taken() == []


@pytest.mark.parametrize("verb", ["cancel", "abort"])
async def test_time_that_becomes_free_can_be_had_at_once(scene: Scene, verb: str) -> None:
    made = await scene.ask(9, 11)
    await scene.move(made.number, verb, "user" if verb == "cancel" else "keeper")
    ends = await at_once(*(scene.ask(9, 11, person_id=scene.other) for _ in range(5)))
    assert len(won(ends)) == 1
