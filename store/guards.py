"""Triggers: what the database itself refuses, by name, for each kind of database.

Migrations create them by name and tests assert that every one is in place. A guard that has been
released is never changed here: a better one gets a new name, and a migration exchanges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Guard:
    """One rule on one table: its triggers' names, and how each kind of database is told."""

    table: str
    triggers: tuple[str, ...]
    create: Mapping[str, tuple[str, ...]]
    """Statements by the dialect's name."""


def append_only(table: str) -> Guard:
    """Rows are added, and never changed, replaced or deleted."""
    update, delete, other = (f"{table}_no_{verb}" for verb in ("update", "delete", "replace"))
    raises = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    # INSERT OR REPLACE deletes without asking the trigger on DELETE.
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - our own name
    each = f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    return Guard(
        table,
        (update, delete, other),
        {
            "sqlite": (
                f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} {raises}",
                f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {raises}",
                f"CREATE TRIGGER {other} BEFORE INSERT ON {table} {taken} {raises}",
            ),
            "postgresql": (
                REFUSE.format(table=table),
                f"CREATE TRIGGER {update} BEFORE UPDATE {each}",
                f"CREATE TRIGGER {delete} BEFORE DELETE {each}",
                f"CREATE TRIGGER {other} BEFORE TRUNCATE {each}",
            ),
        },
    )


REFUSE = """
CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$"""

GUARDS: dict[str, Guard] = {"audit_entry_append_only": append_only("audit_entry")}
"""Every guard ever released, by name."""

IN_FORCE: tuple[str, ...] = ("audit_entry_append_only",)
"""Those that stand in a database brought up to date."""


def create(connection: Connection, name: str) -> None:
    """Put a guard in place; its table exists."""
    for statement in GUARDS[name].create[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def drop(connection: Connection, name: str) -> None:
    """Take a guard away, before its table goes or is written by a migration."""
    guard = GUARDS[name]
    postgresql = connection.dialect.name == "postgresql"
    for trigger in guard.triggers:
        where = f" ON {guard.table}" if postgresql else ""
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}{where}")
    if postgresql:
        connection.exec_driver_sql(f"DROP FUNCTION {guard.table}_refuse()")


def expected() -> set[str]:
    """Names of the triggers in a database brought up to date."""
    return {trigger for name in IN_FORCE for trigger in GUARDS[name].triggers}


def present(connection: Connection) -> dict[str, tuple[str, str]]:
    """The triggers that a database has, by name: each one's table, and how it is made."""
    rows = connection.exec_driver_sql(TRIGGERS[connection.dialect.name])
    return {row.name: (row.on_table, row.made) for row in rows}


TRIGGERS = {
    "sqlite": """
        SELECT name, tbl_name AS on_table, sql AS made
        FROM sqlite_master WHERE type = 'trigger'""",
    "postgresql": """
        SELECT tgname AS name, relname AS on_table, pg_get_triggerdef(pg_trigger.oid) AS made
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace""",
}
