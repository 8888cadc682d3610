"""Contracts, tariffs, charges."""

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

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    _prices()


def _prices() -> None:
    op.create_table(
        "price_row",
        number(),
        pointer("instrument_id", "instrument"),
        *needed(sa.Integer(), "sheet"),
        *needed(CHOICE, "part"),
        *needed(WORD, "group_key", "per"),
        *maybe(NUMBER, "fen", "to_fen"),
        *needed(WORD, "label"),
        *needed(sa.Date(), "starts_on"),
        *needed(MOMENT, "made_at"),
        *maybe(NUMBER, "by"),
        sa.CheckConstraint("fen >= 0 AND to_fen > fen", name="ck_price_row_price_positive"),
        **NUMBERED,
    )
    op.create_index("ix_price_row_sheet", "price_row", ["instrument_id", "sheet"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("price_row")
