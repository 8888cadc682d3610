from datetime import datetime

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from store import audit, guards
from store.audit import AuditEntry
from store.database import Database
from tests.store.people import person


async def guarded(database: Database) -> None:
    async with database.writer.begin() as connection:
        there = await connection.run_sync(guards.present)
        if "audit_entry_no_update" not in there:
            await connection.run_sync(guards.create, "audit_entry_append_only")


async def test_written_and_read_by_whom_it_concerns(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her, him = await person(session, now), await person(session, now)
        audit.record(session, her, "claim", "affiliation:1", {"until": 3}, now)
        audit.record(session, him, "confirm", f"person:{her}", {}, now)
        audit.record(session, him, "confirm", "instrument:1", {"ok": True, "role": None}, now)
    async with database.read() as session:
        assert [row.verb for row in await audit.about(session, her)] == ["claim", "confirm"]
        assert len(await audit.about(session, him)) == 2


@pytest.mark.parametrize("value", ["张晓岚", "13912340757", "her name", "", "zxl@example.cn"])
async def test_no_names(sqlite_database: Database, now: datetime, value: str) -> None:
    async with sqlite_database.begin() as session:
        for verb, subject, facts in (
            ("claim", "person:1", {"by": value}),
            ("claim", value, {}),
            (value, "person:1", {}),
            ("claim", "person:1", {value: 1}),
        ):
            with pytest.raises(ValueError, match="only numbers"):
                audit.record(session, 1, verb, subject, facts, now)


@pytest.mark.parametrize(
    "change",
    [
        update(AuditEntry).values(actor_id=None),
        delete(AuditEntry),
        text("update audit_entry set verb = 'x'"),
        text("delete from audit_entry"),
    ],
    ids=str,
)
async def test_nothing_is_taken_back(database: Database, now: datetime, change: object) -> None:
    await guarded(database)
    async with database.begin() as session:
        audit.record(session, 1, "claim", "affiliation:1", {}, now)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.begin() as session:
            await session.execute(change)  # type: ignore[call-overload]
    async with database.read() as session:
        assert len(await audit.about(session, 1)) == 1
