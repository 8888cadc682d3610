"""SQLite's statements in the event loop: each takes microseconds, a thread's answer a hundred.

Nothing here waits within SQLite, for all would wait with it: while another process has the file,
a transaction asks again between the turns of the loop. Once begun it waits for nobody: who writes
has the lock, who reads has what they read of.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from aiosqlite import Connection

from store.script import BUSY_SECONDS, is_busy

T = TypeVar("T")
CHUNK = 64
AGAIN = 0.005
"""Seconds until a file that another process has is asked for again."""
BEGIN = {True: ("BEGIN IMMEDIATE",), False: ("BEGIN", "SELECT 1 FROM sqlite_schema LIMIT 1")}
"""By whether it writes; who only reads has no hold of what they read before they first read it."""


class InLoop(Connection):
    """A connection whose statements are run where they are awaited, one after the other."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - as aiosqlite has it
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)

    async def begin(self, *, writes: bool) -> None:
        """Begin a transaction, as soon as no other process stands in its way."""
        clock = asyncio.get_running_loop().time
        end = clock() + BUSY_SECONDS
        while not self._begun(BEGIN[writes], patient=clock() < end):  # noqa: ASYNC110
            await asyncio.sleep(AGAIN)

    def _begun(self, statements: Sequence[str], *, patient: bool) -> bool:
        try:
            for statement in statements:
                self._conn.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if self._conn.in_transaction:
                self._conn.execute("ROLLBACK")
            if not (patient and is_busy(error)):
                raise
            return False
        return True


def connect(database: str, *, pragmas: Sequence[str], **_usual: Any) -> InLoop:  # noqa: ANN401 - SQLAlchemy's own
    """A connection for SQLAlchemy (`async_creator_fn`)."""
    connection = InLoop(partial(_opened, database, pragmas), CHUNK)
    connection._thread.daemon = True  # noqa: SLF001 - else a process that fails would never end
    return connection


def _opened(database: str, pragmas: Sequence[str]) -> sqlite3.Connection:
    """Open, in a thread: only there it may wait for other processes."""
    connection = sqlite3.connect(
        database, BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    for pragma in (*pragmas, "busy_timeout=0"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection
