"""What is to be told stands in the outbox once."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from store.database import Database
from store.outbox import Outbox, record
from store.person import Person

SAY = {"key": "booking.approved", "args": {"number": 208}}


@pytest.fixture
async def person(database: Database) -> int:
    """A person's number."""
    async with database.begin() as session:
        someone = Person(openid="o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
        session.add(someone)
        await session.flush()
        return someone.id


async def told(database: Database, person: int, version: int, now: datetime) -> bool:
    """Record the same event for a version."""
    async with database.begin() as session:
        to = (person, version)
        return await record(
            session, "booking.approve/208", "booking.approved", SAY, to=to, due_at=now
        )


async def test_a_second_firing_is_harmless(database: Database, person: int, now: datetime) -> None:
    """The same event, person and version stand there once; a new version is told again."""
    assert await told(database, person, 1, now)
    assert not await told(database, person, 1, now + timedelta(hours=1))
    assert await told(database, person, 2, now)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 2
        row = (await session.scalars(select(Outbox).order_by(Outbox.id))).first()
        assert row is not None
        assert (row.say, row.due_at, row.tries, row.settled_at) == (SAY, now, 0, None)


async def test_what_is_rolled_back_is_not_told(
    database: Database, person: int, now: datetime
) -> None:
    """The row goes with the change that caused it."""
    with suppress(RuntimeError):
        async with database.begin() as session:
            await record(session, "booking.approve/1", "x", SAY, to=(person, 1), due_at=now)
            raise RuntimeError
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 0
