"""What a request makes, and what it is refused for."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select, update

from store import booking
from store.availability import Unfit
from store.booking import Booking, Mode, Occupation, Status
from store.database import Database
from store.event import Event, EventRow
from store.instrument import Instrument
from store.instrument import Status as Listed
from store.policies import PolicyVersion
from tests.store.booking.scene import DAY, NOW, POLICY, Scene, at, begin


async def counted(database: Database) -> tuple[int, int, int]:
    async with database.read() as session:
        tables = (Booking, Occupation, EventRow)
        counts = [await session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]
    return counts[0], counts[1], counts[2]


async def test_it_holds_the_period_until_it_is_answered(scene: Scene) -> None:
    made = await scene.ask(9, 11, purpose="缸盖平面度", price={"rows": [1]}, estimate_fen=40_000)
    shown = await scene.shown(made.number)
    assert shown.status is Status.REQUESTED
    assert (shown.starts_at, shown.ends_at) == (at(9), at(11))
    assert (shown.purpose, shown.price, shown.estimate_fen) == ("缸盖平面度", {"rows": [1]}, 40_000)
    assert shown.hold_until == at(9)  # three working days on is later than its start
    assert shown.answer_by == DAY.replace(hour=18)
    assert shown.free_until == at(9) - timedelta(hours=24)
    assert await scene.taken() == [(9, 11)]


async def test_what_comes_back_is_what_was_written(scene: Scene) -> None:
    wish = scene.wish(9, 11, mode=Mode.SAMPLE, samples=3, sample_words="土", price={"a": [1]})
    made = await scene.ask_for(wish)
    shown = await scene.shown(made.id)
    columns = Booking.__mapper__.column_attrs.keys()
    assert {c: getattr(made, c) for c in columns} == {c: getattr(shown, c) for c in columns}


async def test_it_is_had_at_once_where_terms_say_so(scene: Scene) -> None:
    made = await scene.with_terms(approval=False).ask(9, 11)
    assert made.status is Status.APPROVED
    assert made.hold_until is None
    async with scene.database.read() as session:
        (event,) = await booking.history(session, made.number)
    assert (event.verb, event.version, event.actor_id) == ("approve", 1, scene.user)


async def test_its_event_says_nothing_of_anybody(scene: Scene) -> None:
    made = await scene.ask(9, 11, purpose="给王老师的样品")
    async with scene.database.read() as session:
        (event,) = await booking.history(session, made.number)
    assert (event.subject, event.subject_id, event.verb) == ("booking", made.id, "request")
    assert event.facts == {"by": "user"}


async def test_events_are_handed_over_before_the_commit(scene: Scene) -> None:
    heard: list[Event] = []

    async def tell(_session: object, events: Sequence[Event]) -> None:
        heard.extend(events)

    scene.database.tell = tell
    made = await scene.ask(9, 11)
    assert [event.key for event in heard] == [f"booking.request/{made.id}"]


@pytest.mark.parametrize("times", [2, 3])
async def test_a_second_tap_finds_the_first_booking(scene: Scene, times: int) -> None:
    wish = scene.wish(9, 11)
    made = [await scene.ask_for(wish) for _ in range(times)]
    assert len({row.number for row in made}) == 1
    assert await counted(scene.database) == (1, 1, 1)


async def test_a_second_tap_shows_what_became_of_it(scene: Scene) -> None:
    wish = scene.wish(9, 11)
    made = await scene.ask_for(wish)
    await scene.reschedule(made.number, 14, 16)
    again = await scene.ask_for(wish)
    assert again.number == made.number
    assert again.starts_at == at(14)
    await scene.move(made.number, "cancel", "user")
    assert (await scene.ask_for(wish)).status is Status.CANCELLED


async def test_a_taken_period_is_refused_with_what_could_be_instead(scene: Scene) -> None:
    await scene.ask(9, 11)
    with pytest.raises(Unfit) as refused:
        await scene.ask(10, 12, person_id=scene.other)
    assert refused.value.reasons
    assert refused.value.nearest
    assert await counted(scene.database) == (1, 1, 1)


async def test_a_refusal_that_is_caught_leaves_nothing_behind(scene: Scene) -> None:
    async with scene.database.begin() as session:
        await booking.request(session, scene.wish(9, 11), scene.terms, POLICY, NOW)
        with pytest.raises(Unfit):
            await booking.request(session, scene.wish(10, 12), scene.terms, POLICY, NOW)
    assert await counted(scene.database) == (1, 1, 1)


@pytest.mark.parametrize("listed", [Listed.PAUSED, Listed.WITHDRAWN])
@pytest.mark.parametrize("mode", [Mode.SELF, Mode.SAMPLE])
async def test_an_instrument_gone_meanwhile_is_refused(
    scene: Scene, listed: Listed, mode: Mode
) -> None:
    async with scene.database.begin() as session:
        await session.execute(update(Instrument).values(status=listed))
    with pytest.raises(booking.Unlisted):
        await scene.ask(9, 11, mode=mode, samples=1)
    assert await counted(scene.database) == (0, 0, 0)


async def test_samples_need_no_time(scene: Scene) -> None:
    wish = replace(scene.wish(9, 11, mode=Mode.SAMPLE, samples=8), starts_at=None, ends_at=None)
    made = await scene.ask_for(wish)
    assert made.hold_until is not None
    assert (made.free_until, made.starts_at) == (None, None)
    assert await scene.taken() == []


async def test_each_keeps_the_policy_it_was_made_under(scene: Scene) -> None:
    made = [await scene.ask(9, 10), await scene.ask(10, 11)]
    async with scene.database.read() as session:
        (version,) = await session.scalars(select(PolicyVersion))
    assert {row.policy_id for row in made} == {version.id}
    assert version.hash == POLICY.hash


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": Mode.SAMPLE, "samples": 0},
        {"mode": Mode.SAMPLE, "samples": None},
        {"mode": Mode.SELF, "starts_at": None, "ends_at": None},
    ],
)
async def test_the_table_refuses_what_is_no_booking(scene: Scene, wrong: dict[str, Any]) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.CheckViolationError)):
        await scene.ask(9, 11, **wrong)


async def test_the_day_before_does_not_touch_the_day_after_midnight(scene: Scene) -> None:
    await scene.ask(22, 25)
    await scene.ask(25, 26)
    with pytest.raises(Unfit):
        await scene.ask(24, 25, person_id=scene.other)
    with pytest.raises(Unfit):
        await scene.ask(0.5, 23)
    assert await scene.taken() == [(22, 25), (25, 26)]


async def test_buffers_keep_their_distance_to_the_minute(database: Database) -> None:
    quarter = timedelta(minutes=15)
    scene = await begin(database, before=quarter, after=2 * quarter)
    await scene.ask(9, 11)
    assert await scene.taken() == [(8.75, 11.5)]
    for start, end in ((11.5, 12), (7, 8.5), (11, 12), (8.5, 8.75)):
        with pytest.raises(Unfit):
            await scene.ask(start, end, person_id=scene.other)
    await scene.ask(11.75, 12.25)
    await scene.ask(7.25, 8.25)
    assert await scene.taken() == [(7, 8.75), (8.75, 11.5), (11.5, 12.75)]
