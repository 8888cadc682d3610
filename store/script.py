"""Scripts: the few statements run for every message, for many messages at once.

A script is a generator: it yields a statement with a batch and is given the rows. `ROWS` in the
statement stands for a query that gives the batch back, a row each. SQLAlchemy makes four hops to
SQLite's thread for each statement, each dearer than the statement (performance.md A).
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

T = TypeVar("T")
Rows: TypeAlias = Sequence[Any]

BUSY_SECONDS = 30
CAST = frozenset({"json", "date"})
"""Types that are handed over as text."""
LONG_LOG = 20_000
"""Pages of log after which a writer moves them itself; before, `shorten_log` does."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `ROWS` in it, the types of the batch's columns, the batch.

    Types are `text`, `bigint`, and `json` and `date`, which are given, and come back, as text.
    """

    sql: str
    types: tuple[str, ...] = ()
    rows: Rows = ()


Script: TypeAlias = Generator[Statement, Rows, T]


@cache
def on_sqlite(sql: str, width: int, count: int) -> str:
    """The statement with a place for every value of the batch."""
    row = f"({', '.join('?' * width)})"
    return sql.replace("ROWS", f"values {', '.join([row] * count)}")


@cache
def on_postgresql(sql: str, types: tuple[str, ...]) -> str:
    """The statement with one array a column."""
    names = [f"c{n}" for n in range(len(types))]
    arrays = (f"${n}::{'text' if kind in CAST else kind}[]" for n, kind in enumerate(types, 1))
    columns = (
        f"cast({name} as {kind})" if kind in CAST else name
        for name, kind in zip(names, types, strict=True)
    )
    batch = f"unnest({', '.join(arrays)}) as batch({', '.join(names)})"
    chosen = ", ".join(columns)
    return sql.replace("ROWS", f"select {chosen} from {batch}")  # noqa: S608 - names of our own


def to_json(value: Any) -> str:  # noqa: ANN401 - whatever a JSON column holds
    """JSON as columns keep it: Chinese as itself, no blanks."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Busy(Exception):  # noqa: N818 - a state, not a fault
    """Another process is writing."""


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another process stood in the way."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # of whatever kind


class Lane:
    """SQLite's own connections for scripts, used where they stand: in the loop's thread.

    A batch of indexed look-ups or one transaction takes under a millisecond there; in a thread of
    its own it takes several times that, for SQLite gives the interpreter up at every row. Only
    while another process writes does the script wait its turn in a thread.
    """

    def __init__(self, path: str, pragmas: Sequence[str], *, writes: bool) -> None:
        self._path, self._pragmas, self._writes = path, pragmas, writes
        self._here: sqlite3.Connection | None = None

    def look(self, script: Script[T]) -> T:
        """Run a script that only reads: where it is also written, the page cache stays good."""
        self._here = self._here or self._open(wait=0)
        return _drive(script, self._here)

    async def run(self, script: Script[T]) -> T:
        """Run a script, in a transaction if this lane writes."""
        self._here = self._here or self._open(wait=0)
        try:
            return self._run(self._here, script)
        except Busy:
            return await asyncio.to_thread(self._run_patiently, script)

    async def run_beside(self, script: Script[T]) -> T:
        """Run a script in a thread, however long it takes."""
        return await asyncio.to_thread(self._run_patiently, script)

    def close(self) -> None:
        """Let go of the connection."""
        if self._here is not None:
            self._here.close()
            self._here = None

    def _run_patiently(self, script: Script[T]) -> T:
        with closing(self._open(wait=BUSY_SECONDS)) as connection:
            return self._run(connection, script)

    def _run(self, connection: sqlite3.Connection, script: Script[T]) -> T:
        if not self._writes:
            return _drive(script, connection)
        self._begin(connection)
        try:
            result = _drive(script, connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if is_busy(error) and connection is self._here:
                raise Busy from error
            raise

    def _open(self, wait: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, wait, isolation_level=None)
        for pragma in self._pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection


class Lanes:
    """The ways of scripts into one SQLite file: for messages, and to keep its log short."""

    def __init__(self, path: str, pragmas: Sequence[str]) -> None:
        self.write = Lane(path, pragmas, writes=True)
        self.keep = Lane(path, (), writes=False)

    def close(self) -> None:
        """Let go of all."""
        for lane in (self.write, self.keep):
            lane.close()


def shorten_log() -> Script[None]:
    """Move the log's pages into the file, waiting for nobody and holding nobody up."""
    yield Statement("PRAGMA wal_checkpoint(PASSIVE)")


def _drive(script: Script[T], connection: sqlite3.Connection) -> T:
    try:
        asked = next(script)
        while True:
            sql = on_sqlite(asked.sql, len(asked.types), len(asked.rows))
            given = tuple(chain.from_iterable(asked.rows))
            asked = script.send(connection.execute(sql, given).fetchall())
    except StopIteration as done:
        result: T = done.value
        return result


async def run_on_postgresql(engine: AsyncEngine, script: Script[T], *, writes: bool) -> T:
    """Run a script on a connection of its own, in a transaction if it writes."""
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - for the type checker
        if not writes:
            return await _drive_slowly(script, partial(_fetch_on_postgresql, driver))
        async with driver.transaction():
            return await _drive_slowly(script, partial(_fetch_on_postgresql, driver))


async def run_inside(connection: AsyncConnection, script: Script[T], *, embedded: bool) -> T:
    """Run a script in a transaction that is open already."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if embedded:  # all of it in one hop to the connection's thread
        result: T = await driver._execute(_drive, script, driver._conn)  # noqa: SLF001
        return result
    await _begun(raw.dbapi_connection)
    return await _drive_slowly(script, partial(_fetch_on_postgresql, driver))


async def _begun(adapter: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
    """Begin now: SQLAlchemy does so with its own first statement, and ours may come before it."""
    if adapter._transaction is None:  # noqa: SLF001
        await adapter._start_transaction()  # noqa: SLF001


async def run_in(session: AsyncSession, script: Script[T]) -> T:
    """Run a script inside a session's transaction."""
    if session.new or session.dirty or session.deleted:
        await session.flush()
    embedded = session.get_bind().dialect.name == "sqlite"
    return await run_inside(await session.connection(), script, embedded=embedded)


async def fetch_in(session: AsyncSession, sql: str, values: Sequence[Any]) -> Rows:
    """The rows of one statement in the database's own words, inside a session's transaction."""
    if session.new or session.dirty or session.deleted:
        await session.flush()
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    rows: Rows
    if session.get_bind().dialect.name == "sqlite":
        rows = await driver.execute_fetchall(sql, values)
    else:
        await _begun(raw.dbapi_connection)
        rows = await driver.fetch(sql, *values)
    return rows


async def _fetch_on_postgresql(driver: Any, asked: Statement) -> Rows:  # noqa: ANN401 - asyncpg's own
    columns = (list(column) for column in zip(*asked.rows, strict=True))
    rows: Rows = await driver.fetch(on_postgresql(asked.sql, asked.types), *columns)
    return rows


async def _drive_slowly(script: Script[T], fetch: Callable[[Statement], Awaitable[Rows]]) -> T:
    try:
        asked = next(script)
        while True:
            asked = script.send(await fetch(asked))
    except StopIteration as done:
        result: T = done.value
        return result
