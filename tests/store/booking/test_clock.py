"""What happens when nobody does anything: expiry, forgotten check-outs, no-shows."""

from datetime import datetime, timedelta

from store import booking
from store.booking import Status
from tests.store.booking.scene import NOW, Scene, at

SECOND = timedelta(seconds=1)


async def expire(scene: Scene, now: datetime, limit: int = 500) -> int:
    async with scene.database.begin() as session:
        return await booking.expire(session, now, limit)


async def test_an_unanswered_request_gives_its_time_back(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    assert made.hold_until is not None
    assert await expire(scene, made.hold_until - SECOND) == 0
    assert await expire(scene, made.hold_until) == 1
    assert await expire(scene, made.hold_until + SECOND) == 0
    assert (await scene.shown(made.number)).status is Status.EXPIRED
    assert await scene.taken() == []
    async with scene.database.read() as session:
        event = (await booking.history(session, made.number))[-1]
    assert (event.verb, event.actor_id, event.version) == ("expire", None, 2)


async def test_an_offer_expires_too_and_an_approval_never(scene: Scene) -> None:
    offered, approved = await scene.ask(9, 11), await scene.ask(11, 12)
    await scene.reschedule(offered.number, 14, 15, by="keeper")
    await scene.move(approved.number, "approve", "keeper")
    assert await expire(scene, at(24)) == 1
    assert (await scene.shown(offered.number)).status is Status.EXPIRED
    assert (await scene.shown(approved.number)).status is Status.APPROVED


async def test_a_sweep_does_no_more_than_it_may(scene: Scene) -> None:
    for hour in range(5):
        await scene.ask(hour, hour + 1)
    assert [await expire(scene, at(24), 2) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_forgotten_use_ends_with_its_period(scene: Scene) -> None:
    made = await scene.ask(9, 11)
    await scene.move(made.number, "approve", "keeper")
    await scene.move(made.number, "start", "user")
    async with scene.database.begin() as session:
        assert await booking.lapse(session, at(11) - SECOND) == []
        (ended,) = await booking.lapse(session, at(11))
    assert (ended.id, ended.status) == (made.id, Status.FINISHED)
    assert await scene.taken() == []


async def test_who_never_came_is_found_once(scene: Scene) -> None:
    made, came = await scene.ask(9, 11), await scene.ask(7, 8)
    for row in (made, came):
        await scene.move(row.number, "approve", "keeper")
    await scene.move(came.number, "start", "user")
    late = at(9.5)
    async with scene.database.begin() as session:
        assert await booking.miss(session, at(9), late) == []
        (missed,) = await booking.miss(session, at(9) + SECOND, late)
        assert await booking.miss(session, at(9) + SECOND, late) == []
    assert (missed.id, missed.status, missed.changed_at) == (made.id, Status.NO_SHOW, late)
    assert await scene.taken() == [(7, 8)]
    assert late > NOW
