"""Triggers are in place on both databases and refuse what they name."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import guards
from store.audit import AuditEntry, record
from store.database import Database

REPLACE = "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry"


async def test_every_guard_is_in_place(database: Database) -> None:
    async with database.begin() as session:
        connection = await session.connection()
        found = await connection.run_sync(guards.present)
    assert set(found) == guards.expected(connection.dialect)
    assert all("TRIGGER" in made or "EXCLUDE" in made for _, made in found.values())


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_entry SET verb = 'other'",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET id = id + 1",
        "REPLACE OR TRUNCATE",
    ],
)
async def test_the_trail_only_grows(database: Database, now: datetime, attempt: str) -> None:
    if attempt == "REPLACE OR TRUNCATE":
        attempt = REPLACE if database.embedded else "TRUNCATE audit_entry"
    async with database.begin() as session:
        record(session, None, "import", "catalogue:1", {}, now)
    with pytest.raises(DBAPIError, match="audit_entry is append-only"):
        async with database.begin() as session:
            await session.execute(text(attempt))
    async with database.begin() as session:
        record(session, 1, "import", "catalogue:1", {}, now)
    async with database.read() as session:
        rows = (await session.execute(text("SELECT id, verb FROM audit_entry"))).all()
    assert [tuple(row) for row in rows] == [(1, "import"), (2, "import")]


async def test_a_guard_can_be_taken_away_and_put_back(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        session.add(AuditEntry(at=now, actor_id=None, verb="a", subject="b", facts={}))
        connection = await session.connection()
        before = await connection.run_sync(guards.present)
        await connection.run_sync(guards.drop, "audit_entry_append_only")
        gone = guards.GUARDS["audit_entry_append_only"].names[connection.dialect.name]
        assert set(await connection.run_sync(guards.present)) == set(before) - set(gone)
        await session.execute(text("DELETE FROM audit_entry"))
        await connection.run_sync(guards.create, "audit_entry_append_only")
        assert await connection.run_sync(guards.present) == before
