"""How fast what is due is told: sends a second, the door beside it, claims against SQL by hand.

Run: python -m benchmarks.delivery [rows]. The platform's stand-in is another process on another
core; it answers at once or after 50 ms. Asked: 2,000 a second at 0 ms, 800 at 50 ms, the door's
p99 under 100 ms while 100,000 drain, claim and settle at least 0.6 of the same SQL by hand.
"""

import asyncio
import gc
import hashlib
import json
import multiprocessing
import os
import secrets
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import uvloop
from aiohttp import ClientSession, web
from sqlalchemy import insert, text

from benchmarks.__main__ import postgresql
from bot.app import GARBAGE, Account, serving
from bot.kit.facts import closed
from bot.settings import Settings
from store import dispatch, migrations, outbox, settling
from store.base import microseconds
from store.choosing import Decision, House, Rule
from store.conversation import Conversation
from store.database import Database
from store.delivery import Result
from store.dispatch import Claim
from store.outbox import Channel, Outcome, Plan
from store.person import Person
from store.script import Script, Statement, on_postgresql, on_sqlite
from store.settling import Ended

ROWS, PEOPLE = 20_000, 20_000
DELAYS = (0.0, 0.05)
KINDS = ("booking.approved", "booking.aborted")
TEMPLATES = """
["booking.approved"]
template = "T"
fields = { thing1 = "instrument", time2 = "period", character_string3 = "YY{number}" }
"""
T = TypeVar("T")
TOKEN = "t" * 32
MANY = 1_000_000
DOOR_SECONDS = 15.0
TIMES = 3
CLAIMED = 500
"""Rows a transaction where claims are measured, as in performance.md D."""


def now() -> datetime:
    return datetime.now(UTC).astimezone()


