"""Moves: each once, by whoever may, and with the time that it frees."""

from datetime import timedelta

import pytest

from store import booking
from store.availability import Unfit
from store.booking import LIFECYCLE, OCCUPYING, Booking, Status
from store.lifecycle import NotNow, NotYours
from tests.store.booking.scene import NOW, POLICY, Scene, at

PATHS = {
    Status.REQUESTED: [],
    Status.OFFERED: ["offer"],
    Status.APPROVED: ["approve"],
    Status.IN_USE: ["approve", "start"],
    Status.NO_SHOW: ["approve", "miss"],
    Status.CANCELLED: ["cancel"],
}
BY = {"offer": "keeper", "approve": "keeper", "start": "user", "miss": "clock", "cancel": "user"}


async def led_to(scene: Scene, status: Status) -> Booking:
    made = await scene.ask(9, 11)
    for verb in PATHS[status]:
        made = await scene.move(made.number, verb, BY[verb])
    return made


async def test_every_status_can_be_reached_and_no_two_arrows_meet() -> None:
    reached = {Status.REQUESTED, Status.OFFERED, Status.APPROVED}
    assert {Status(move.new) for move in LIFECYCLE} | reached == set(Status)
    assert {Status(move.old) for move in LIFECYCLE} >= OCCUPYING


@pytest.mark.parametrize("status", PATHS)
async def test_time_is_held_as_long_as_it_is_needed(scene: Scene, status: Status) -> None:
    made = await led_to(scene, status)
    assert made.status is status
    assert await scene.taken() == ([(9, 11)] if status in OCCUPYING else [])


