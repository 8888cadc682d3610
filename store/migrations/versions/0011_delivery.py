"""Delivery: the outbox with leases, how people can be reached, what became of each send."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import (
    CHOICE,
    MOMENT,
    NUMBER,
    NUMBERED,
    WORD,
    maybe,
    needed,
    number,
    pointer,
)

revision = "0011"
down_revision = "0010"

WAITING = sa.text("settled_at IS NULL")
KEPT = sa.text("outcome = 'kept'")


def upgrade() -> None:
    """Make the tables; what stands in the outbox is carried over."""
    rows = [_newer(row) for row in _taken()]
    _outbox()
    _put(rows)
    _reach()
    _limits()
    _delivery()
    op.add_column("conversation", sa.Column("wrote_at", MOMENT, nullable=True))
    op.add_column("person", sa.Column("waiting", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop them; what became of each send is lost."""
    op.drop_column("person", "waiting")
    op.drop_column("conversation", "wrote_at")
    for table in ("delivery", "job_run", "quota", "stop", "silence", "credit", "reach"):
        op.drop_table(table)
    rows = [_older(row) for row in _taken()]
    _outbox_before()
    _put(rows)


Row = dict[str, Any]


def _table() -> sa.Table:
    return sa.Table("outbox", sa.MetaData(), autoload_with=op.get_bind())


def _taken() -> list[Row]:
    """The rows; their table is dropped."""
    rows = op.get_bind().execute(sa.select(_table())).mappings()
    taken = [dict(row) for row in rows]
    op.drop_table("outbox")
    return taken


def _put(rows: list[Row]) -> None:
    """Put them into the table that is there now; the next number is a new one."""
    bind = op.get_bind()
    if not rows:
        return
    bind.execute(sa.insert(_table()), rows)
    if bind.dialect.name == "postgresql":
        bind.exec_driver_sql(
            "select setval(pg_get_serial_sequence('outbox', 'id'), (select max(id) from outbox))"
        )


def _newer(row: Row) -> Row:
    say = row.pop("say")
    del row["lease_until"]
    subject, number = row["event"].partition(".")[0], row["event"].rpartition("/")[2]
    more = {"about": f"{subject}/{number}", "planned_at": row["due_at"]}
    return {**row, **more, "facts": say.get("args", {})}


def _older(row: Row) -> Row:
    facts = row.pop("facts")
    for name in ("about", "sealed", "planned_at", "until", "tried_at", "claim"):
        del row[name]
    say = {"key": row["kind"], "args": facts}
    return {**row, "event": f"{row['event']}#{row['kind']}", "say": say, "lease_until": None}


def _outbox() -> None:
    op.create_table(
        "outbox",
        number(),
        *needed(WORD, "event"),
        pointer("person_id", "person"),
        *needed(sa.Integer(), "version"),
        *needed(WORD, "kind", "about"),
        *needed(sa.JSON(), "facts"),
        *maybe(WORD, "sealed"),
        *needed(MOMENT, "planned_at", "due_at"),
        *maybe(MOMENT, "until", "tried_at", "settled_at"),
        *maybe(NUMBER, "claim"),
        *maybe(CHOICE, "channel", "outcome"),
        *needed(sa.Integer(), "tries"),
        sa.UniqueConstraint("event", "person_id", "version", "kind"),
        **NUMBERED,
    )
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])
    for name, column, where in (
        ("ix_outbox_due", "due_at", WAITING),
        ("ix_outbox_about", "about", WAITING),
        ("ix_outbox_kept", "person_id", KEPT),
    ):
        op.create_index(name, "outbox", [column], sqlite_where=where, postgresql_where=where)


def _reach() -> None:
    op.create_table(
        "reach",
        pointer("person_id", "person"),
        *maybe(MOMENT, "muted_at", "closed_at", "window_at", "told_since"),
        *needed(sa.Integer(), "used", "told"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "credit",
        pointer("person_id", "person"),
        *needed(WORD, "template"),
        *needed(sa.Integer(), "owed"),
        *needed(MOMENT, "at"),
        sa.PrimaryKeyConstraint("person_id", "template"),
    )
    op.create_table(
        "silence",
        pointer("person_id", "person"),
        *needed(WORD, "setting"),
        *needed(MOMENT, "at"),
        sa.PrimaryKeyConstraint("person_id", "setting"),
    )


def _limits() -> None:
    op.create_table(
        "stop",
        *needed(CHOICE, "channel"),
        *needed(WORD, "template", "why"),
        *needed(MOMENT, "at"),
        *maybe(MOMENT, "until"),
        sa.PrimaryKeyConstraint("channel", "template"),
    )
    op.create_table(
        "quota",
        *needed(CHOICE, "channel"),
        *needed(MOMENT, "begins_at"),
        *needed(sa.Integer(), "seconds", "used"),
        sa.PrimaryKeyConstraint("channel", "seconds", "begins_at"),
    )
    op.create_table(
        "job_run",
        *needed(WORD, "job"),
        *needed(MOMENT, "due_at", "done_at"),
        sa.PrimaryKeyConstraint("job", "due_at"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        number(),
        pointer("outbox_id", "outbox"),
        *needed(MOMENT, "at"),
        *maybe(CHOICE, "channel"),
        *needed(CHOICE, "result"),
        *maybe(CHOICE, "why"),
        *maybe(WORD, "detail", "receipt", "closed"),
        *maybe(MOMENT, "closed_at"),
        **NUMBERED,
    )
    op.create_index("ix_delivery_outbox_id", "delivery", ["outbox_id"])
    sent = sa.text("receipt IS NOT NULL")
    op.create_index(
        "ix_delivery_receipt", "delivery", ["receipt"], sqlite_where=sent, postgresql_where=sent
    )


def _outbox_before() -> None:
    op.create_table(
        "outbox",
        number(),
        *needed(WORD, "event", "kind"),
        pointer("person_id", "person"),
        *needed(sa.Integer(), "version", "tries"),
        *needed(sa.JSON(), "say"),
        *needed(MOMENT, "due_at"),
        *maybe(MOMENT, "lease_until", "settled_at"),
        *maybe(CHOICE, "outcome", "channel"),
        sa.UniqueConstraint("event", "person_id", "version"),
        **NUMBERED,
    )
    op.create_index(
        "ix_outbox_due", "outbox", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])
