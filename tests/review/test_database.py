"""What a database does in bad times, and that all goes on after them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from store import conversation
from store.conversation import Step
from store.database import Database
from store.script import Lane
from tests import postgres


@pytest.fixture
async def on_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    yield database
    await database.close()


async def hang_up(server: postgres.Server, database: Database) -> None:
    ours = f"datname = '{database.url.database}'"
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"  # noqa: S608
    await asyncio.to_thread(server.run, end)
    await asyncio.sleep(0.1)


async def test_connections_that_died_are_not_used_again(
    on_postgresql: Database, postgres_server: postgres.Server
) -> None:
    async def load() -> None:
        assert await on_postgresql.run(conversation.load({"k": "o1"})) == {}

    await asyncio.gather(*(load() for _ in range(20)))
    await hang_up(postgres_server, on_postgresql)
    await asyncio.gather(*(load() for _ in range(40)))
    await hang_up(postgres_server, on_postgresql)
    async with on_postgresql.begin() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_a_full_disk_is_survived(sqlite_database: Database, now: datetime) -> None:
    async with sqlite_database.begin() as session:
        await conversation.admit(session, ["o1"])
    small, large = (Step(f"k{n}", 1, 0, {"words": "x" * n}, None, now) for n in (1, 200_000))
    assert sqlite_database._lanes is not None
    lane = sqlite_database._lanes.write
    lane._here = lane._open(0)
    lane._here.execute("PRAGMA max_page_count=1")  # as many as there are
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await sqlite_database.run(conversation.save([large]), writes=True)
    assert await sqlite_database.run(conversation.save([small]), writes=True) == {"k1"}


async def test_a_commit_that_fails_leaves_nothing_open(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    """As where the file system knows no log beside the file, and somebody is reading."""
    async with sqlite_database.begin() as session:
        await conversation.admit(session, ["o1"])
    await sqlite_database.close()
    path = str(sqlite_database.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        lane, step = Lane(path, (), writes=True), Step("k", 1, 0, {}, None, now)
        other.execute("BEGIN")
        other.execute("SELECT * FROM person").fetchall()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await lane.run(conversation.save([step]))
        other.execute("COMMIT")
        assert await lane.run(conversation.save([step])) == {"k"}
        lane.close()