def standing_in(pipe: Connection, delay: float) -> None:
    """Answers as the platform does, on the second core."""
    os.sched_setaffinity(0, {1} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    token = json.dumps({"access_token": "t" * 100, "expires_in": 7200})
    numbers = iter(range(1, 10**9))

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if delay:
            await asyncio.sleep(delay)
        if request.path.endswith("stable_token"):
            return web.Response(text=token)
        said = f'{{"errcode":0,"errmsg":"ok","msgid":{next(numbers)}}}'
        return web.Response(text=said, content_type="text/plain")

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    uvloop.run(serve())


@contextmanager
def stand_in(delay: float) -> Iterator[str]:
    """Its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=standing_in, args=(theirs, delay), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


async def fill(database: Database, count: int, people: int, due: timedelta = timedelta()) -> None:
    """People who wrote just now, and so many things to be told."""
    at = now()
    async with database.begin() as session:
        met = {"followed_at": at, "noticed_at": at}
        rows = [{"id": n, "openid": f"o{n}", **met} for n in range(1, people + 1)]
        await session.execute(insert(Person), rows)
        talk = {"version": 1, "state": {}, "heard_at": at, "wrote_at": at}
        talks = [{"person_id": n, **talk} for n in range(1, people + 1)]
        await session.execute(insert(Conversation), talks)
    await more(database, count, people, due)


async def more(database: Database, count: int, people: int, due: timedelta = timedelta()) -> None:
    """So many things more to be told."""
    at = now()
    period = (at + timedelta(hours=24), at + timedelta(hours=26))
    for first in range(0, count, 50_000):
        plans = []
        for n in range(first, min(count, first + 50_000)):
            facts = closed(
                {"number": n, "instrument": "三坐标测量机 GLOBAL", "yq": 12, "period": period}
            )
            planned = at + due + timedelta(microseconds=n)
            kind = KINDS[n % 2]
            event = f"x{time.monotonic_ns()}/{n}"
            plan = Plan(event, 1, kind, f"x/{n}", n % people + 1, facts, planned)
            plans.append(plan)
        async with database.begin() as session:
            await outbox.plan(session, plans)


def settings(url: str, api: str, folder: Path) -> Settings:
    """An account whose platform is the stand-in."""
    templates = folder / "templates.toml"
    templates.write_text(TEMPLATES, "utf-8")
    told: dict[str, Any] = {
        "_env_file": None,
        "database_url": url,
        "region": "jinzhong",
        "public_url": "http://127.0.0.1",
        "wechat_appid": "wx" + "0" * 16,
        "wechat_secret": "s" * 32,
        "wechat_token": TOKEN,
        "wechat_api_url": api,
        "templates": templates,
        "data_key": bytes(range(32)),
    }
    return Settings(**told)


async def sends(url: str, api: str, folder: Path, count: int) -> float:
    """Sends a second, from due row to settled row."""
    database = Database(url)
    await fill(database, count, count)
    await database.close()
    gc.set_threshold(*GARBAGE)
    gc.collect()
    gc.freeze()
    async with Account.opened(settings(url, api, folder), daytime) as account:
        cpu, began = time.process_time(), time.perf_counter()
        await account.telling.tell()
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        async with account.database.read() as session:
            query = text("select outcome, channel, count(*) from outbox group by 1, 2 order by 2")
            print("   ", (await session.execute(query)).all(), f"{busy / count * 1e6:.0f} µs CPU")
    return count / took


AHEAD = timedelta(hours=(14 - (datetime.now(UTC).hour + 8)) % 24)
"""Till an hour at which one may tell."""


def daytime() -> datetime:
    """The present, at that hour."""
    return datetime.now(UTC) + AHEAD


Make = Callable[[], AbstractAsyncContextManager[str]]
Recorded = list[list[Statement]]
"""Transactions, each the statements that it ran."""


def recorded(script: Script[T], log: list[Statement]) -> Script[T]:
    """The same script; what it asks is kept."""
    try:
        asked = next(script)
        while True:
            log.append(asked)
            asked = script.send((yield asked))
    except StopIteration as done:
        result: T = done.value
        return result


def house() -> House:
    """An account with one template."""
    rules = {kind: Rule("x", template="T" if n == 0 else "") for n, kind in enumerate(KINDS)}
    quotas = {channel: {86_400: 10**9, 60: 10**9} for channel in Channel if channel != "chat"}
    return House(rules, frozenset(quotas), quotas)


async def claims(database: Database, at: datetime, rounds: int, log: Recorded | None = None) -> int:
    """Claim and settle so many times; how many rows."""
    laws, moment, rows = house(), microseconds(at), 0
    for token in range(1, rounds + 1):
        claim = Claim(moment, moment + 120_000_000, CLAIMED, token)
        claiming = dispatch.claim(claim, laws, embedded=database.embedded)
        decisions = await run(database, claiming, log)
        ended = [sent(decision, moment) for decision in decisions]
        await run(database, settling.settle(ended, token, moment), log)
        rows += len(ended)
    return rows


async def run(database: Database, script: Script[T], log: Recorded | None) -> T:
    """Run a script; what it asks is kept where a log is given."""
    if log is None:
        return await database.run(script, writes=True)
    log.append([])
    return await database.run(recorded(script, log[-1]), writes=True)


def sent(decision: Decision, moment: int) -> Ended:
    """A row that went out."""
    row = decision.rows[0]
    end = Outcome.DELIVERED, decision.channel
    return Ended(
        row.id, row.person_id, Result.SENT, moment, *end, tried_at=moment, receipt=str(row.id)
    )


def by_hand_on_sqlite(path: str, log: Recorded) -> None:
    """The same statements with the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    for transaction in log:
        connection.execute("BEGIN IMMEDIATE")
        for asked in transaction:
            sql = on_sqlite(asked.sql, len(asked.types), len(asked.rows))
            connection.execute(sql, tuple(chain.from_iterable(asked.rows))).fetchall()
        connection.execute("COMMIT")
    connection.close()


async def by_hand_on_postgresql(url: str, log: Recorded) -> None:
    """The same statements with the driver alone."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    for transaction in log:
        async with connection.transaction():
            for asked in transaction:
                columns = (list(column) for column in zip(*asked.rows, strict=True))
                await connection.fetch(on_postgresql(asked.sql, asked.types), *columns)
    await connection.close()


async def ratio(make: Make, count: int) -> str:
    """Claim and settle against the same SQL by hand, on equal databases."""
    at, rounds = datetime.now(UTC).replace(hour=4), count // CLAIMED
    log: Recorded = []
    times: dict[str, list[float]] = {"record": [], "ours": [], "hand": []}
    for step in ("record", *("ours", "hand") * TIMES):
        async with make() as url:
            database = Database(url)
            await fill(database, count, count, at - now() - timedelta(hours=1))
            began = time.perf_counter()
            if step == "hand" and database.embedded:
                by_hand_on_sqlite(str(database.url.database), log)
            elif step == "hand":
                await by_hand_on_postgresql(url, log)
            else:
                rows = await claims(database, at, rounds, log if step == "record" else None)
                assert rows == rounds * CLAIMED, rows
            times[step].append(time.perf_counter() - began)
            await database.close()
    ours, hand = (statistics.median(times[step]) for step in ("ours", "hand"))
    rate = rounds * CLAIMED / ours
    return f"{rate:,.0f} rows/s claimed and settled, {hand / ours:.2f} of by hand"


@asynccontextmanager
async def sqlite() -> AsyncIterator[str]:
    """A fresh file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/bench.db"
        await migrations.upgrade(url)
        yield url


async def main_ratio(count: int) -> None:
    print("SQLite:", await ratio(sqlite, count))
    print("SQLite:", await crowded(sqlite, count, MANY))
    with postgresql() as address:
        if address is None:
            return

        @asynccontextmanager
        async def fresh() -> AsyncIterator[str]:
            connection = await asyncpg.connect(address.replace("postgresql+asyncpg", "postgresql"))
            await connection.execute("drop schema public cascade; create schema public")
            await connection.close()
            await migrations.upgrade(address)
            yield address

        print("PostgreSQL:", await ratio(fresh, count))
        print("PostgreSQL:", await crowded(fresh, count, MANY))


PENDING = {
    True: """
        with recursive n(x) as (select 1 union all select x + 1 from n where x < {count})
        insert into outbox
          (event, person_id, version, kind, about, facts, planned_at, due_at, tries)
        select 'p/' || x, 1, 1, 'booking.aborted', 'p/' || x, '{{}}', {at} + x, {at} + x, 0 from n
        """,
    False: """
        insert into outbox
          (event, person_id, version, kind, about, facts, planned_at, due_at, tries)
        select 'p/' || x, 1, 1, 'booking.aborted', 'p/' || x, '{{}}', {at} + x, {at} + x, 0
          from generate_series(1, {count}) as x
        """,
}
"""Rows that are due another day."""


async def crowded(make: Make, count: int, pending: int) -> str:
    """Claims among so many rows that wait, against claims among none."""
    at, rates = datetime.now(UTC).replace(hour=4), []
    for waiting in (0, pending):
        async with make() as url:
            database = Database(url)
            await fill(database, count, count, at - now() - timedelta(hours=1))
            if waiting:
                later = microseconds(at + timedelta(days=30))
                sql = PENDING[database.embedded].format(count=waiting, at=later)
                async with database.begin() as session:
                    await session.execute(text(sql))
                    await session.execute(text("analyze outbox"))
            began = time.perf_counter()
            rows = await claims(database, at, count // CLAIMED)
            rates.append(rows / (time.perf_counter() - began))
            await database.close()
    return f"{rates[0]:,.0f} rows/s among none, {rates[1]:,.0f} among {pending:,} that wait"


def knocking(pipe: Connection, port: int, seconds: float, ahead: float) -> None:
    """Followers who ask something all the while, on the second core; tells how long they waited."""
    os.sched_setaffinity(0, {1} & os.sched_getaffinity(0) or os.sched_getaffinity(0))

    async def ask(http: ClientSession, n: int) -> float:
        at, nonce = str(int(time.time() + ahead)), secrets.token_hex(8)
        signed = hashlib.sha1("".join(sorted([TOKEN, at, nonce])).encode()).hexdigest()
        body = (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>o{n % 1000 + 1}</FromUserName>"
            f"<CreateTime>{at}</CreateTime><MsgType>text</MsgType><Content>帮助</Content>"
            f"<MsgId>{n + 10**15}</MsgId></xml>"
        )
        query = {"signature": signed, "timestamp": at, "nonce": nonce}
        began = time.perf_counter()
        address = f"http://127.0.0.1:{port}/wechat"
        async with http.post(address, params=query, data=body.encode()) as answer:
            assert answer.status == 200, answer.status
            await answer.read()
        return (time.perf_counter() - began) * 1000

    async def knock() -> list[float]:
        tasks: list[asyncio.Task[float]] = []
        ends = time.perf_counter() + seconds
        async with ClientSession() as http:
            while time.perf_counter() < ends:
                tasks.append(asyncio.create_task(ask(http, len(tasks))))
                await asyncio.sleep(0.01)
            return await asyncio.gather(*tasks)

    pipe.send(uvloop.run(knock()))


async def door(folder: Path, api: str, count: int, seconds: float) -> str:
    """The door while so many drain."""
    url = f"sqlite+aiosqlite:///{folder}/yixiang.db"
    await migrations.upgrade(url)
    database = Database(url)
    await fill(database, count, count)
    await database.close()
    port = free_port()
    told = settings(url, api, folder).model_copy(update={"port": port})
    gc.set_threshold(*GARBAGE)
    ours, theirs = multiprocessing.Pipe()
    async with (
        Account.opened(told, daytime) as account,
        serving(account, account.application()),
    ):
        process = multiprocessing.get_context("spawn").Process(
            target=knocking, args=(theirs, port, seconds, AHEAD.total_seconds()), daemon=True
        )
        process.start()
        waits = sorted(await asyncio.to_thread(ours.recv))
        async with account.database.read() as session:
            told_by_now = text("select count(*) from outbox where outcome is not null")
            done = await session.scalar(told_by_now) or 0
    p50, p99 = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
    return f"{len(waits)} asked: p50 {p50:.1f} ms, p99 {p99:.1f} ms; {done:,} told meanwhile"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


async def main_door(count: int) -> None:
    with stand_in(0.0) as api, tempfile.TemporaryDirectory() as folder:
        print("door while telling:", await door(Path(folder), api, count, DOOR_SECONDS))


async def main_sends(count: int) -> None:
    for delay in DELAYS:
        with stand_in(delay) as api, tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{folder}/bench.db"
            await migrations.upgrade(url)
            rate = await sends(url, api, Path(folder), count)
            print(f"{delay * 1000:.0f} ms: {rate:,.0f} sends/s")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    os.sched_setaffinity(0, {0} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    parts = {"sends": main_sends, "ratio": main_ratio, "door": main_door}
    for name in sys.argv[2:] or parts:
        uvloop.run(parts[name](count))
