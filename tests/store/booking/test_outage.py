"""Outages call off what is booked in them, and nothing else."""

from datetime import timedelta

import pytest

from store import booking
from store.availability import Unfit
from store.booking import OutageThere, Status
from store.database import Database
from store.event import history
from store.lifecycle import NotNow, NotYours
from store.listing import By
from store.person import Grant, Role
from tests.store.booking.scene import NOW, Scene, at, begin


async def test_what_is_booked_in_it_is_called_off(scene: Scene) -> None:
    before, inside, across, after = [
        await scene.ask(*hours) for hours in ((7, 9), (10, 11), (11.5, 13), (13, 14))
    ]
    await scene.move(inside.number, "approve", "keeper")
    outage, aborted = await scene.outage(9, 12)
    assert {row.id for row in aborted} == {inside.id, across.id}
    assert {(row.status, row.reason) for row in aborted} == {(Status.ABORTED, "保养")}
    for row in (before, after):
        assert (await scene.shown(row.number)).status is Status.REQUESTED
    assert await scene.taken() == [(7, 9), (9, 12), (13, 14)]
    async with scene.database.read() as session:
        (begun,) = await history(session, "outage", outage.id)
        event = (await booking.history(session, inside.number))[-1]
    assert (begun.verb, begun.actor_id) == ("begin", scene.keeper.person_id)
    assert (event.verb, event.facts) == ("abort", {"by": "keeper", "outage": outage.id})


async def test_nobody_books_in_it_until_it_ends(scene: Scene) -> None:
    outage, _ = await scene.outage(9, 12)
    with pytest.raises(Unfit):
        await scene.ask(11, 13)
    async with scene.database.begin() as session:
        await booking.end_outage(session, outage.id, scene.keeper, NOW)
    await scene.ask(11, 13)
    with pytest.raises(NotNow):
        async with scene.database.begin() as session:
            await booking.end_outage(session, outage.id, scene.keeper, NOW)


async def test_a_buffer_that_only_reaches_into_it_is_cut(database: Database) -> None:
    half = timedelta(minutes=30)
    scene = await begin(database, before=half, after=half)
    rows = [await scene.ask(7, 9), await scene.ask(12, 13)]
    assert await scene.taken() == [(6.5, 9.5), (11.5, 13.5)]
    _, aborted = await scene.outage(9, 12)
    assert aborted == []
    assert await scene.taken() == [(6.5, 9), (9, 12), (12, 13.5)]
    for row in rows:
        assert (await scene.shown(row.number)).status is Status.REQUESTED


async def test_an_outage_in_the_middle_of_a_buffer_leaves_a_booking_its_time(
    database: Database,
) -> None:
    hour = timedelta(hours=1)
    scene = await begin(database, before=hour, after=hour)
    await scene.ask(9, 10)
    await scene.outage(8.25, 8.75)
    assert await scene.taken() == [(8.25, 8.75), (8.75, 11)]
    await scene.outage(10.25, 10.75)
    assert await scene.taken() == [(8.25, 8.75), (8.75, 10.25), (10.25, 10.75)]


async def test_an_outage_inside_a_booking_calls_it_off(scene: Scene) -> None:
    made = await scene.ask(8, 12)
    await scene.outage(9, 10)
    assert (await scene.shown(made.number)).status is Status.ABORTED
    assert await scene.taken() == [(9, 10)]


async def test_who_is_on_it_must_stop(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    await scene.move(made.number, "approve", "keeper")
    await scene.move(made.number, "start", "user")
    await scene.outage(10, 12)
    assert (await scene.shown(made.number)).status is Status.ABORTED


async def test_a_second_outage_is_told_of_the_first(scene: Scene) -> None:
    made = await scene.ask(13, 14)
    await scene.outage(9, 12)
    with pytest.raises(OutageThere) as there:
        await scene.outage(11, 14)
    assert (there.value.starts_at, there.value.ends_at) == (at(9), at(12))
    assert (await scene.shown(made.number)).status is Status.REQUESTED
    await scene.outage(12, 13)


@pytest.mark.parametrize("role", [Role.KEEPER, Role.REPRESENTATIVE, Role.EXPERT])
async def test_only_who_keeps_it_takes_it_out_of_use(scene: Scene, role: Role) -> None:
    made = await scene.ask(9, 11)
    stranger = By(scene.other, frozenset({Grant(role, 999)}))
    for number in (scene.instrument, 12345):
        with pytest.raises(NotYours):
            async with scene.database.begin() as session:
                await booking.begin_outage(session, number, at(9), at(10), "修", stranger, NOW)
    outage, _ = await scene.outage(12, 13)
    for lost in (outage.id, 12345):
        with pytest.raises(NotYours):
            async with scene.database.begin() as session:
                await booking.end_outage(session, lost, stranger, NOW)
    assert (await scene.shown(made.number)).status is Status.REQUESTED
