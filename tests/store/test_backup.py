"""Copies are consistent while others write, and nothing is overwritten unasked."""

import asyncio
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store import audit, backup
from store.audit import AuditEntry
from store.backup import BackupFailed
from store.database import Database
from tests.conftest import unavailable


@pytest.fixture(autouse=True)
def tools(request: pytest.FixtureRequest) -> None:
    if "postgresql" in request.node.name and shutil.which("pg_dump") is None:
        unavailable("needs pg_dump")


async def save(url: str, copy: Path, *, force: bool = False) -> int:
    return await asyncio.to_thread(backup.save, url, copy, force=force)


async def restore(url: str, copy: Path, *, force: bool = False) -> None:
    await asyncio.to_thread(backup.restore, url, copy, force=force)


async def count(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(AuditEntry)) or 0


async def write(database: Database, rows: int, now: datetime) -> None:
    for _ in range(rows):
        async with database.begin() as session:
            audit.record(session, None, "import", "catalogue:1", {}, now)
            audit.record(session, None, "import", "catalogue:2", {}, now)


async def test_there_and_back(
    database: Database, database_url: str, tmp_path: Path, now: datetime
) -> None:
    await write(database, 3, now)
    copy = tmp_path / "copy"
    size = await save(database_url, copy)
    assert size == copy.stat().st_size > 0
    assert copy.stat().st_mode & 0o077 == 0
    await write(database, 2, now)
    with pytest.raises(BackupFailed, match=r"is not empty; --force replaces"):
        await restore(database_url, copy)
    assert await count(database) == 10
    await restore(database_url, copy, force=True)
    assert await count(database) == 6
    await write(database, 1, now)
    assert await count(database) == 8


async def test_a_copy_made_while_others_write_is_consistent(
    database: Database, database_url: str, tmp_path: Path, now: datetime
) -> None:
    copy = tmp_path / "copy"
    writing = asyncio.create_task(write(database, 100, now))
    await asyncio.sleep(0.05)
    await save(database_url, copy)
    await writing
    assert await count(database) == 200
    await restore(database_url, copy, force=True)
    found = await count(database)
    assert found % 2 == 0
    assert found <= 200


async def test_an_existing_file_is_kept(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("mine")
    with pytest.raises(BackupFailed, match="is there already"):
        await save(sqlite_url, copy)
    assert copy.read_text() == "mine"
    await save(sqlite_url, copy, force=True)
    assert copy.read_bytes().startswith(b"SQLite format 3")
    assert not copy.with_name("copy.part").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"x" * 4096])
async def test_what_is_no_copy_is_refused(tmp_path: Path, content: bytes) -> None:
    copy, url = tmp_path / "copy", f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    copy.write_bytes(content)
    with pytest.raises(BackupFailed):
        await restore(url, copy)
    assert not (tmp_path / "new.db").exists()


async def test_a_copy_of_the_other_kind_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"PGDMP" + b"\0" * 100)
    with pytest.raises(BackupFailed, match="was not made from sqlite"):
        await restore(sqlite_url, copy, force=True)


async def test_nothing_to_copy(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(BackupFailed, match="there is no database"):
        await save(url, tmp_path / "copy")
    with pytest.raises(BackupFailed, match="is no folder"):
        await save(url, tmp_path / "none" / "copy")
    with pytest.raises(BackupFailed, match="No such file"):
        await restore(url, tmp_path / "copy")
