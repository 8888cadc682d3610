"""The database: SQLite with one writer and many readers, or PostgreSQL.

`async with database.begin() as session` is the unit of work; `database.read()` never writes.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool

READERS = 4
CONNECTIONS = 20
BUSY_SECONDS = 30


def to_json(value: Any) -> str:  # noqa: ANN401 - whatever a JSON column holds
    """JSON as columns keep it: Chinese as itself, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Database:
    """Both ways into one database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self.writer = _sqlite(self.url, writes=True) if self.embedded else _postgresql(self.url)
        self.reader = _sqlite(self.url, writes=False) if self.embedded else self.writer
        self._begin = async_sessionmaker(self.writer, expire_on_commit=False)
        self._read = async_sessionmaker(self.reader, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write; committed at the end, rolled back by any exception."""
        async with self._begin.begin() as session:
            yield session

    def reading(self) -> AsyncSession:
        """A session that only reads, to be closed by whoever asked for it."""
        return self._read()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, beside the writer."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def lane(self, *, writes: bool) -> AsyncIterator["Lane"]:
        """The driver itself, for the few statements run for every message, many at once."""
        engine = self.writer if writes else self.reader
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            lane = Lane(raw.driver_connection, embedded=self.embedded)
            if not writes:
                yield lane
                return
            await lane.fetch("BEGIN IMMEDIATE" if self.embedded else "BEGIN")
            try:
                yield lane
            except BaseException:
                await lane.fetch("ROLLBACK")
                raise
            await lane.fetch("COMMIT")

    async def lane_of(self, session: AsyncSession) -> "Lane":
        """The lane inside a session's transaction; flush the session first."""
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        return Lane(raw.driver_connection, embedded=self.embedded)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.reader.dispose()
        await self.writer.dispose()


class Lane:
    """One connection without SQLAlchemy's care: a statement over a batch is one hop, not four.

    The batch is one JSON array; `BATCH` in the statement stands for its elements, a row each, named
    `value` (so `value->>0` is the first field as text on both databases).
    """

    def __init__(self, driver: Any, *, embedded: bool) -> None:  # noqa: ANN401 - aiosqlite or asyncpg
        self._driver = driver
        self._embedded = embedded

    async def fetch(self, sql: str, batch: Sequence[Any] | None = None) -> Sequence[Any]:
        """Run one statement over a batch of JSON values; return its rows, fields by position."""
        given = () if batch is None else (to_json(batch),)
        if self._embedded:
            rows: Sequence[Any] = await self._driver.execute_fetchall(
                sql.replace("BATCH", "json_each(?)"), given
            )
            return rows
        fetched: Sequence[Any] = await self._driver.fetch(
            sql.replace("BATCH", "jsonb_array_elements($1::jsonb) as batch(value)"), *given
        )
        return fetched


def _sqlite(url: URL, *, writes: bool) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS},
        json_serializer=to_json,
    )
    pragmas = WRITER_PRAGMAS if writes else READER_PRAGMAS

    @event.listens_for(engine.sync_engine, "connect")
    def opened(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
READER_PRAGMAS = ("foreign_keys=ON", "query_only=ON")


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=False, json_serializer=to_json
    )
