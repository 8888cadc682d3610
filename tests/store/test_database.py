"""A unit of work is all or nothing, whatever it begins with and wherever it is cut off."""

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, closing, suppress

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.database import Database
from store.script import Script, Statement, run_in

MAKE = """
with batch(key) as (ROWS)
insert into policy_version (region, hash, text, since) select key, key, key, 0 from batch
"""


def make(key: str) -> Script[None]:
    yield Statement(MAKE, ("text",), [(key,)])


async def made(database: Database) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(text("SELECT hash FROM policy_version ORDER BY id"))
        return list(rows)


async def write(database: Database, *keys: str, then: Exception | None = None) -> None:
    async with database.begin() as session:
        for key in keys:
            await run_in(session, make(key))
        if then is not None:
            raise then


async def test_a_script_that_comes_first_goes_with_the_rest(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await write(database, "lost", then=ZeroDivisionError())
    await write(database, "kept")
    assert await made(database) == ["kept"]


async def test_a_refused_statement_undoes_what_came_before_it(database: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)):
        await write(database, "twice", "twice")
    assert await made(database) == []


async def test_who_is_cut_off_while_waiting_to_begin_leaves_nothing_open(
    sqlite_database: Database,
) -> None:
    await write(sqlite_database, "before")
    with closing(sqlite3.connect(str(sqlite_database.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(write(sqlite_database, "lost"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        other.execute("COMMIT")
    with suppress(asyncio.CancelledError):
        await waiting
    await write(sqlite_database, "after")
    assert await made(sqlite_database) == ["before", "after"]


@pytest.mark.parametrize("writes", [True, False])
async def test_nobody_waits_with_who_waits_for_another_process(
    sqlite_database: Database, *, writes: bool
) -> None:
    await write(sqlite_database, "before")
    await sqlite_database.close()
    with closing(sqlite3.connect(str(sqlite_database.url.database))) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        opened = sqlite_database.begin() if writes else sqlite_database.read()
        waiting = asyncio.create_task(enter(opened))
        turns = 0
        while not waiting.done() and turns < 20:
            await asyncio.sleep(0.005)
            turns += 1
        other.execute("ROLLBACK")
    assert turns == 20
    assert await asyncio.wait_for(waiting, 10) == ["before"]


async def enter(opened: AbstractAsyncContextManager[AsyncSession]) -> list[str]:
    async with opened as session:
        return list(await session.scalars(text("SELECT hash FROM policy_version")))


async def test_what_was_read_first_is_read_again(sqlite_database: Database) -> None:
    await write(sqlite_database, "before")
    async with sqlite_database.read() as session:
        await session.execute(text("SELECT 1"))
        await write(sqlite_database, "after")
        found = await session.scalars(text("SELECT hash FROM policy_version"))
        assert list(found) == ["before"]
