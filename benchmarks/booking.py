"""The store's booking verb, whole, against the same SQL by hand on the same engine.

Run: python -m benchmarks.booking [rounds]. By hand means: the statements that the verb runs, each
transaction begun and committed, nothing checked and nothing made of the rows; by the engine whose
sessions the verb uses, and by the bare driver under it. Rounds are interleaved; what counts is the
median of the ratios of neighbouring rounds.
"""

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import uvloop
from sqlalchemy import text

from benchmarks.__main__ import postgresql
from store import availability, booking, migrations
from store.base import microseconds
from store.booking import Mode
from store.database import PRAGMAS, Database
from store.script import to_json
from tests.store import booked
from tests.store.booking.scene import ALWAYS, NOW, POLICY, Scene, begin

INSTRUMENTS, AT_ONCE, BOOKINGS = 50, 20, 500
HOUR = timedelta(hours=1)


async def scenes(database: Database) -> list[Scene]:
    """Many instruments, one user."""
    first = await begin(database, horizon=timedelta(days=2_000))
    async with database.begin() as session:
        more = [
            await booked.instrument(session, NOW, name=f"{number}")
            for number in range(1, INSTRUMENTS)
        ]
    numbers = [first.instrument, *more]
    return [replace(first, terms=replace(first.terms, instrument_id=n)) for n in numbers]


def wishes(places: list[Scene]) -> Iterator[tuple[Scene, booking.Wish]]:
    """One free hour after another, instrument by instrument."""
    for number in count():
        scene, hour = places[number % len(places)], 24 + number // len(places)
        start = NOW + hour * HOUR
        yield (
            scene,
            booking.Wish(
                instrument_id=scene.instrument,
                person_id=scene.user,
                mode=Mode.SELF,
                token=f"bench-{number}",
                starts_at=start,
                ends_at=start + HOUR,
                purpose="缸盖平面度",
                estimate_fen=40_000,
                price={"rows": [{"per": "hour", "fen": 20_000}]},
            ),
        )


async def by_verb(database: Database, scene: Scene, wish: booking.Wish) -> None:
    """As the account does it."""
    async with database.begin() as session:
        await booking.request(session, wish, scene.terms, POLICY, NOW)


BOOKING = (
    "INSERT INTO booking (token, instrument_id, person_id, user_group, mode, cooperation, status,"
    " starts_at, ends_at, purpose, estimate_fen, price, voucher_fen, requested_at, hold_until,"
    " answer_by, free_until, changed_at, organisation_id, policy_id, late, version)"
    " SELECT {0}, i.id, {1}, 'outside', 'self', 'own', 'requested', {2}, {3}, {4}, 40000, {5}, 0,"
    " {6}, {2}, {6}, {2}, {6}, i.organisation_id, 1, false, 1 FROM instrument i"
    " WHERE i.id = {7} AND i.status = 'listed' ON CONFLICT DO NOTHING RETURNING id"
)
OCCUPATION = (
    "INSERT INTO occupation (instrument_id, starts_at, ends_at, booking_id)"
    " SELECT {0}, {1}, {2}, {3} WHERE NOT EXISTS (SELECT 1 FROM occupation"
    " WHERE instrument_id = {0} AND ends_at > {1} AND starts_at < {2})"
    " ON CONFLICT DO NOTHING RETURNING id"
)
EVENT = (
    "INSERT INTO event (subject, subject_id, verb, version, actor_id, at, facts)"
    " VALUES ('booking', {0}, 'request', 1, {1}, {2}, {3})"
)
KINDS = (
    ("text", "bigint", "bigint", "bigint", "text", "json", "bigint", "bigint"),
    ("bigint",) * 4,
    ("bigint", "bigint", "bigint", "json"),
)


def written(*, embedded: bool) -> list[str]:
    """The three statements as a driver takes them."""
    pairs = zip((BOOKING, OCCUPATION, EVENT), KINDS, strict=True)
    if embedded:
        return [sql.format(*(f"?{n}" for n in range(1, 9))) for sql, _ in pairs]
    return [sql.format(*(f"${n}::{k}" for n, k in enumerate(kinds, 1))) for sql, kinds in pairs]


def rows(
    wish: booking.Wish,
) -> tuple[tuple[Any, ...], Callable[[int], tuple[tuple[Any, ...], ...]]]:
    """What is given to the first statement, and to the others once the number is known."""
    assert wish.starts_at
    assert wish.ends_at
    span, now = (microseconds(wish.starts_at), microseconds(wish.ends_at)), microseconds(NOW)
    price, who, what = to_json(wish.price), wish.person_id, wish.instrument_id
    first = (wish.token, who, *span, wish.purpose, price, now, what)
    return first, lambda number: ((what, *span, number), (number, who, now, '{"by":"user"}'))


