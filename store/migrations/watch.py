"""What a migration must leave as it was: rows, triggers, numbers given, and every reference."""

from collections.abc import Mapping
from types import ModuleType

from alembic.runtime.migration import MigrationInfo
from sqlalchemy import Connection, func, inspect, select, table, text

from store import guards


class MigrationBroken(Exception):  # noqa: N818 - said of a migration's file
    """A step lost rows, triggers, numbers or what rows point to; everything is rolled back."""


class Watch:
    """Looks on while migrations run.

    A step that means to change the number of rows, or to end a trigger, says so in its file:
    `CHANGES_ROWS = {"table"}`, `DROPS_TRIGGERS = {"name"}`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rows = _rows(connection)
        self.triggers = guards.present(connection)
        self.numbers = _numbers(connection)

    def step(self, *, step: MigrationInfo, **_: object) -> None:
        """After each migration: put back the triggers that a rebuilt table lost, then check."""
        module = getattr(step.up_revision, "module", None)
        rows = _rows(self.connection)
        self._restore(module, rows)
        self._compare(module, rows)
        self._go_on_numbering(rows)
        self._follow_references()
        self.rows, self.triggers = rows, guards.present(self.connection)
        self.numbers = _numbers(self.connection)

    def _restore(self, module: ModuleType | None, rows: Mapping[str, int]) -> None:
        now = guards.present(self.connection)
        for name, (on, made) in self.triggers.items():
            if name in now or on not in rows or name in getattr(module, "DROPS_TRIGGERS", ()):
                continue
            if self.connection.dialect.name != "sqlite":
                raise MigrationBroken(f"trigger {name} is gone")
            self.connection.exec_driver_sql(made)

    def _compare(self, module: ModuleType | None, rows: Mapping[str, int]) -> None:
        free = getattr(module, "CHANGES_ROWS", ())
        for name in self.rows.keys() & rows.keys() - set(free):
            if self.rows[name] != rows[name]:
                raise MigrationBroken(f"{name} had {self.rows[name]} rows, now {rows[name]}")

    def _go_on_numbering(self, rows: Mapping[str, int]) -> None:
        """A table that SQLite rebuilt counts from its highest row; numbers given stay given."""
        now = _numbers(self.connection)
        for name, last in self.numbers.items():
            if name in rows and name not in now:
                raise MigrationBroken(
                    f"{name} would give numbers again: rebuild it with"
                    " table_kwargs={'sqlite_autoincrement': True}"
                )
            if name in rows and now[name] < last:
                for statement in SET_NUMBER:
                    self.connection.execute(text(statement), {"name": name, "last": last})

    def _follow_references(self) -> None:
        """PostgreSQL checks by itself; SQLite's keys were off."""
        if self.connection.dialect.name == "sqlite":
            lost = self.connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if lost is not None:
                raise MigrationBroken(f"row {lost[1]} of {lost[0]} points to no {lost[2]}")


def _numbers(connection: Connection) -> dict[str, int]:
    """SQLite's tables whose numbers are never given again, and the last number of each."""
    if connection.dialect.name != "sqlite":
        return {}
    made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    names = [row.name for row in made if "AUTOINCREMENT" in (row.sql or "")]
    if not names:
        return {}
    given = {row.name: row.seq for row in connection.exec_driver_sql(GIVEN)}
    return {name: given.get(name, 0) for name in names}


GIVEN = "SELECT name, seq FROM sqlite_sequence"
SET_NUMBER = (
    "DELETE FROM sqlite_sequence WHERE name = :name",
    "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)",
)


def _rows(connection: Connection) -> dict[str, int]:
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    count = select(func.count())
    return {name: connection.scalar(count.select_from(table(name))) or 0 for name in names}
