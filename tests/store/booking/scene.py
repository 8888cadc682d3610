"""One instrument, people who want it, and the words in which tests ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking
from store.booking import Booking, Mode, Occupation, Wish
from store.database import Database
from store.instrument import Instrument
from store.listing import By
from store.opening import Opening
from store.person import Grant, Role
from store.policies import load
from store.terms import Terms
from tests.store import booked
from tests.store.people import person

NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = NOW.replace(day=24, hour=0)
"""A Tuesday."""
POLICY = load("jinzhong")
ALWAYS = Opening(table=(((0, 24 * 60),),) * 21, known=True)
USER, KEEPER = frozenset({"user"}), frozenset({"keeper"})
_tokens = count(1)


def at(hour: float, day: datetime = DAY) -> datetime:
    """That hour of the Tuesday; 25 is one in the night after it."""
    return day + timedelta(hours=hour)


def token() -> str:
    """One that no other has."""
    return f"token-{next(_tokens)}"


@dataclass(frozen=True)
class Scene:
    """One instrument, its keeper, a user and another."""

    database: Database
    terms: Terms
    user: int
    other: int
    keeper: By

    @property
    def instrument(self) -> int:
        """Its number."""
        return self.terms.instrument_id

    def with_terms(self, **changed: Any) -> "Scene":
        """The same under other terms."""
        return replace(self, terms=replace(self.terms, **changed))

    def wish(self, start: float, end: float, **more: Any) -> Wish:
        """To use it between two hours."""
        given: dict[str, Any] = {"person_id": self.user, "mode": Mode.SELF, "token": token()} | more
        given = {"starts_at": at(start), "ends_at": at(end)} | given
        return Wish(instrument_id=self.instrument, **given)

    async def ask(self, start: float, end: float, now: datetime = NOW, **more: Any) -> Booking:
        """Ask for it, in a transaction of its own."""
        return await self.ask_for(self.wish(start, end, **more), now)

    async def ask_for(self, wish: Wish, now: datetime = NOW) -> Booking:
        """Ask for what is wished, in a transaction of its own."""
        async with self.database.begin() as session:
            return await booking.request(session, wish, self.terms, POLICY, now)

    async def move(self, number: int, verb: str, by: str, **more: Any) -> Booking:
        """Move what a number shows, in a transaction of its own."""
        now = more.pop("now", NOW)
        async with self.database.begin() as session:
            row = await self.found(session, number)
            return await booking.move(session, row, verb, frozenset({by}), self.user, now, **more)

    async def reschedule(
        self, number: int, start: float, end: float, by: Any = "user", now: datetime = NOW
    ) -> Booking:
        """Give it another time, in a transaction of its own."""
        async with self.database.begin() as session:
            return await booking.reschedule(
                session,
                await self.found(session, number),
                at(start),
                at(end),
                by=by,
                hats=frozenset({by}),
                actor_id=self.user,
                terms=self.terms,
                policy=POLICY,
                now=now,
            )

    async def outage(self, start: float, end: float) -> tuple[booking.Outage, Sequence[Booking]]:
        """Take it out of use, in a transaction of its own."""
        async with self.database.begin() as session:
            return await booking.begin_outage(
                session, self.instrument, at(start), at(end), "保养", self.keeper, NOW
            )

    async def found(self, session: AsyncSession, number: int) -> Booking:
        """What a number shows."""
        row = await booking.present(session, number)
        assert row is not None
        return row

    async def shown(self, number: int) -> Booking:
        """What a number shows, read by itself."""
        async with self.database.read() as session:
            return await self.found(session, number)

    async def taken(self) -> list[tuple[float, float]]:
        """The hours that are taken, in order."""
        query = select(Occupation).where(Occupation.instrument_id == self.instrument)
        async with self.database.read() as session:
            rows = (await session.scalars(query.order_by(Occupation.starts_at))).all()
        return [(hours(row.starts_at), hours(row.ends_at)) for row in rows]


def hours(moment: datetime) -> float:
    """As `at` counts them."""
    return (moment - DAY) / timedelta(hours=1)


async def begin(database: Database, **terms: Any) -> Scene:
    """Put an instrument, its keeper and two users in place."""
    async with database.begin() as session:
        number = await booked.instrument(session, NOW, name=f"三坐标测量机 {token()}")
        keeps = (await session.get_one(Instrument, number)).organisation_id
        grant = Grant(Role.KEEPER, keeps)
        people = [await person(session, NOW, *given) for given in ([], [], [grant])]
    return Scene(
        database=database,
        terms=Terms(instrument_id=number, opening=ALWAYS, **terms),
        user=people[0],
        other=people[1],
        keeper=By(people[2], frozenset({grant})),
    )


def apart(periods: Sequence[tuple[float, float]]) -> bool:
    """Whether none overlaps the next."""
    return all(one[1] <= two[0] for one, two in pairwise(periods))
