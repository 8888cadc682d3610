"""An instrument, its keeper, and bookings of it, for tests of the visit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from store import booking as bookings
from store.booking import Booking, Mode, Wish
from store.database import Database
from store.event import EventRow
from store.instrument import Instrument
from store.listing import By
from store.opening import read
from store.person import Grant, Role, grants
from store.policies import Policy, load
from store.terms import Terms
from tests.store.people import person
from tests.store.search.catalogue import Shelf

POLICY = load("jinzhong")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALWAYS = read("全天候")
USER, KEEPER, CLOCK = frozenset({"user"}), frozenset({"keeper"}), frozenset({"clock"})


@dataclass
class Room:
    """One instrument with a keeper, and people who book it."""

    database: Database
    now: datetime
    instrument: int
    organisation: int
    keeper: int
    tokens: "count[int]"

    @classmethod
    async def open(
        cls, database: Database, now: datetime, name: str = "三坐标测量机", keeper: str = "keeper"
    ) -> "Room":
        """Make them."""
        number = await Shelf(database, now).add(name, model="GLOBAL")
        async with database.begin() as session:
            unit = (await session.get_one(Instrument, number)).organisation_id
            grant = Grant(Role.KEEPER, organisation_id=unit)
            who = await person(session, now, grant, openid=keeper)
        return cls(database, now, number, unit, who, count(number * 1000))

    async def user(self, openid: str = "") -> int:
        """Somebody who books."""
        async with self.database.begin() as session:
            return await person(session, self.now, openid=openid)

    async def by(self, person_id: int | None = None) -> By:
        """The keeper as they act, or somebody else."""
        who = person_id or self.keeper
        async with self.database.read() as session:
            return By(who, await grants(session, who))

    async def booked(
        self,
        who: int,
        start: datetime,
        length: timedelta = 2 * HOUR,
        *,
        approved: bool = True,
        instrument: int = 0,
        policy: Policy = POLICY,
    ) -> Booking:
        """A booking of time."""
        return await self._asked(
            Wish(
                instrument_id=instrument or self.instrument,
                person_id=who,
                mode=Mode.SELF,
                token=f"t{next(self.tokens)}",
                starts_at=start,
                ends_at=start + length,
                purpose="缸盖平面度",
            ),
            approved=approved,
            policy=policy,
        )

    async def sent(self, who: int, samples: int = 3) -> Booking:
        """A booking of samples."""
        wish = Wish(
            instrument_id=self.instrument,
            person_id=who,
            mode=Mode.SAMPLE,
            token=f"t{next(self.tokens)}",
            samples=samples,
            sample_words="铸铁件",
        )
        return await self._asked(wish, approved=True, policy=POLICY)

    async def _asked(self, wish: Wish, *, approved: bool, policy: Policy) -> Booking:
        terms = Terms(instrument_id=wish.instrument_id, opening=ALWAYS, grid=1, shortest=MINUTE)
        async with self.database.begin() as session:
            row = await bookings.request(session, wish, terms, policy, self.now)
            if approved:
                await bookings.move(session, row, "approve", KEEPER, self.keeper, self.now)
            return row

    async def fresh(self, row: Booking) -> Booking:
        """A booking as it stands now."""
        async with self.database.read() as session:
            return await session.get_one(Booking, row.id)

    async def events(self, subject: str) -> list[tuple[str, dict[str, Any]]]:
        """What happened to all things of a kind."""
        async with self.database.read() as session:
            query = select(EventRow).where(EventRow.subject == subject).order_by(EventRow.id)
            return [(row.verb, dict(row.facts)) for row in await session.scalars(query)]


def start(row: Booking) -> datetime:
    """When it begins."""
    assert row.starts_at
    return row.starts_at


def end(row: Booking) -> datetime:
    """When it ends."""
    assert row.ends_at
    return row.ends_at
