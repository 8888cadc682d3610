"""Guards: what the database itself refuses, by name, for each kind of database.

Most are triggers; on PostgreSQL a guard may be an exclusion constraint.

Migrations create them by name and tests assert that every one is in place. A guard that has been
released is never changed here: a better one gets a new name, and a migration exchanges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Dialect


@dataclass(frozen=True, slots=True)
class Guard:
    """One rule on one table; all by the dialect's name."""

    table: str
    names: Mapping[str, tuple[str, ...]]
    """The triggers and constraints that it consists of."""
    create: Mapping[str, tuple[str, ...]]
    drop: Mapping[str, tuple[str, ...]]


def append_only(table: str) -> Guard:
    """Rows are added, and never changed, replaced or deleted."""
    update, delete, other = (f"{table}_no_{verb}" for verb in ("update", "delete", "replace"))
    raises = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    # INSERT OR REPLACE deletes without asking the trigger on DELETE.
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - our own name
    each = f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    names = (update, delete, other)
    away = [f"DROP TRIGGER {name}" for name in names]
    return Guard(
        table,
        {"sqlite": names, "postgresql": names},
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
        {
            "sqlite": (*away,),
            "postgresql": (
                *(f"{drop} ON {table}" for drop in away),
                f"DROP FUNCTION {table}_refuse()",
            ),
        },
    )


REFUSE = """
CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$"""

NO_OVERLAP = "box(point(instrument_id, starts_at), point(instrument_id, ends_at - 1))"
"""A period on its instrument's line: a box without height; half-open, to the microsecond.

PostgreSQL excludes boxes that touch without an extension, which needs rights (btree_gist), and
exactly: its numbers hold whole microseconds until the year 2255.
"""
MET = """
    SELECT 1 FROM (
        SELECT starts_at FROM occupation
        WHERE instrument_id = NEW.instrument_id AND ends_at > NEW.starts_at {other}
        ORDER BY ends_at LIMIT 1
    ) WHERE starts_at < NEW.ends_at"""
"""Periods that do not overlap end in the order in which they begin: the first is enough."""


def apart() -> Guard:
    """No two occupations of an instrument overlap."""
    entered, moved = "occupation_overlap", "occupation_overlap_moved"
    raises = "BEGIN SELECT RAISE(ABORT, 'occupation_overlap'); END"
    enters = f"WHEN EXISTS ({MET.format(other='')}) {raises}"
    moves = f"WHEN EXISTS ({MET.format(other='AND id <> OLD.id')}) {raises}"
    columns = "instrument_id, starts_at, ends_at"
    excludes = f"EXCLUDE USING gist ({NO_OVERLAP} WITH &&)"
    return Guard(
        "occupation",
        {"sqlite": (entered, moved), "postgresql": (entered,)},
        {
            "sqlite": (
                f"CREATE TRIGGER {entered} BEFORE INSERT ON occupation {enters}",
                f"CREATE TRIGGER {moved} BEFORE UPDATE OF {columns} ON occupation {moves}",
            ),
            "postgresql": (f"ALTER TABLE occupation ADD CONSTRAINT {entered} {excludes}",),
        },
        {
            "sqlite": (f"DROP TRIGGER {entered}", f"DROP TRIGGER {moved}"),
            "postgresql": (f"ALTER TABLE occupation DROP CONSTRAINT {entered}",),
        },
    )


def books() -> Guard:
    """Every transfer of vouchers' money is taken from one balance and given to another.

    The balance's own check refuses one below zero.
    """
    name, table = "voucher_transfer_books", "voucher_transfer"
    each = f"FOR EACH ROW EXECUTE FUNCTION {table}_books_both()"
    return Guard(
        table,
        {"sqlite": (name,), "postgresql": (name,)},
        {
            "sqlite": (f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {BOOKS} END",),
            "postgresql": (
                BOOKS_FUNCTION,
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} {each}",
            ),
        },
        {
            "sqlite": (f"DROP TRIGGER {name}",),
            "postgresql": (
                f"DROP TRIGGER {name} ON {table}",
                f"DROP FUNCTION {table}_books_both()",
            ),
        },
    )


WHOSE = "CASE WHEN NEW.{side}_account IN ('source', 'budget') THEN 0 ELSE NEW.voucher_id END"
ROW = "SELECT NEW.programme, NEW.{side}_account, " + WHOSE + ", 0 WHERE true"
OPENED = (
    "INSERT INTO voucher_balance (programme, account, voucher_id, fen) "
    + ROW
    + " ON CONFLICT DO NOTHING;"
)
THERE = "programme = NEW.programme AND account = NEW.{side}_account AND voucher_id = " + WHOSE
MOVED = "UPDATE voucher_balance SET fen = fen {sign} NEW.fen WHERE " + THERE + ";"  # noqa: S608
BOOKS = " ".join(
    [
        *(OPENED.format(side=side) for side in ("from", "to")),
        MOVED.format(side="from", sign="-"),
        MOVED.format(side="to", sign="+"),
    ]
)
LOCKED = "PERFORM 1 FROM voucher_balance WHERE ({}) OR ({}) ORDER BY account FOR UPDATE;".format(
    *(THERE.format(side=side) for side in ("from", "to"))
)
"""Two transfers that go opposite ways take the same row first."""
BOOKS_FUNCTION = f"""
CREATE FUNCTION voucher_transfer_books_both() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {OPENED.format(side="from")}
    {OPENED.format(side="to")}
    {LOCKED}
    {MOVED.format(side="from", sign="-")}
    {MOVED.format(side="to", sign="+")}
    RETURN NULL;
END
$$"""

GUARDS: dict[str, Guard] = {
    "audit_entry_append_only": append_only("audit_entry"),
    "occupation_apart": apart(),
    "contract_text_append_only": append_only("contract_text"),
    "contract_word_append_only": append_only("contract_word"),
    "voucher_transfer_append_only": append_only("voucher_transfer"),
    "voucher_transfer_books": books(),
}
"""Every guard ever released, by name."""

IN_FORCE: tuple[str, ...] = (
    "audit_entry_append_only",
    "occupation_apart",
    "contract_text_append_only",
    "contract_word_append_only",
    "voucher_transfer_append_only",
    "voucher_transfer_books",
)
"""Those that stand in a database brought up to date."""


def create(connection: Connection, name: str) -> None:
    """Put a guard in place; its table exists."""
    for statement in GUARDS[name].create[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def drop(connection: Connection, name: str) -> None:
    """Take a guard away, before its table goes or is written by a migration."""
    for statement in GUARDS[name].drop[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def expected(dialect: Dialect) -> set[str]:
    """Names of the triggers and constraints in a database of this kind brought up to date."""
    return {part for name in IN_FORCE for part in GUARDS[name].names[dialect.name]}


def present(connection: Connection) -> dict[str, tuple[str, str]]:
    """The guards that a database has, by name: each one's table, and how it is made."""
    rows = connection.exec_driver_sql(PRESENT[connection.dialect.name])
    return {row.name: (row.on_table, row.made) for row in rows}


PRESENT = {
    "sqlite": """
        SELECT name, tbl_name AS on_table, sql AS made
        FROM sqlite_master WHERE type = 'trigger'""",
    "postgresql": """
        SELECT tgname AS name, relname AS on_table, pg_get_triggerdef(pg_trigger.oid) AS made
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE contype = 'x' AND connamespace = current_schema()::regnamespace""",
}
