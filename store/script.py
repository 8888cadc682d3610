"""Scripts: the few statements run for every message, for many messages at once.

A script is a generator: it yields a statement with a batch and is given the rows. The batch is one
JSON array; `BATCH` in the statement stands for its elements, a row each, named `value` (so that
`value->>0` is the first field as text on both databases). SQLAlchemy makes four hops to SQLite's
thread for each statement; a whole script makes one (docs/decisions, performance.md A).
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
Rows: TypeAlias = Sequence[Any]
Statement: TypeAlias = tuple[str, Sequence[Any]]
Script: TypeAlias = Generator[Statement, Rows, T]

BUSY_SECONDS = 30
LONG_LOG = 20_000
"""Pages of log after which a writer moves them itself; before, `shorten_log` does."""
ON_SQLITE = "json_each(?)"
ON_POSTGRESQL = "jsonb_array_elements($1::jsonb) as batch(value)"


def to_json(value: Any) -> str:  # noqa: ANN401 - whatever a JSON column holds
    """JSON as columns keep it: Chinese as itself, no blanks."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Lane:
    """One SQLite connection with a thread of its own."""

    def __init__(self, path: str, pragmas: Sequence[str], *, writes: bool) -> None:
        self._path, self._pragmas, self._writes = path, pragmas, writes
        self._thread = ThreadPoolExecutor(1, "sqlite-writer" if writes else "sqlite-reader")
        self._connection: sqlite3.Connection | None = None

    async def run(self, script: Script[T]) -> T:
        """Run a script in one hop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, script)

    def close(self) -> None:
        """Let go of the connection, once what is under way is done."""
        self._thread.submit(self._close)
        self._thread.shutdown()

    def _run(self, script: Script[T]) -> T:
        connection = self._connection or self._open()
        if not self._writes:
            return _drive(script, connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = _drive(script, connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result

    def _open(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(self._path, BUSY_SECONDS, isolation_level=None)
        for pragma in self._pragmas:
            self._connection.execute(f"PRAGMA {pragma}")
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class Lanes:
    """The ways of scripts into one SQLite file: to read, to write, and to keep its log short."""

    def __init__(self, path: str, pragmas: Mapping[bool, Sequence[str]]) -> None:
        self.read = Lane(path, pragmas[False], writes=False)
        self.write = Lane(path, (*pragmas[True], f"wal_autocheckpoint={LONG_LOG}"), writes=True)
        self.keep = Lane(path, (), writes=False)

    def close(self) -> None:
        """Let go of all."""
        for lane in (self.read, self.write, self.keep):
            lane.close()


def shorten_log() -> Script[None]:
    """Move the log's pages into the file, waiting for nobody and holding nobody up."""
    yield "PRAGMA wal_checkpoint(PASSIVE)", ()


def _drive(script: Script[T], connection: sqlite3.Connection) -> T:
    rows: Rows = ()
    try:
        sql, batch = next(script)
        while True:
            given = (to_json(batch),) if "BATCH" in sql else ()
            rows = connection.execute(sql.replace("BATCH", ON_SQLITE), given).fetchall()
            sql, batch = script.send(rows)
    except StopIteration as done:
        result: T = done.value
        return result


async def run_on_postgresql(engine: AsyncEngine, script: Script[T], *, writes: bool) -> T:
    """Run a script on a connection of its own, in a transaction if it writes."""
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - for the type checker
        if not writes:
            return await _drive_slowly(script, driver.fetch, ON_POSTGRESQL)
        async with driver.transaction():
            return await _drive_slowly(script, driver.fetch, ON_POSTGRESQL)


async def run_inside(connection: AsyncConnection, script: Script[T], *, embedded: bool) -> T:
    """Run a script in a transaction that is open already."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if not embedded:
        return await _drive_slowly(script, driver.fetch, ON_POSTGRESQL)

    async def fetch(sql: str, batch: str) -> Rows:
        rows: Rows = await driver.execute_fetchall(sql, (batch,))
        return rows

    return await _drive_slowly(script, fetch, ON_SQLITE)


async def _drive_slowly(
    script: Script[T], fetch: Callable[[str, str], Awaitable[Rows]], elements: str
) -> T:
    try:
        sql, batch = next(script)
        while True:
            rows = await fetch(sql.replace("BATCH", elements), to_json(batch))
            sql, batch = script.send(rows)
    except StopIteration as done:
        result: T = done.value
        return result
