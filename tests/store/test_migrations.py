"""Migrations make what the concepts describe, up and down, with data in it, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    inspect,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from store import guards, migrations
from store.base import Moment
from store.database import Database
from store.standing import standing

MOMENT = datetime(2026, 11, 20, 2, tzinfo=UTC)
CHOSEN: dict[str, Any] = {
    "ends_at": MOMENT + timedelta(hours=1),
    "outage_id": None,
    "opening_exception.instrument_id": None,
    "price_row.to_fen": 2,
    "terms.instrument_id": None,
    "voucher_transfer.to_account": "budget",
}
"""By the column's name, or the table's and its, where any value of its type will not do."""


@pytest.fixture
def metadata() -> MetaData:
    return migrations.tables()


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction on a database of any revision."""
    database = Database(url)
    try:
        async with database.writer.begin() as connection:
            yield connection
    finally:
        await database.close()


def described(connection: Connection) -> set[str]:
    """The schema as the database itself tells it, a line a thing; order does not count."""
    found = inspect(connection)
    lines = set()
    for name in set(found.get_table_names()) - {"alembic_version"}:
        parts: dict[str, Any] = {
            "column": [row | {"type": str(row["type"])} for row in found.get_columns(name)],
            "key": [found.get_pk_constraint(name)],
            "pointer": found.get_foreign_keys(name),
            "unique": found.get_unique_constraints(name),
            "check": found.get_check_constraints(name),
            "index": [row | {"dialect_options": options(row)} for row in found.get_indexes(name)],
        }
        for part, rows in parts.items():
            lines |= {f"{name} {part} {sorted(row.items())}" for row in rows}
    if connection.dialect.name == "sqlite":
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
        lines |= {f"{row.name} numbered" for row in made if "AUTOINCREMENT" in (row.sql or "")}
    return lines


def options(row: Any) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in row.get("dialect_options", {}).items())


async def test_the_tables_are_as_described(empty_url: str, metadata: MetaData) -> None:
    await migrations.upgrade(empty_url)
    async with writing(empty_url) as connection:
        migrated = await connection.run_sync(described)
        assert set(await connection.run_sync(guards.present)) == guards.expected(connection.dialect)
    await migrations.downgrade(empty_url, "base")
    async with writing(empty_url) as connection:
        await connection.run_sync(metadata.create_all)
        wanted = await connection.run_sync(described)
    assert sorted(migrated - wanted) == sorted(wanted - migrated) == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_outbox_due",
        "CREATE INDEX ix_outbox_due_too ON outbox (due_at)",
        "ALTER TABLE outbox ADD COLUMN other VARCHAR",
        "ALTER TABLE outbox RENAME COLUMN facts TO said",
    ],
)
async def test_a_drift_would_be_seen(empty_url: str, change: str) -> None:
    await migrations.upgrade(empty_url)
    async with writing(empty_url) as connection:
        before = await connection.run_sync(described)
        await connection.exec_driver_sql(change)
        assert await connection.run_sync(described) != before


async def test_up_and_down_with_data(empty_url: str, metadata: MetaData) -> None:
    await migrations.upgrade(empty_url)
    async with writing(empty_url) as connection:
        await connection.run_sync(fill, metadata)
        filled = await connection.run_sync(counts)
    assert set(filled) == set(metadata.tables)
    assert all(filled.values())
    steps = ["0002", "0001", "base"]
    for step in steps:
        await migrations.downgrade(empty_url, step)
        async with writing(empty_url) as connection:
            left = await connection.run_sync(counts)
        assert left == {name: filled[name] for name in left}
    assert left == {}
    async with writing(empty_url) as connection:
        assert await connection.run_sync(guards.present) == {}
    await migrations.upgrade(empty_url)
    async with writing(empty_url) as connection:
        assert set(await connection.run_sync(counts)) == set(filled)
        assert set(await connection.run_sync(guards.present)) == guards.expected(connection.dialect)


def counts(connection: Connection) -> dict[str, int]:
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    tables = {name: Table(name, MetaData()) for name in names}
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in tables.items()
    }


def fill(connection: Connection, metadata: MetaData) -> None:
    """A row in every table, pointing to each other; the first number of each table is 1."""
    for table in metadata.sorted_tables:
        row = {
            column.name: sample(column)
            for column in table.columns
            if not (column.primary_key and column.autoincrement is not False and numbered(table))
        }
        connection.execute(table.insert().values(**row))


def numbered(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def sample(column: Column[Any]) -> Any:
    for name in (column.name, f"{column.table.name}.{column.name}"):
        if name in CHOSEN:
            return CHOSEN[name]
    kinds = {Moment: MOMENT, Boolean: True, Date: date(2026, 11, 20), Float: 37.5, JSON: {"a": 1}}
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    choices = getattr(column.type, "enum_class", None)
    if choices is not None:
        return next(iter(choices))
    if isinstance(column.type, LargeBinary):
        return b"sealed"
    return 1 if isinstance(column.type, Integer) else "words"


async def test_doing_it_again_changes_nothing(empty_url: str, metadata: MetaData) -> None:
    assert (await standing(empty_url)).current is None
    await migrations.upgrade(empty_url)
    assert (await standing(empty_url)).up_to_date
    async with writing(empty_url) as connection:
        await connection.run_sync(fill, metadata)
        before = await connection.run_sync(counts)
    await migrations.upgrade(empty_url)
    async with writing(empty_url) as connection:
        assert await connection.run_sync(counts) == before


def test_processes_may_start_at_once(empty_url: str) -> None:
    code = (
        "import asyncio, sys; from store import migrations;"
        "asyncio.run(migrations.upgrade(sys.argv[1]))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ends = [(process.communicate()[1].decode(), process.returncode) for process in running]
    assert ends == [("", 0)] * 3
    assert asyncio.run(standing(empty_url)).up_to_date
