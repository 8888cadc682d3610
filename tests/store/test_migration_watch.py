"""A migration that loses rows, triggers or references is rolled back; a rebuilt table has them."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store import audit, guards, migrations
from store.base import NUMBERED
from store.database import Database
from store.migrations.watch import MigrationBroken
from store.person import Person
from store.standing import standing

TALK = "INSERT INTO conversation (person_id, version, state, heard_at)"
NEXT = '''
"""A step under test."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"
{declares}

def upgrade() -> None:
{body}


def downgrade() -> None:
    pass
'''
REBUILD = """
with op.batch_alter_table("{table}", table_kwargs={kwargs}) as batch:
    batch.alter_column("{column}", type_=sa.String(100))
"""
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Adds one migration to a copy of ours."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "FOLDER", folder)
    newest = max(path.name for path in (folder / "versions").glob("0*.py"))[:4]

    def add(body: str, declares: str = "") -> None:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        made = NEXT.format(newest=newest, declares=declares, body=lines)
        (folder / "versions" / "9999_step.py").write_text(made)

    return add


@pytest.fixture
async def filled(database: Database, now: datetime) -> Database:
    """Two people, what is to be told one of them, and a trail."""
    async with database.begin() as session:
        session.add_all([Person(openid="a"), Person(openid="b")])
        await session.flush()
        audit.record(session, 1, "follow", "person:1", {}, now)
        await session.execute(text(f"{TALK} VALUES (1, 1, '{{}}', 1)"))
    return database


async def upgrade(database: Database) -> None:
    await migrations.upgrade(database.url.render_as_string(hide_password=False))


async def value(database: Database, query: str) -> object:
    async with database.read() as session:
        return await session.scalar(text(query))


@pytest.mark.parametrize(("table", "column"), [("person", "openid"), ("audit_entry", "verb")])
async def test_a_rebuilt_table_keeps_all(
    filled: Database, write: Write, table: str, column: str
) -> None:
    write(REBUILD.format(table=table, column=column, kwargs=NUMBERED))
    await upgrade(filled)
    if filled.embedded:
        made = await value(filled, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")  # noqa: S608
        assert f"{column} VARCHAR(100)" in str(made)
        assert "AUTOINCREMENT" in str(made)
    assert await value(filled, "SELECT count(*) FROM conversation") == 1
    assert await value(filled, "SELECT count(*) FROM person") == 2
    async with filled.begin() as session:
        connection = await session.connection()
        assert set(await connection.run_sync(guards.present)) == guards.expected(connection.dialect)
    with pytest.raises(IntegrityError, match="append-only"):
        async with filled.begin() as session:
            await session.execute(text("DELETE FROM audit_entry"))


async def test_a_number_given_is_never_given_again(filled: Database, write: Write) -> None:
    async with filled.begin() as session:
        await session.execute(text("DELETE FROM person WHERE openid = 'b'"))
    write(REBUILD.format(table="person", column="openid", kwargs=NUMBERED))
    await upgrade(filled)
    async with filled.begin() as session:
        session.add(Person(openid="c"))
    assert await value(filled, "SELECT max(id) FROM person") == 3


async def test_a_table_that_would_number_anew_is_refused(sqlite_url: str, write: Write) -> None:
    write(REBUILD.format(table="person", column="openid", kwargs={}))
    with pytest.raises(MigrationBroken, match="person would give numbers again"):
        await migrations.upgrade(sqlite_url)


async def test_rebuilding_with_keys_on_would_lose_children(tmp_path: Path) -> None:
    """Why keys are off: what SQLite does otherwise to rows that cascade."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'cascade.db'}")
    for statement in (
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER REFERENCES parent ON DELETE CASCADE)",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1)",
        "CREATE TABLE parent2 (id INTEGER PRIMARY KEY)",
        "INSERT INTO parent2 SELECT * FROM parent",
        "DROP TABLE parent",
    ):
        async with database.begin() as session:
            await session.execute(text(statement))
    assert await value(database, "SELECT count(*) FROM child") == 0
    await database.close()


BREAKS = {
    "rows": "op.execute(\"DELETE FROM person WHERE openid = 'b'\")",
    "pointers": f"op.execute(\"{TALK} VALUES (7, 1, '{{}}', 1)\")",
}


@pytest.mark.parametrize("what", ["rows", "pointers"])
async def test_a_step_that_loses_something_is_rolled_back(
    filled: Database, write: Write, what: str
) -> None:
    write(BREAKS[what], 'CHANGES_ROWS = {"conversation"}')
    with pytest.raises((MigrationBroken, IntegrityError)):
        await upgrade(filled)
    assert await value(filled, "SELECT count(*) FROM person") == 2
    assert await value(filled, "SELECT count(*) FROM conversation") == 1
    url = filled.url.render_as_string(hide_password=False)
    assert (await standing(url)).current != "9999"


async def test_a_step_may_say_that_it_changes_rows(filled: Database, write: Write) -> None:
    write(BREAKS["rows"], 'CHANGES_ROWS = {"person"}')
    await upgrade(filled)
    assert await value(filled, "SELECT count(*) FROM person") == 1


async def test_a_step_may_say_that_it_ends_a_trigger(filled: Database, write: Write) -> None:
    on = "" if filled.embedded else " ON audit_entry"
    write(
        f'op.execute("DROP TRIGGER audit_entry_no_update{on}")',
        'DROPS_TRIGGERS = {"audit_entry_no_update"}',
    )
    await upgrade(filled)
    async with filled.begin() as session:
        connection = await session.connection()
        left = set(await connection.run_sync(guards.present))
    assert left == guards.expected(connection.dialect) - {"audit_entry_no_update"}


async def test_a_trigger_ended_by_mistake_is_kept(filled: Database, write: Write) -> None:
    on = "" if filled.embedded else " ON audit_entry"
    write(f'op.execute("DROP TRIGGER audit_entry_no_update{on}")')
    if filled.embedded:
        await upgrade(filled)
    else:
        with pytest.raises(MigrationBroken, match="trigger audit_entry_no_update is gone"):
            await upgrade(filled)
    async with filled.begin() as session:
        connection = await session.connection()
        assert set(await connection.run_sync(guards.present)) == guards.expected(connection.dialect)
