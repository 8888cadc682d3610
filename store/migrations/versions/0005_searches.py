"""Searches: how often a question is asked, finds nothing, and what is opened after it."""

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import WORD, maybe, needed, pointer

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "search_question",
        *needed(WORD, "question"),
        *maybe(WORD, "words"),
        *needed(sa.JSON(), "seen"),
        *needed(sa.Date(), "last_on"),
        sa.PrimaryKeyConstraint("question"),
    )
    op.create_index("ix_search_question_last_on", "search_question", ["last_on"])
    op.create_table(
        "search_count",
        *needed(sa.Date(), "day"),
        *needed(WORD, "question"),
        *needed(sa.Integer(), "asked", "missed"),
        sa.PrimaryKeyConstraint("day", "question"),
    )
    op.create_table(
        "search_opened",
        *needed(sa.Date(), "day"),
        *needed(WORD, "question"),
        pointer("instrument_id", "instrument"),
        *needed(sa.Integer(), "times"),
        sa.PrimaryKeyConstraint("day", "question", "instrument_id"),
    )


def downgrade() -> None:
    """Drop them; the counts are lost."""
    for table in ("search_opened", "search_count", "search_question"):
        op.drop_table(table)