async def test_what_was_read_before_somebody_moved_it_moves_no_more(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    stale = await scene.shown(made.number)
    await scene.move(made.number, "approve", "keeper")
    with pytest.raises(NotNow) as late:
        async with scene.database.begin() as session:
            await booking.move(session, stale, "reject", frozenset({"keeper"}), 1, NOW)
    assert late.value.verb == "reject"
    assert (await scene.shown(made.number)).status is Status.APPROVED


async def test_nobody_moves_what_is_not_theirs(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    for verb, by in (("approve", "user"), ("cancel", "keeper"), ("expire", "keeper")):
        with pytest.raises(NotYours):
            await scene.move(made.number, verb, by)
    with pytest.raises(NotNow):
        await scene.move(made.number, "settle", "keeper")


async def test_a_move_sets_columns_and_tells(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    moved = await scene.move(
        made.number, "reject", "keeper", reason="样品有腐蚀性", facts={"kind": 2}, estimate_fen=5
    )
    assert (moved.reason, moved.estimate_fen, moved.version) == ("样品有腐蚀性", 5, 2)
    assert (moved.answered_at, moved.decided_by, moved.changed_at) == (NOW, scene.user, NOW)
    async with scene.database.read() as session:
        events = await booking.history(session, made.number)
    assert [(e.verb, e.version, e.facts) for e in events] == [
        ("request", 1, {"by": "user"}),
        ("reject", 2, {"by": "keeper", "kind": 2}),
    ]


async def test_the_first_answer_is_what_counts(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    await scene.move(made.number, "offer", "keeper", now=NOW + timedelta(hours=1))
    again = await scene.move(made.number, "offer", "keeper", now=NOW + timedelta(hours=2))
    assert again.answered_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("hour", "late"), [(-24, False), (-23.99, True)])
async def test_a_late_cancel_is_marked(scene: Scene, hour: float, *, late: bool) -> None:
    made = await led_to(scene, Status.APPROVED)
    assert (await scene.move(made.number, "cancel", "user", now=at(9 + hour))).late is late


async def test_what_nobody_approved_is_never_cancelled_late(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    assert (await scene.move(made.number, "cancel", "user", now=at(8.9))).late is False


async def test_the_number_stays_when_the_time_changes(scene: Scene) -> None:
    first = await scene.ask(9, 11, purpose="缸盖")
    second = await scene.reschedule(first.number, 14, 16)
    third = await scene.reschedule(first.number, 10, 12)
    assert first.number == second.number == third.number
    assert (third.replaces_id, third.origin_id, third.purpose) == (second.id, first.id, "缸盖")
    assert third.status is Status.REQUESTED
    assert (await scene.shown(first.number)).id == third.id
    assert await scene.taken() == [(10, 12)]
    async with scene.database.read() as session:
        assert await booking.present(session, second.id) is None  # nobody was told that number
        verbs = [event.verb for event in await booking.history(session, first.number)]
    assert verbs == ["request", "replace", "replace"]


async def test_a_new_time_may_overlap_the_old_one(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    await scene.reschedule(made.number, 10, 12)
    assert await scene.taken() == [(10, 12)]


async def test_the_same_time_again_changes_nothing(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    moved = await scene.reschedule(made.number, 14, 16)
    again = await scene.reschedule(made.number, 14, 16)
    assert (again.id, again.version) == (moved.id, 1)


async def test_a_new_time_that_is_taken_leaves_the_old_one(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    await scene.ask(14, 16, person_id=scene.other)
    async with scene.database.begin() as session:
        row = await scene.found(session, made.number)
        with pytest.raises(Unfit):
            await booking.reschedule(
                session, row, at(15), at(17), by="user", hats=frozenset({"user"}),
                actor_id=1, terms=scene.terms, policy=POLICY, now=NOW,
            )  # fmt: skip
    shown = await scene.shown(made.number)
    assert (shown.status, shown.starts_at) == (Status.REQUESTED, at(9))
    assert await scene.taken() == [(9, 11), (14, 16)]


async def test_the_keepers_time_waits_for_the_user(scene: Scene) -> None:
    made = await led_to(scene, Status.APPROVED)
    offered = await scene.reschedule(made.number, 14, 16, by="keeper")
    assert offered.status is Status.OFFERED
    assert (offered.answered_at, offered.decided_by) == (NOW, scene.user)
    assert offered.hold_until == at(14)
    assert await scene.taken() == [(14, 16)]
    accepted = await scene.move(made.number, "accept", "user")
    assert accepted.status is Status.APPROVED


async def test_nobody_offers_or_asks_for_another_time_out_of_turn(scene: Scene) -> None:
    made = await led_to(scene, Status.IN_USE)
    with pytest.raises(NotNow):
        await scene.reschedule(made.number, 14, 16)
    other = await scene.ask(12, 13)
    async with scene.database.begin() as session:
        row = await scene.found(session, other.number)
        with pytest.raises(NotYours):
            await booking.reschedule(
                session, row, at(15), at(17), by="keeper", hats=frozenset({"user"}),
                actor_id=1, terms=scene.terms, policy=POLICY, now=NOW,
            )  # fmt: skip
    assert await scene.taken() == [(9, 11), (12, 13)]


async def test_a_keepers_time_under_terms_without_approval_still_waits(scene: Scene) -> None:
    quick = scene.with_terms(approval=False)
    made = await quick.ask(9, 11)
    offered = await quick.reschedule(made.number, 14, 16, by="keeper")
    assert offered.status is Status.OFFERED
    assert offered.hold_until is not None
    asked = await quick.reschedule(made.number, 12, 13)
    assert asked.status is Status.APPROVED


async def test_mine_are_the_open_ones_soonest_first(scene: Scene) -> None:
    late, soon = await scene.ask(14, 15), await scene.ask(9, 11)
    gone = await scene.ask(11, 12)
    await scene.move(gone.number, "cancel", "user")
    await scene.ask(16, 17, person_id=scene.other)
    await scene.reschedule(late.number, 15, 16)
    async with scene.database.read() as session:
        mine = await booking.mine(session, scene.user, NOW)
        past = await booking.mine(session, scene.user, NOW, past=True)
    assert [row.number for row in mine] == [soon.number, late.number]
    assert [row.number for row in past] == [gone.number]
