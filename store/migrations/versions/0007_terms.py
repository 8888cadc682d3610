"""Terms of use, days on which the weekly hours do not hold, watches for free time."""

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import MOMENT, NUMBER, NUMBERED, WORD, maybe, needed, number, pointer

revision = "0007"
down_revision = "0006"

ONE_OWNER = "(organisation_id IS NULL) <> (instrument_id IS NULL)"
WHOLE = sa.Integer()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "terms",
        number(),
        pointer("organisation_id", "organisation", needed=False),
        pointer("instrument_id", "instrument", needed=False),
        *maybe(WORD, "hours"),
        *maybe(WHOLE, "notice_minutes", "horizon_minutes", "shortest_minutes", "longest_minutes"),
        *maybe(WHOLE, "grid", "before_minutes", "after_minutes", "per_week", "week_minutes"),
        *maybe(sa.Boolean(), "approval"),
        *needed(WHOLE, "version"),
        *maybe(NUMBER, "changed_by"),
        *needed(MOMENT, "changed_at"),
        sa.UniqueConstraint("organisation_id"),
        sa.UniqueConstraint("instrument_id"),
        sa.CheckConstraint(ONE_OWNER, name="one_owner"),
        sa.CheckConstraint("instrument_id IS NULL OR hours IS NULL", name="hours_of_unit"),
        **NUMBERED,
    )
    _exceptions()
    _watches()


def downgrade() -> None:
    """Drop them; what units said is lost."""
    for table in ("watch", "opening_exception", "terms"):
        op.drop_table(table)


def _exceptions() -> None:
    op.create_table(
        "opening_exception",
        number(),
        pointer("organisation_id", "organisation", needed=False),
        pointer("instrument_id", "instrument", needed=False),
        *needed(sa.Date(), "first_on", "last_on"),
        *needed(sa.JSON(), "hours"),
        *maybe(WORD, "reason"),
        *maybe(NUMBER, "made_by"),
        *needed(MOMENT, "made_at"),
        *maybe(MOMENT, "ended_at"),
        sa.CheckConstraint(ONE_OWNER, name="one_owner"),
        sa.CheckConstraint("last_on >= first_on", name="days_forward"),
        **NUMBERED,
    )
    for owner in ("organisation", "instrument"):
        op.create_index(
            f"ix_opening_exception_{owner}", "opening_exception", [f"{owner}_id", "last_on"]
        )


def _watches() -> None:
    op.create_table(
        "watch",
        number(),
        pointer("person_id", "person"),
        pointer("instrument_id", "instrument"),
        *needed(MOMENT, "starts_at", "ends_at"),
        *needed(WHOLE, "minutes"),
        *needed(MOMENT, "made_at"),
        *maybe(MOMENT, "told_at", "turn_until", "found_at", "found_until"),
        *needed(WHOLE, "times"),
        *maybe(MOMENT, "ended_at"),
        *needed(WHOLE, "version"),
        sa.CheckConstraint("ends_at > starts_at", name="period_forward"),
        sa.CheckConstraint("minutes > 0", name="length_named"),
        **NUMBERED,
    )
    still = sa.text("ended_at IS NULL")
    op.create_index("ix_watch_instrument", "watch", ["instrument_id", "ends_at"])
    op.create_index(
        "uq_watch_still",
        "watch",
        ["person_id", "instrument_id", "starts_at", "ends_at"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
