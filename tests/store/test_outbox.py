"""What is to be told stands in the outbox once, and goes when it no longer holds."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from store.database import Database
from store.outbox import Outbox, Outcome, Plan, plan, withdraw
from store.person import Person

HOUR = timedelta(hours=1)


@pytest.fixture
async def person(database: Database) -> int:
    """A person's number."""
    async with database.begin() as session:
        someone = Person(openid="o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
        session.add(someone)
        await session.flush()
        return someone.id


async def planned(database: Database, *plans: Plan) -> int:
    """Plan in a transaction; how many rows there are after it."""
    async with database.begin() as session:
        await plan(session, plans)
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Outbox)) or 0


async def test_a_second_firing_is_harmless(database: Database, person: int, now: datetime) -> None:
    """The same event, person, version and kind stand there once; a new version is told again."""
    told = Plan(
        "booking.approve/208", 1, "booking.approved", "booking/208", person, {"number": 208}, now
    )
    assert await planned(database, told) == 1
    assert await planned(database, replace(told, planned_at=now + HOUR), told) == 1
    assert await planned(database, replace(told, version=2)) == 2
    assert await planned(database, replace(told, kind="booking.day_before")) == 3
    async with database.read() as session:
        row = (await session.scalars(select(Outbox).order_by(Outbox.id))).first()
        assert row is not None
        assert (row.facts, row.due_at, row.planned_at) == ({"number": 208}, now, now)
        assert (row.tries, row.settled_at, row.claim) == (0, None, None)


async def test_what_no_longer_holds_is_withdrawn(
    database: Database, person: int, now: datetime
) -> None:
    """Only of the thing, only of the kinds named, only what is not settled."""
    one = Plan("booking.approve/1", 1, "booking.day_before", "booking/1", person, {}, now + HOUR)
    await planned(database, one, replace(one, kind="booking.two_hours_before"))
    await planned(database, replace(one, event="booking.approve/2", about="booking/2"))
    async with database.begin() as session:
        await withdraw(session, "booking/1", now, {"booking.day_before"})
    async with database.read() as session:
        rows = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
        assert [row.outcome for row in rows] == [Outcome.WITHDRAWN, None, None]
        assert rows[0].settled_at == now
    async with database.begin() as session:
        await withdraw(session, "booking/1", now + HOUR)
    async with database.read() as session:
        rows = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
        assert [row.settled_at for row in rows] == [now, now + HOUR, None]


async def test_what_is_rolled_back_is_not_told(
    database: Database, person: int, now: datetime
) -> None:
    """The row goes with the change that caused it."""
    with suppress(RuntimeError):
        async with database.begin() as session:
            await plan(session, [Plan("booking.approve/1", 1, "x", "booking/1", person, {}, now)])
            raise RuntimeError
    assert await planned(database) == 0
