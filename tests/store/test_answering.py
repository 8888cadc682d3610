"""Who is asked for an answer, what it does, and what whoever comes after is told."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from store import person, routing
from store.answering import Decided, agree, call_off, decline, offer, see, waiting
from store.availability import Unfit
from store.booking import Status
from store.booking.reading import NoSuchBooking
from store.database import Database
from store.instrument import Instrument
from store.lifecycle import NotYours
from store.listing import By, ReasonMissing
from store.person import Grant, Person, Role
from store.routing import answerers
from tests.store import people
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin

S = Status


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await begin(database)


def user(scene: Scene) -> By:
    return By(scene.user, frozenset())


async def do(scene: Scene, verb: Any, *args: Any) -> Any:
    """A verb in a transaction of its own."""
    async with scene.database.begin() as session:
        return await verb(session, *args)


async def somebody(scene: Scene, *grants: Grant) -> By:
    async with scene.database.begin() as session:
        return By(await people.person(session, NOW, *grants), frozenset(grants))


async def unit(scene: Scene) -> int:
    async with scene.database.read() as session:
        return (await session.get_one(Instrument, scene.instrument)).organisation_id


async def test_keepers_then_representatives_then_the_bureau(scene: Scene) -> None:
    keeper = scene.keeper.person_id
    bureau = await somebody(scene, Grant(Role.BUREAU))
    await somebody(scene, Grant(Role.BUREAU, county_id=99))
    speaks = await somebody(scene, Grant(Role.REPRESENTATIVE, await unit(scene)))
    await somebody(scene, Grant(Role.KEEPER, 99))

    async def asked() -> tuple[Role, tuple[int, ...]]:
        async with scene.database.read() as session:
            found = await answerers(session, scene.instrument)
            return found.role, found.persons

    assert await asked() == (Role.KEEPER, (keeper,))
    assert keeper is not None
    await do(scene, person.leave, keeper, NOW)
    assert await asked() == (Role.REPRESENTATIVE, (speaks.person_id,))
    assert speaks.person_id is not None
    await do(scene, person.take, speaks.person_id, NOW)
    assert await asked() == (Role.BUREAU, (bureau.person_id,))


async def test_what_waits_for_whom(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    here = await unit(scene)
    speaks, bureau = Grant(Role.REPRESENTATIVE, here), Grant(Role.BUREAU)

    async def numbers(*grants: Grant, now: datetime = NOW) -> list[int]:
        async with scene.database.read() as session:
            return [each.booking.number for each in await waiting(session, grants, now)]

    assert await numbers(Grant(Role.KEEPER, here)) == [row.number]
    assert await numbers(Grant(Role.KEEPER, 99)) == []
    assert await numbers(speaks) == []
    assert row.answer_by is not None
    assert await numbers(speaks, now=row.answer_by) == [row.number]
    assert await numbers(bureau) == []
    assert scene.keeper.person_id is not None
    await do(scene, person.take, scene.keeper.person_id, NOW)
    assert await numbers(bureau) == [row.number]
    assert await numbers(Grant(Role.BUREAU, county_id=99)) == []
    assert await numbers(speaks) == [row.number]


async def test_yes_from_the_keeper(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    made = await do(scene, agree, row.number, scene.keeper, NOW)
    assert (made.status, made.answered_at, made.decided_by) == (
        S.APPROVED,
        NOW,
        scene.keeper.person_id,
    )


async def test_nobody_else_sees_it(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    for stranger in (
        By(scene.other, frozenset()),
        By(scene.other, frozenset({Grant(Role.KEEPER, 99)})),
        By(scene.other, frozenset({Grant(Role.BUREAU, county_id=99)})),
    ):
        for number in (row.number, 9999):
            for verb, more in (
                (see, ()),
                (agree, (NOW,)),
                (decline, ("保养", NOW)),
                (call_off, ("保养", NOW)),
            ):
                args = (number, *more[:-1], stranger, *more[-1:])
                with pytest.raises(NoSuchBooking) as refused:
                    await do(scene, verb, *args)
                assert refused.value.number == f"YY{number}"
            with pytest.raises(NoSuchBooking):
                await do(scene, offer, number, (at(14), at(16)), stranger, POLICY, NOW)
    assert (await scene.shown(row.number)).status is S.REQUESTED


async def test_the_user_does_not_answer_their_own_request(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    with pytest.raises(NotYours):
        await do(scene, agree, row.number, user(scene), NOW)
    with pytest.raises(NotYours):
        await do(scene, decline, row.number, "不要了", user(scene), NOW)
    with pytest.raises(NotYours):
        await do(scene, call_off, row.number, "不要了", user(scene), NOW)
    with pytest.raises(NoSuchBooking):
        await do(scene, offer, row.number, (at(14), at(16)), user(scene), POLICY, NOW)


@pytest.mark.parametrize("reason", ["", "  ", "2", "。。", "忙", "长" * 201])
async def test_no_needs_a_reason(scene: Scene, reason: str) -> None:
    row = await scene.ask(9, 11)
    with pytest.raises(ReasonMissing):
        await do(scene, decline, row.number, reason, scene.keeper, NOW)
    assert (await scene.shown(row.number)).status is S.REQUESTED


async def test_no_with_a_reason_frees_the_time(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    made = await do(scene, decline, row.number, " 主机  保养 ", scene.keeper, NOW)
    assert (made.status, made.reason) == (S.REJECTED, "主机 保养")
    assert await scene.taken() == []


async def test_another_time_is_the_users_to_take(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    offered = await do(scene, offer, row.number, (at(14), at(16)), scene.keeper, POLICY, NOW)
    assert (offered.number, offered.status) == (row.number, S.OFFERED)
    assert await scene.taken() == [(14, 16)]
    with pytest.raises(NotYours):
        await do(scene, agree, row.number, scene.keeper, NOW)
    assert (await do(scene, agree, row.number, user(scene), NOW)).status is S.APPROVED


async def test_an_offer_refused_is_over(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    await do(scene, offer, row.number, (at(14), at(16)), scene.keeper, POLICY, NOW)
    assert (await do(scene, decline, row.number, "", user(scene), NOW)).status is S.CANCELLED
    assert await scene.taken() == []


async def test_an_offer_must_be_to_be_had(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    await scene.ask(14, 16, person_id=scene.other)
    with pytest.raises(Unfit):
        await do(scene, offer, row.number, (at(15), at(17)), scene.keeper, POLICY, NOW)
    assert await scene.taken() == [(9, 11), (14, 16)]


async def test_who_comes_after_is_told_who_was_first(scene: Scene) -> None:
    row, later = await scene.ask(9, 11), NOW + timedelta(minutes=5)
    colleague = await somebody(scene, *scene.keeper.grants)
    await do(scene, agree, row.number, colleague, NOW)
    for verb, more in ((agree, ()), (decline, ("保养",))):
        with pytest.raises(Decided) as refused:
            await do(scene, verb, row.number, *more, scene.keeper, later)
        told = refused.value
        assert (told.status, told.by, told.at) == (S.APPROVED, colleague.person_id, NOW)


async def test_what_the_user_took_back(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    await scene.move(row.number, "cancel", "user")
    with pytest.raises(Decided) as refused:
        await do(scene, agree, row.number, scene.keeper, NOW)
    assert (refused.value.status, refused.value.by) == (S.CANCELLED, scene.user)


async def test_too_late_for_a_yes(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    assert row.hold_until is not None
    for over in (row.hold_until, row.hold_until + timedelta(hours=1)):
        with pytest.raises(Decided) as refused:
            await do(scene, agree, row.number, scene.keeper, over)
        assert (refused.value.status, refused.value.at) == (S.EXPIRED, row.hold_until)
    just = row.hold_until - timedelta(seconds=1)
    assert (await do(scene, agree, row.number, scene.keeper, just)).status is S.APPROVED


async def test_calling_off_what_was_agreed(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    await do(scene, agree, row.number, scene.keeper, NOW)
    made = await do(scene, call_off, row.number, "主机坏了", scene.keeper, NOW)
    assert (made.status, made.reason) == (S.ABORTED, "主机坏了")
    with pytest.raises(Decided):
        await do(scene, call_off, row.number, "主机坏了", scene.keeper, NOW)


async def test_the_bureau_may_what_a_keeper_may(scene: Scene) -> None:
    row = await scene.ask(9, 11)
    bureau = await somebody(scene, Grant(Role.BUREAU))
    assert (await do(scene, agree, row.number, bureau, NOW)).status is S.APPROVED


async def test_who_left_is_not_asked(scene: Scene) -> None:
    async with scene.database.begin() as session:
        keeper = await session.get_one(Person, scene.keeper.person_id)
        keeper.left_at = NOW
    async with scene.database.read() as session:
        found = await routing.answerers(session, scene.instrument)
    assert found == routing.Answerers(Role.BUREAU, ())


async def test_of_two_at_once_one_is_heard(scene: Scene) -> None:
    """Two keepers, each in a transaction of their own: the other is told who was first."""
    colleague = await somebody(scene, *scene.keeper.grants)
    for hour in range(6, 12):
        row = await scene.ask(hour, hour + 1)
        answers = await asyncio.gather(
            do(scene, agree, row.number, scene.keeper, NOW),
            do(scene, decline, row.number, "年度校准", colleague, NOW),
            return_exceptions=True,
        )
        (late,) = [each for each in answers if isinstance(each, BaseException)]
        assert isinstance(late, Decided), late
        won = await scene.shown(row.number)
        assert (late.status, late.by) == (won.status, won.decided_by)
        assert won.status in (S.APPROVED, S.REJECTED)