class ByHand:
    """The same rows, by the driver."""

    def __init__(self, database: Database) -> None:
        self.embedded = database.embedded
        self.url = database.url
        self.lock = asyncio.Lock()
        self.sql = written(embedded=self.embedded)
        self.driver: Any = None

    async def open(self) -> None:
        """Connect as the engine does."""
        if not self.embedded:
            where = {"host": self.url.query["host"], "user": self.url.username}
            name = self.url.database
            self.driver = await asyncpg.create_pool(database=name, **where, max_size=AT_ONCE)
            return
        self.driver = await aiosqlite.connect(str(self.url.database), isolation_level=None)
        for pragma in PRAGMAS[True]:
            await self.driver.execute(f"PRAGMA {pragma}")

    async def close(self) -> None:
        """Let go."""
        await self.driver.close()

    async def __call__(self, _scene: Scene, wish: booking.Wish) -> None:
        """One booking."""
        if self.embedded:
            async with self.lock:
                await self.driver.execute("BEGIN IMMEDIATE")
                await self.write(self.driver.execute_fetchall, wish)
                await self.driver.commit()
            return
        async with self.driver.acquire() as connection, connection.transaction():
            await self.write(lambda sql, row: connection.fetch(sql, *row), wish)

    async def write(self, fetch: Callable[[str, Any], Awaitable[Any]], wish: booking.Wish) -> None:
        """The three statements."""
        row, others = rows(wish)
        ((number,),) = await fetch(self.sql[0], row)
        for sql, given in zip(self.sql[1:], others(number), strict=True):
            await fetch(sql, given)


class OnEngine:
    """The same rows and the same SQL, by SQLAlchemy's engine, which the verb's sessions use too."""

    def __init__(self, database: Database) -> None:
        self.engine = database.writer
        self.sql = written(embedded=database.embedded)

    async def __call__(self, _scene: Scene, wish: booking.Wish) -> None:
        """One booking."""
        row, others = rows(wish)
        async with self.engine.begin() as connection:
            number = (await connection.exec_driver_sql(self.sql[0], row)).scalar_one()
            for sql, given in zip(self.sql[1:], others(number), strict=True):
                await connection.exec_driver_sql(sql, given)


Run = Callable[[Scene, booking.Wish], Awaitable[None]]


async def rate(run: Run, asked: Iterator[tuple[Scene, booking.Wish]]) -> tuple[float, float]:
    """Bookings a second, and processor microseconds of this process for each."""
    todo = list(islice(asked, BOOKINGS))
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(scene: Scene, wish: booking.Wish) -> None:
        async with limit:
            await run(scene, wish)

    gc.collect()
    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(*each) for each in todo))
    took, spent = time.perf_counter() - began, time.process_time() - used
    return BOOKINGS / took, spent / BOOKINGS * 1e6


async def overlaps(database: Database) -> int:
    """Pairs of occupations that overlap, counted by brute force in the database."""
    query = text(
        "SELECT count(*) FROM occupation a JOIN occupation b ON a.id < b.id"
        " AND a.instrument_id = b.instrument_id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )
    async with database.read() as session:
        return int(await session.scalar(query) or 0)


async def free_time(database: Database, scene: Scene) -> tuple[float, float, float]:
    """Milliseconds to find what is free of one instrument in 30 days with 500 bookings."""
    terms = replace(scene.terms, grid=0, shortest=timedelta(minutes=5), proposed=ALWAYS)
    async with database.begin() as session:
        number = await booked.instrument(session, NOW, name="busy")
    scene = replace(scene, terms=replace(terms, instrument_id=number))
    for each in range(500):
        start = NOW + (each + 1) * timedelta(minutes=84)
        wish = replace(next(wishes([scene]))[1], token=f"busy-{each}", starts_at=start)
        await by_verb(database, scene, replace(wish, ends_at=start + HOUR))
    times, used = [], time.process_time()
    for _ in range(200):
        began = time.perf_counter()
        async with database.read() as session:
            found = await availability.free(
                session, scene.terms, NOW, NOW + timedelta(days=30), NOW
            )
        times.append((time.perf_counter() - began) * 1e3)
    assert len(found) > 450
    spent = (time.process_time() - used) / 200 * 1e3
    return statistics.median(times), sorted(times)[190], spent


async def measure(name: str, url: str, rounds: int) -> None:
    """One engine's lines."""
    await migrations.upgrade(url)
    database = Database(url)
    hand = ByHand(database)
    await hand.open()
    verb = partial(by_verb, database)
    asked = wishes(await scenes(database))
    await verb(*next(asked))
    runs: dict[str, Run] = {"verb": verb, "on engine": OnEngine(database), "on driver": hand}
    rounds_ = [{who: await rate(run, asked) for who, run in runs.items()} for _ in range(rounds)]
    for who in runs:
        rates, spent = zip(*(each[who] for each in rounds_), strict=True)
        share = statistics.median(each["verb"][0] / each[who][0] for each in rounds_)
        print(
            f"{name}, {who}: {statistics.median(rates):.0f}/s (best {max(rates):.0f}),"
            f" {min(spent):.0f} µs of processor; the verb has {share:.2f} of this rate"
        )
    print(f"{name}: {await overlaps(database)} overlaps")
    middle, worst, spent = await free_time(database, next(asked)[0])
    print(
        f"{name}: free in 30 days with 500 bookings {middle:.2f} ms, p95 {worst:.2f},"
        f" {spent:.2f} ms of processor"
    )
    await hand.close()
    await database.close()


def main() -> None:
    """Measure both engines and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"load average before {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        uvloop.run(measure("SQLite", f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", rounds))
        if server is not None:
            uvloop.run(measure("PostgreSQL", server, rounds))


if __name__ == "__main__":
    main()
