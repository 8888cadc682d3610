"""Visits: who used what, strikes against who did not come, and the codes stuck on instruments."""

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

revision = "0008"
down_revision = "0007"

OPEN = sa.text("ends_at IS NULL AND mode = 'self'")
SELF = sa.text("mode = 'self'")


def upgrade() -> None:
    """Make the tables."""
    _usage()
    _strike()
    op.create_table(
        "scene_code",
        *needed(WORD, "account", "scene", "address"),
        *needed(MOMENT, "made_at"),
        sa.PrimaryKeyConstraint("account", "scene"),
    )


def downgrade() -> None:
    """Drop them; what was used, and by whom, is lost."""
    for table in ("scene_code", "strike", "usage"):
        op.drop_table(table)


def _usage() -> None:
    op.create_table(
        "usage",
        number(),
        pointer("instrument_id", "instrument"),
        pointer("organisation_id", "organisation"),
        pointer("booking_id", "booking", needed=False),
        pointer("person_id", "person", needed=False),
        pointer("employer_id", "organisation", needed=False),
        *maybe(WORD, "visitor"),
        *needed(CHOICE, "user_group", "mode", "cooperation", "source"),
        *needed(MOMENT, "starts_at"),
        *maybe(MOMENT, "ends_at"),
        *maybe(sa.Integer(), "samples"),
        *maybe(WORD, "content", "project", "funds", "field"),
        *maybe(NUMBER, "amount_fen", "recorded_by"),
        *needed(sa.Boolean(), "late", "forgotten", "agreement", "inside"),
        *maybe(WORD, "moved_to", "customs_code", "tax_record"),
        pointer("policy_id", "policy_version"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "made_at", "changed_at"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period_forward"),
        sa.UniqueConstraint("booking_id"),
        **NUMBERED,
    )
    for name, column, which in (
        ("uq_usage_open", ["instrument_id"], OPEN),
        ("uq_usage_start", ["instrument_id", "starts_at"], SELF),
    ):
        op.create_index(
            name, "usage", column, unique=True, sqlite_where=which, postgresql_where=which
        )
    op.create_index("ix_usage_organisation", "usage", ["organisation_id", "starts_at"])
    op.create_index("ix_usage_person_id", "usage", ["person_id"])


def _strike() -> None:
    op.create_table(
        "strike",
        number(),
        pointer("person_id", "person"),
        pointer("instrument_id", "instrument"),
        pointer("booking_id", "booking"),
        *needed(CHOICE, "kind"),
        *needed(MOMENT, "at"),
        *maybe(MOMENT, "lifted_at"),
        *maybe(NUMBER, "lifted_by"),
        *maybe(WORD, "lift_reason"),
        pointer("policy_id", "policy_version"),
        sa.UniqueConstraint("booking_id"),
        **NUMBERED,
    )
    op.create_index("ix_strike_person", "strike", ["person_id", "at"])
    op.create_index("ix_strike_instrument", "strike", ["instrument_id", "at"])
