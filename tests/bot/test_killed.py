"""Killed at any moment while reminders go out: none is lost, none is told twice."""

import asyncio
import json
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import func, insert, select

from bot.kit.facts import closed
from bot.sandbox.platform import Platform, Trouble
from bot.sandbox.platform_account import Account, Clock
from store.conversation import Conversation
from store.database import Database
from store.delivery import Delivery, Result
from store.outbox import Channel, Outbox, Outcome, Plan, plan
from store.person import Person
from store.reach import Credit
from tests.conversations.running import APPID, SECRET, START, TOKEN

ROOT = Path(__file__).parents[2]
TEMPLATES = """
["booking.approved"]
template = "keyed"
fields = { thing1 = "instrument", character_string2 = "YY{number}" }
["booking.reported"]
subscription = "once"
fields = { thing1 = "instrument", character_string2 = "YY{number}" }
"""
KINDS = ("booking.approved", "booking.reported", "booking.aborted")
"""By template message, with a key; by subscription; in words."""
FIELDS = {"thing1": "a", "character_string2": "b"}
PATHS = ("message/template/send", "message/subscribe/bizsend", "message/custom/send")
TROUBLES = (-1, 45011, 40001, 42001, Trouble.LOST, Trouble.LOST, Trouble.HTTP_500, Trouble.TIMEOUT)
LEASE = timedelta(seconds=130)
IN_FLIGHT = 256
NUMBER = re.compile(r"YY(\d+)")


@dataclass
class Town:
    """The stand-in, and how often each thing was told."""

    platform: Platform
    api: str
    told: Counter[int] = field(default_factory=Counter[int])
    lost: int = 0

    async def hear(self, openid: str, message: dict[str, Any]) -> None:
        for number in set(NUMBER.findall(json.dumps(message, ensure_ascii=False))):
            self.told[int(number)] += 1

    def trouble(self, chance: random.Random) -> None:
        """Something goes wrong with one of the next calls."""
        if chance.random() < 0.1:
            self.platform.rotate_token()
        self.platform.inject(chance.choice(PATHS), chance.choice(TROUBLES))


@asynccontextmanager
async def town() -> AsyncIterator[Town]:
    platform = Platform(Account(APPID, SECRET, TOKEN), "", Clock(lambda: START))
    for name in ("keyed", "once"):
        platform.add_template(name, name, FIELDS)
    runner = web.AppRunner(platform.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = Town(platform, f"http://127.0.0.1:{runner.addresses[0][1]}")
    platform.on_push = here.hear
    try:
        yield here
    finally:
        await platform.settle()
        await platform.close()
        await runner.cleanup()


async def fill(database: Database, platform: Platform, count: int) -> None:
    """People who wrote a moment ago, each with one thing to be told."""
    people = [{"id": n, "openid": f"o{n}", "followed_at": START} for n in range(1, count + 1)]
    heard = {"version": 1, "state": {}, "heard_at": START, "wrote_at": START}
    async with database.begin() as session:
        await session.execute(insert(Person), people)
        rows = [{"person_id": each["id"], **heard} for each in people]
        await session.execute(insert(Conversation), rows)
        owed = [
            {"person_id": n, "template": "once", "owed": 2, "at": START}
            for n in range(1, count + 1)
            if KINDS[n % 3] == "booking.reported"
        ]
        await session.execute(insert(Credit), owed)
        plans = [
            Plan(f"x/{n}", 1, KINDS[n % 3], f"x/{n}", n, facts(n), START)
            for n in range(1, count + 1)
        ]
        await plan(session, plans)
    for n in range(1, count + 1):
        platform.world.grant(f"o{n}", "message")
        platform.follower(f"o{n}").credits["once"] = 2


def facts(number: int) -> dict[str, Any]:
    return closed({"number": number, "instrument": "三坐标测量机", "yq": 12})


@dataclass
class Killer:
    """Lets a process tell, and kills it."""

    process: asyncio.subprocess.Process
    town: Town
    ahead: timedelta = timedelta()

    async def live(self, until: int, chance: random.Random, troubles: int) -> None:
        """A life that ends when so many were told in all, or nothing goes on any more."""
        await self._write(f"{self.ahead.total_seconds()}\n")
        number = int(await self._read())
        await asyncio.sleep(chance.uniform(0, 0.2))
        for _ in range(troubles):
            self.town.trouble(chance)
        idle, last = 0, -1
        while self.town.told.total() < until and idle < 20:
            await asyncio.sleep(0.05)
            idle = idle + 1 if last == self.town.told.total() else 0
            last = self.town.told.total()
        await asyncio.sleep(chance.uniform(0, 0.01))
        os.kill(number, signal.SIGKILL)
        assert await self._read() == "ended"
        self.ahead += LEASE
        self.town.platform.clock.forward(LEASE)

    async def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode())
        await self.process.stdin.drain()

    async def _read(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()


@asynccontextmanager
async def killer(url: str, here: Town, folder: Path) -> AsyncIterator[Killer]:
    templates = folder / "templates.toml"
    templates.write_text(TEMPLATES, "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.draining",
        json.dumps([url, here.api, str(templates)]),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Killer(process, here)
    finally:
        process.kill()
        await process.wait()


async def waiting(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count()).where(Outbox.settled_at.is_(None))
        return await session.scalar(query) or 0


async def drained(url: str, folder: Path, count: int, kills: int) -> None:
    database, chance = Database(url), random.Random(kills)
    async with town() as here, killer(url, here, folder) as death:
        await fill(database, here.platform, count)
        for n in range(kills):
            await death.live(count * (n + 1) // (kills + 1), chance, 6)
        for _ in range(20):
            if await waiting(database) == 0:
                break
            await death.live(count, chance, 0)
        assert await waiting(database) == 0
        await here.platform.settle()
        await judged(database, here, count, kills)
    await database.close()


async def judged(database: Database, here: Town, count: int, kills: int) -> None:
    """Every one delivered, or ended with a reason; none twice."""
    async with database.read() as session:
        rows = (await session.scalars(select(Outbox))).all()
        logged = (await session.scalars(select(Delivery))).all()
    assert len(rows) == count
    assert {number: n for number, n in here.told.items() if n > 1} == {}
    ends = Counter(row.outcome for row in rows)
    reasons = {row.outbox_id: row for row in logged}
    for row in rows:
        number, end = row.facts["number"], reasons[row.id]
        if row.outcome is Outcome.DELIVERED:
            assert here.told[number] == 1
        elif row.outcome is Outcome.UNKNOWN:
            assert (end.result, end.why) == (Result.LOST, "lost")
        else:
            assert end.why is not None
            assert here.told[number] == 0, (row.outcome, end.why)
    assert set(ends) <= {Outcome.DELIVERED, Outcome.UNKNOWN, Outcome.KEPT, Outcome.DROPPED}
    unknown = [row for row in rows if row.outcome is Outcome.UNKNOWN]
    assert len(unknown) <= (kills + 20) * IN_FLIGHT
    assert ends[Outcome.DELIVERED] > count // 2
    assert {row.channel for row in unknown} <= set(Channel)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_killed_ten_times(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    await drained(url, tmp_path, 3_000, 10)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_killed_fifty_times(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    await drained(url, tmp_path, 20_000, 50)
