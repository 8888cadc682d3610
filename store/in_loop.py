"""SQLite's statements in the event loop: each takes microseconds, a thread's answer a hundred.

What may wait for another process, beginning to write and committing, is still left to the
connection's thread.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from aiosqlite import Connection

T = TypeVar("T")
CHUNK = 64


class InLoop(Connection):
    """A connection whose statements are run where they are awaited, one after the other."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - as aiosqlite has it
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)

    async def begin(self, sql: str) -> None:
        """Begin in the thread: it may wait there for who writes already."""
        await self._beside(self._conn.execute, sql)

    async def commit(self) -> None:
        """Commit in the thread: now and then the log is written back then."""
        await self._beside(self._conn.commit)

    async def _beside(self, fn: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        waiting: Any = super()
        await waiting._execute(fn, *args)  # noqa: SLF001 - as it is there


def connect(database: str, **options: Any) -> InLoop:  # noqa: ANN401 - sqlite3's own
    """A connection for SQLAlchemy (`async_creator_fn`)."""
    shared = {**options, "check_same_thread": False}
    return InLoop(partial(sqlite3.connect, database, **shared), CHUNK)
