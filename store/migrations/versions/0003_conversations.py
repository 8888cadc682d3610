"""Conversations: where each follower stands, what was said, what is to be told, the tokens."""

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import (
    CHOICE,
    MOMENT,
    NUMBERED,
    WORD,
    maybe,
    needed,
    number,
    pointer,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    _heard()
    _outbox()
    _platform_token()


def downgrade() -> None:
    """Drop them; open talks and what was still to be told are lost."""
    for table in ("platform_token", "outbox", "repeat_key", "conversation"):
        op.drop_table(table)


def _heard() -> None:
    op.create_table(
        "conversation",
        pointer("person_id", "person"),
        *needed(sa.Integer(), "version"),
        *needed(sa.JSON(), "state"),
        *needed(MOMENT, "heard_at"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "repeat_key",
        *needed(WORD, "key"),
        *maybe(sa.JSON(), "said"),
        *needed(MOMENT, "at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_repeat_key_at", "repeat_key", ["at"])


def _outbox() -> None:
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
    waiting = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_outbox_due", "outbox", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def _platform_token() -> None:
    op.create_table(
        "platform_token",
        *needed(WORD, "appid", "kind"),
        *needed(sa.LargeBinary(), "value"),
        *needed(MOMENT, "expires_at", "lease_until"),
        *needed(sa.Integer(), "version", "forced"),
        *maybe(sa.Date(), "forced_on"),
        sa.PrimaryKeyConstraint("appid", "kind"),
    )
