import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from store import affiliation
from store.audit import AuditEntry
from store.database import Database
from store.errors import Refused
from store.invitation import (
    ALPHABET,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    Invitation,
    Offer,
    ScopeMissing,
    TooManyTries,
    bind,
    invite,
    normal,
)
from store.person import Grant, Role, grants
from store.policies import load
from tests.store.people import SECRET, person

POLICY = load("jinzhong")
KEEPER = Offer(Role.KEEPER, organisation_id=7)


async def made(database: Database, offer: Offer, now: datetime) -> str:
    async with database.begin() as session:
        return await invite(session, POLICY, SECRET, offer, now=now)


async def people(database: Database, count: int, now: datetime) -> list[int]:
    async with database.begin() as session:
        return [await person(session, now) for _ in range(count)]


async def used(database: Database, who: int, code: str, now: datetime) -> Offer | Refused:
    """As the handler does: a refusal is an answer, and what was counted is kept."""
    async with database.begin() as session:
        try:
            return await bind(session, POLICY, SECRET, person_id=who, code=code, now=now)
        except Refused as no:
            return no


async def test_a_code_gives_its_role_once(database: Database, now: datetime) -> None:
    code = await made(database, KEEPER, now)
    her, him = await people(database, 2, now)
    assert await used(database, her, f" {code.lower()} ", now) == KEEPER
    async with database.read() as session:
        assert await grants(session, her) == {Grant(Role.KEEPER, 7)}
        works = await affiliation.works_for(session, her, now)
        assert [row.organisation_id for row in works] == [7]
    assert isinstance(await used(database, him, code, now), CodeUsed)
    assert isinstance(await used(database, her, code, now), CodeUsed)


async def test_fifty_at_once_and_one_wins(database: Database, now: datetime) -> None:
    code = await made(database, Offer(Role.BUREAU), now)
    crowd = await people(database, 50, now)
    ends: Sequence[Offer | Refused] = await asyncio.gather(
        *(used(database, who, code, now) for who in crowd)
    )
    assert sum(isinstance(end, Offer) for end in ends) == 1
    assert sum(isinstance(end, CodeUsed) for end in ends) == 49
    async with database.read() as session:
        assert sum([len(await grants(session, who)) for who in crowd]) == 1


async def test_guessing_is_stopped(database: Database, now: datetime) -> None:
    code = await made(database, KEEPER, now)
    (him,) = await people(database, 1, now)
    left = [await used(database, him, f"0000-{n}", now) for n in range(5)]
    assert [no.left for no in left if isinstance(no, CodeUnknown)] == [4, 3, 2, 1, 0]
    stopped = await used(database, him, code, now + timedelta(minutes=20))
    assert isinstance(stopped, TooManyTries)
    assert stopped.minutes == 40
    assert await used(database, him, code, now + timedelta(hours=1)) == KEEPER


async def test_guesses_at_once_are_all_counted(database: Database, now: datetime) -> None:
    (him,) = await people(database, 1, now)
    ends = await asyncio.gather(*(used(database, him, f"X{n}", now) for n in range(20)))
    assert sum(isinstance(end, CodeUnknown) for end in ends) == 5
    assert sum(isinstance(end, TooManyTries) for end in ends) == 15


async def test_an_old_code(database: Database, now: datetime) -> None:
    code = await made(database, KEEPER, now)
    (her,) = await people(database, 1, now)
    end = await used(database, her, code, now + timedelta(days=7))
    assert isinstance(end, CodeExpired)
    assert end.days == 7


async def test_the_code_is_not_kept(database: Database, now: datetime) -> None:
    code = await made(database, KEEPER, now)
    async with database.read() as session:
        row = (await session.scalars(select(Invitation))).one()
        assert normal(code) not in repr(vars(row))
        entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.verb, entry.facts) == ("invite", {"role": "keeper"})


async def test_an_invitation_without_a_role(database: Database, now: datetime) -> None:
    code = await made(database, Offer(None, organisation_id=7), now)
    (her,) = await people(database, 1, now)
    await used(database, her, code, now)
    async with database.read() as session:
        assert await grants(session, her) == set()
        assert len(await affiliation.works_for(session, her, now)) == 1


@pytest.mark.parametrize("role", [Role.KEEPER, Role.REPRESENTATIVE, None])
async def test_what_needs_an_organisation(
    database: Database, now: datetime, role: Role | None
) -> None:
    async with database.begin() as session:
        with pytest.raises(ScopeMissing):
            await invite(session, POLICY, SECRET, Offer(role), now=now)


@given(st.text(ALPHABET, min_size=10, max_size=10))
def test_codes_survive_being_typed(code: str) -> None:
    typed = code.lower().replace("0", "o").replace("1", "l")
    assert normal(f"{typed[:5]} - {typed[5:]}") == code


@given(st.text(max_size=40))
def test_any_words_are_normalised(words: str) -> None:
    assert normal(normal(words)) == normal(words)
