"""A step of a booking through the door: how long people wait for each answer.

One server, SQLite, the generated catalogue; so many people at once each book in a conversation
(what and when, what for, confirm, list, cancel), one message after the other, over HTTP. What is
timed is a message from its sending to the end of its reply.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, TCPConnector
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import door, requests
from store import person
from store.database import Database
from store.instrument import Instrument
from store.person import Grant, Role
from store.workdays import HERE

AT_ONCE = {4: 20.0, 32: 100.0}
"""People at once, and the milliseconds within which 95 of 100 answers must come."""
SECONDS = float(os.environ.get("SECONDS", "15"))
INSTRUMENTS = int(os.environ.get("INSTRUMENTS", "10000"))
BOOKED = 400
"""Instruments that are asked for: so that people seldom meet, as it is."""
STEPS = ("ask", "purpose", "confirm", "list", "cancel")


@dataclass
class Times:
    """Milliseconds by step, and what went otherwise."""

    steps: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    otherwise: int = 0

    @property
    def all(self) -> list[float]:
        """Every step's."""
        return [ms for several in self.steps.values() for ms in several]


@dataclass
class Caller:
    """One person with a phone."""

    number: int
    http: ClientSession
    address: str
    rng: random.Random
    times: Times
    sent: int = 0

    async def say(self, words: str, step: str) -> str:
        """One message; its answer's words."""
        self.sent += 1
        line = requests.signed(words, self.number, self.sent)
        path, _, body = line.partition(" ")
        began = time.perf_counter()
        async with self.http.post(self.address + path, data=body.encode()) as answer:
            text = await answer.text()
        self.times.steps[step].append((time.perf_counter() - began) * 1000)
        return text

    async def book(self) -> None:
        """A whole conversation, to the end of the booking and back."""
        day = datetime.now(HERE) + timedelta(days=self.rng.randrange(2, 40))
        start = self.rng.randrange(8, 20)
        number = self.rng.randrange(1, BOOKED + 1)
        when = f"{day.month}月{day.day}日{start}:00-{start + 1}:00"
        text = await self.say(f"预约 YQ{number} {when}", "ask")
        if "用途" not in text:
            self.times.otherwise += 1
            return
        await self.say("缸盖平面度", "purpose")
        text = await self.say("确认", "confirm")
        await self.say("我的预约", "list")
        booked = text.partition("单号 ")[2].partition("，")[0]
        if not booked.startswith("YY"):
            self.times.otherwise += 1
            return
        await self.say(f"取消预约 {booked}", "cancel")


async def run(address: str, people: int, seconds: float) -> Times:
    """So many at once, for so long."""
    times, end = Times(), time.perf_counter() + seconds
    async with ClientSession(connector=TCPConnector(limit=people)) as http:

        async def live(number: int) -> None:
            caller = Caller(number, http, address, random.Random(number), times)
            while time.perf_counter() < end:
                await caller.book()

        await asyncio.gather(*(live(number) for number in range(people)))
    return times


async def prepare(url: str) -> None:
    """A database whose first instruments are open at any hour, to be used by oneself.

    Each is looked after by one keeper: else every booking would be told to the whole bureau, which
    the door's database makes two hundred people of.
    """
    await door.prepare(url, INSTRUMENTS)
    database = Database(url)
    async with database.begin() as session:
        wanted = update(Instrument).where(Instrument.id <= BOOKED)
        modes = {"service_modes": ["self"], "open_hours": "每天 0:00-24:00", "fee": "200元/小时"}
        await session.execute(wanted.values(**modes, status="listed"))
        await keep(session)
    await database.close()


async def keep(session: AsyncSession) -> None:
    """Give a keeper to every unit whose instruments are asked for; none of them is a caller."""
    booked = select(Instrument.organisation_id).where(Instrument.id <= BOOKED).distinct()
    units = (await session.scalars(booked.order_by(Instrument.organisation_id))).all()
    for number, unit in enumerate(units, start=requests.FOLLOWERS // 2):
        await person.give(session, number, Grant(Role.KEEPER, unit), datetime.now(UTC))


def table(people: int, times: Times) -> Iterator[str]:
    """The results as Markdown rows."""
    for step in (*STEPS, "all"):
        found = sorted(times.all if step == "all" else times.steps[step])
        if not found:
            continue
        p50, p95, p99 = (found[int(len(found) * part)] for part in (0.5, 0.95, 0.99))
        target = f"{AT_ONCE[people]:.0f}" if step == "all" else ""
        yield f"| {people} | {step} | {len(found)} | {p50:.1f} | {p95:.1f} | {p99:.1f} | {target} |"


HEAD = (
    "| at once | step | messages | p50 ms | p95 ms | p99 ms | target p95 |",
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
)


@asynccontextmanager
async def served(url: str, port: int) -> AsyncIterator[str]:
    """A server on one core, its index made; where it answers."""
    settings = door.environment(port, url, safe=False)
    with door.server(port, settings, door.YIXIANG, "serve"):
        pass  # the first start makes the index; the second one is measured
    with door.server(port, settings, door.YIXIANG, "serve"):
        yield f"http://127.0.0.1:{port}"


async def measure(folder: Path, url: str | None = None) -> list[str]:
    """Measure everything; the lines of the report."""
    address = url or f"sqlite+aiosqlite:///{folder}/yixiang.db"
    await prepare(address)
    lines = list(HEAD)
    async with served(address, next(door.PORTS)) as where:
        await run(where, 4, 2)  # warm
        for people in AT_ONCE:
            times = await run(where, people, SECONDS)
            lines += table(people, times)
            mean = statistics.fmean(times.all)
            rate = len(times.all) / SECONDS
            lines.append(
                f"- {people} at once: {rate:,.0f} messages/s, mean {mean:.1f} ms, "
                f"{times.otherwise} conversations that met another"
            )
    return lines


def main() -> None:
    """Print the table."""
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        lines = asyncio.run(measure(Path(folder), os.environ.get("YIXIANG_BENCH_POSTGRES")))
    print("\n".join(lines))
    print(f"{started:%Y-%m-%d %H:%M}, load average {os.getloadavg()[0]:.1f}", file=sys.stderr)


if __name__ == "__main__":
    main()
