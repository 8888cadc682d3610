"""What a database does in bad times, and that all goes on after them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import text

from store import conversation
from store.conversation import Step
from store.database import Database
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
    assert sqlite_database._lanes is not None
    lane = sqlite_database._lanes.write
    await sqlite_database.run(conversation.save([]), writes=True)

    def limit(pages: int) -> None:
        assert lane._connection is not None
        lane._connection.execute(f"PRAGMA max_page_count={pages}")

    loop = asyncio.get_running_loop()
    await loop.run_in_executor(lane._thread, limit, 1)  # as many as there are
    step = Step("k", 1, 0, {"words": "x" * 200_000}, None, now)
    with pytest.raises(Exception, match="full"):
        await sqlite_database.run(conversation.save([step]), writes=True)
    await loop.run_in_executor(lane._thread, limit, 1 << 30)
    assert await sqlite_database.run(conversation.save([step]), writes=True) == {"k"}
