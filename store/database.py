"""The database: SQLite with one writer and many readers, or PostgreSQL.

`async with database.begin() as session` is the unit of work; `database.read()` never writes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool

from store import in_loop
from store.event import Event, pending
from store.script import (
    LONG_LOG,
    Lanes,
    Script,
    run_inside,
    run_on_postgresql,
    shorten_log,
    to_json,
)

OUT_OF_REACH = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, or starting up
)
READERS = 4
CONNECTIONS = 20
MOST_TELLINGS = 8
"""How often telling may itself make something happen."""
T = TypeVar("T")
Tell = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]


class Unavailable(Exception):  # noqa: N818 - a state that passes
    """The database can't be reached just now; what was asked for may be asked for again."""


class Database:
    """Both ways into one database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self.writer = _sqlite(self.url, writes=True) if self.embedded else _postgresql(self.url)
        self.reader = _sqlite(self.url, writes=False) if self.embedded else self.writer
        self._begin = async_sessionmaker(self.writer, expire_on_commit=False)
        self._read = async_sessionmaker(self.reader, expire_on_commit=False)
        self._lanes = Lanes(str(self.url.database), PRAGMAS[True]) if self.embedded else None
        self.tell: Tell | None = None
        """Who is handed what happened, in the transaction in which it did; set by the app."""
        self._turn = asyncio.Lock() if self.embedded else nullcontext()
        """SQLite has one writer: who waits, waits here and not in the database's busy loop."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write; committed at the end, rolled back by any exception."""
        async with self._turn, self._begin.begin() as session:
            yield session
            await self.told(session)

    async def told(self, session: AsyncSession) -> None:
        """Hand over what happened in a transaction that is about to commit."""
        for _ in range(MOST_TELLINGS):
            events = pending(session)
            if not events or self.tell is None:
                return
            await self.tell(session, events)

    def reading(self) -> AsyncSession:
        """A session that only reads, to be closed by whoever asked for it."""
        return self._read()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, beside the writer."""
        async with self._read() as session:
            yield session

    async def run(self, script: Script[T], *, writes: bool = False) -> T:
        """Run a script, in a transaction of its own if it writes. Raises Unavailable."""
        if self._lanes is None:
            try:
                return await run_on_postgresql(self.writer, script, writes=writes)
            except OUT_OF_REACH as error:
                raise Unavailable from error
        if not writes:
            return self._lanes.write.look(script)
        async with self._turn:
            return await self._lanes.write.run(script)

    async def shorten_log(self) -> None:
        """Keep SQLite's log short, beside whoever reads and writes; nothing on PostgreSQL."""
        if self._lanes is not None:
            await self._lanes.keep.run_beside(shorten_log())

    async def run_in(self, session: AsyncSession, script: Script[T]) -> T:
        """Run a script inside a session's transaction."""
        await session.flush()
        return await run_inside(await session.connection(), script, embedded=self.embedded)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._lanes is not None:
            self._lanes.close()
        await self.reader.dispose()
        await self.writer.dispose()


def _sqlite(url: URL, *, writes: bool) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    opened = partial(in_loop.connect, pragmas=PRAGMAS[writes])
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        connect_args={"async_creator_fn": opened},
        pool_reset_on_return=None,  # a session has ended its transaction by then
        json_serializer=to_json,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        connection.connection.run_async(lambda driver: driver.begin(writes=writes))

    return engine


PRAGMAS = {
    True: (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",  # else every batch is a file of its own for a moment
        f"wal_autocheckpoint={LONG_LOG}",
    ),
    False: ("foreign_keys=ON", "query_only=ON"),
}
"""Of connections that write, and of those that read."""


def _postgresql(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=False, json_serializer=to_json
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def taken(_connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401
        if record.driver_connection.is_closed():  # the server hung up: a new one is opened
            raise DisconnectionError

    return engine
