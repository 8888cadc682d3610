import asyncio
from datetime import datetime, timedelta

import pytest

from store import affiliation
from store.affiliation import (
    LIFECYCLE,
    AlreadyClaimed,
    EndUnfit,
    NotYourOrganisation,
    Status,
    claim,
    decide,
    leave,
    open_of,
    sweep,
    waiting,
    works_for,
)
from store.database import Database
from store.errors import Refused
from store.lifecycle import NotNow
from store.person import Grant, Role
from store.policies import load
from tests.store.people import person

POLICY = load("jinzhong")
SPEAKS = Grant(Role.REPRESENTATIVE, organisation_id=7)


async def test_a_claim_counts_only_once_confirmed(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her, him = await person(session, now), await person(session, now, SPEAKS)
        number = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        assert await works_for(session, her, now) == []
        assert [row.id for row in await waiting(session, him, now)] == [number]
        await decide(session, "confirm", number, by=him, now=now)
        assert [row.id for row in await works_for(session, her, now)] == [number]
        assert await waiting(session, him, now) == []
        ended = now + timedelta(days=365)
        assert await works_for(session, her, ended) == []


async def test_only_the_organisations_representative_decides(
    database: Database, now: datetime
) -> None:
    async with database.begin() as session:
        her = await person(session, now, SPEAKS)
        keeper = await person(session, now, Grant(Role.KEEPER, organisation_id=7))
        other = await person(session, now, Grant(Role.REPRESENTATIVE, organisation_id=8))
        number = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        for who in (her, keeper, other):
            with pytest.raises(NotYourOrganisation):
                await decide(session, "confirm", number, by=who, now=now)
            assert await waiting(session, who, now) == []
        with pytest.raises(NotYourOrganisation):
            await decide(session, "confirm", 999, by=other, now=now)


async def test_two_answers_at_once(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        speakers = [await person(session, now, SPEAKS) for _ in range(2)]
        number = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)

    async def answer(verb: str, who: int) -> str:
        try:
            async with database.begin() as session:
                await decide(session, verb, number, by=who, now=now)
        except NotNow:
            return "late"
        return verb

    ends = await asyncio.gather(answer("confirm", speakers[0]), answer("refuse", speakers[1]))
    assert sorted(ends).count("late") == 1


async def test_claimed_twice_and_again_after_refusal(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her, him = await person(session, now), await person(session, now, SPEAKS)
        number = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        with pytest.raises(AlreadyClaimed):
            await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        await decide(session, "refuse", number, by=him, now=now)
        assert await claim(session, POLICY, person_id=her, organisation_id=7, now=now) != number


@pytest.mark.parametrize("days", [-1, 0, 1097])
async def test_the_end_must_be_fit(database: Database, now: datetime, days: int) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        with pytest.raises(EndUnfit):
            await claim(
                session,
                POLICY,
                person_id=her,
                organisation_id=7,
                now=now,
                ends_at=now + timedelta(days=days),
            )


async def test_an_invitation_confirms_an_open_claim(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        number = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        given = await affiliation.invited(
            session, POLICY, person_id=her, organisation_id=7, now=now
        )
        assert given == number
        assert len(await works_for(session, her, now)) == 1


async def test_leaving(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her, him = await person(session, now), await person(session, now)
        first = await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        with pytest.raises(NotYourOrganisation):
            await leave(session, first, person_id=him, now=now)
        assert (await leave(session, first, person_id=her, now=now)).status == Status.WITHDRAWN
        second = await affiliation.invited(
            session, POLICY, person_id=her, organisation_id=7, now=now
        )
        assert (await leave(session, second, person_id=her, now=now)).status == Status.ENDED
        with pytest.raises(NotNow):
            await leave(session, second, person_id=her, now=now)
        assert await open_of(session, her, now) == []


async def test_what_is_due_ends_once(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        await claim(session, POLICY, person_id=her, organisation_id=7, now=now)
        await affiliation.invited(session, POLICY, person_id=her, organisation_id=8, now=now)
        assert await sweep(session, now) == 0
        assert await sweep(session, now + timedelta(days=30)) == 1
        assert await sweep(session, now + timedelta(days=365)) == 1
        assert await sweep(session, now + timedelta(days=365)) == 0


def test_every_status_is_reached_and_final_ones_are_final() -> None:
    reached = {Status.CLAIMED} | {move.new for move in LIFECYCLE}
    assert reached == set(Status)
    for verb in {move.verb for move in LIFECYCLE}:
        with pytest.raises(Refused):
            LIFECYCLE.move(verb, Status.ENDED, frozenset(move.by for move in LIFECYCLE))
