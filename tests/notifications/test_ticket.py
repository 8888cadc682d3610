"""Who hears of a ticket: the unit that can help, the bureau, whoever opened it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot import topics
from notifications.notice import Planner, load
from store import ticket
from store.database import Database
from store.instrument import Instrument
from store.outbox import Outbox
from store.person import Grant, Role
from store.policies import load as policy_of
from store.ticket import By, Here, Kind, Matter, Side, Ticket
from store.ticket.deeds import sweep
from tests.store.people import SECRET
from tests.store.people import person as somebody
from tests.store.search.catalogue import Shelf

POLICY = policy_of("jinzhong")


class Town:
    """A unit with a keeper and an instrument, the bureau, and a user."""

    def __init__(self, database: Database, now: datetime) -> None:
        database.tell = Planner(topics.TOPICS, load(), POLICY, SECRET).tell
        self.database, self.now = database, now

    async def built(self) -> "Town":
        """Put everybody in place."""
        self.machine = await Shelf(self.database, self.now).add("扫描电镜")
        async with self.database.begin() as session:
            row = await session.get_one(Instrument, self.machine)
            self.unit = row.organisation_id
            keeps = Grant(Role.KEEPER, self.unit)
            self.user = await somebody(session, self.now, openid="user")
            self.keeper = await somebody(session, self.now, keeps, openid="keeper")
            self.bureau = await somebody(session, self.now, Grant(Role.BUREAU), openid="bureau")
        return self

    async def opened(self, kind: Kind, **about: object) -> Ticket:
        """The user opens one."""
        matter = Matter(kind, "坏了", self.user, **about)  # type: ignore[arg-type]
        async with self.database.begin() as session:
            return await ticket.open_ticket(Here(session, SECRET, POLICY, self.now), matter)

    async def heard(self) -> dict[int, list[str]]:
        """What waits in the outbox, by person."""
        told: dict[int, list[str]] = {}
        async with self.database.read() as session:
            still = select(Outbox).where(Outbox.settled_at.is_(None)).order_by(Outbox.id)
            for row in await session.scalars(still):
                told.setdefault(row.person_id, []).append(row.kind)
        return told


@pytest.fixture
async def town(database: Database, now: datetime) -> Town:
    return await Town(database, now).built()


async def test_a_complaint_reaches_the_bureau_alone(town: Town) -> None:
    await town.opened(Kind.COMPLAINT, organisation_id=town.unit)
    assert await town.heard() == {town.bureau: ["ticket.waits"]}


async def test_a_demand_reaches_who_can_serve_it(town: Town) -> None:
    await town.opened(Kind.DEMAND, matches=[(town.unit, town.machine)])
    assert await town.heard() == {town.keeper: ["ticket.demanded"]}


async def test_an_answer_reaches_the_user_and_ends_the_waiting(town: Town) -> None:
    row = await town.opened(Kind.TROUBLE, organisation_id=town.unit, instrument_id=town.machine)
    assert await town.heard() == {town.keeper: ["ticket.waits"]}
    async with town.database.begin() as session:
        here = Here(session, SECRET, POLICY, town.now)
        by, there = By(town.keeper, Side.ANSWERER, town.unit), await ticket.find(session, row.id)
        assert there is not None
        await ticket.move(here, there, "answer", by, text="修好了")
    assert await town.heard() == {town.user: ["ticket.answered"]}


async def test_silence_is_told_to_both(town: Town) -> None:
    await town.opened(Kind.TROUBLE, organisation_id=town.unit)
    town.now += timedelta(days=9)
    async with town.database.begin() as session:
        assert await sweep(session, POLICY, town.now) == 1
    assert await town.heard() == {town.user: ["ticket.overdue"], town.bureau: ["ticket.waits"]}
