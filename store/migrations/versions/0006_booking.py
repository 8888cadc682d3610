"""Bookings and what they occupy, outages, and the log of what happened."""

import sqlalchemy as sa
from alembic import op

from store import guards
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

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    _event()
    _booking()
    _outage()
    _occupation()


def downgrade() -> None:
    """Drop them; every booking is lost."""
    guards.drop(op.get_bind(), "occupation_apart")
    for table in ("occupation", "outage", "booking", "event"):
        op.drop_table(table)


def _event() -> None:
    op.create_table(
        "event",
        number(),
        *needed(WORD, "subject", "verb"),
        *needed(NUMBER, "subject_id"),
        *needed(sa.Integer(), "version"),
        *maybe(NUMBER, "actor_id"),
        *needed(MOMENT, "at"),
        *needed(sa.JSON(), "facts"),
        **NUMBERED,
    )
    op.create_index("ix_event_subject", "event", ["subject", "subject_id", "id"])


CHECKS = {
    "period_whole": "(starts_at IS NULL) = (ends_at IS NULL)",
    "period_forward": "starts_at IS NULL OR ends_at > starts_at",
    "time_named": "mode <> 'self' OR starts_at IS NOT NULL",
    "samples_counted": "mode <> 'sample' OR (samples IS NOT NULL AND samples > 0)",
}


def _booking() -> None:
    op.create_table(
        "booking",
        number(),
        pointer("origin_id", "booking", needed=False),
        pointer("replaces_id", "booking", needed=False),
        *needed(WORD, "token"),
        pointer("instrument_id", "instrument"),
        pointer("organisation_id", "organisation"),
        pointer("person_id", "person"),
        pointer("employer_id", "organisation", needed=False),
        *needed(CHOICE, "user_group", "mode", "cooperation", "status"),
        *maybe(MOMENT, "starts_at", "ends_at"),
        *maybe(sa.Integer(), "samples"),
        *maybe(WORD, "sample_words", "purpose"),
        *maybe(NUMBER, "estimate_fen"),
        *needed(sa.JSON(), "price"),
        *maybe(NUMBER, "voucher_id"),
        *needed(NUMBER, "voucher_fen"),
        pointer("policy_id", "policy_version"),
        *needed(MOMENT, "requested_at"),
        *maybe(MOMENT, "hold_until", "answer_by", "answered_at"),
        *maybe(NUMBER, "decided_by"),
        *maybe(MOMENT, "free_until"),
        *needed(sa.Boolean(), "late"),
        *maybe(WORD, "reason"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        sa.UniqueConstraint("token"),
        sa.UniqueConstraint("replaces_id"),
        *(sa.CheckConstraint(rule, name=name) for name, rule in CHECKS.items()),
        **NUMBERED,
    )
    _booking_indexes()


def _booking_indexes() -> None:
    for name, columns in {
        "origin": ["origin_id"],
        "organisation_id": ["organisation_id"],
        "person": ["person_id", "status"],
        "instrument": ["instrument_id", "status", "starts_at"],
        "status": ["status", "starts_at"],
    }.items():
        op.create_index(f"ix_booking_{name}", "booking", columns)
    held = sa.text("status IN ('requested', 'offered')")
    op.create_index(
        "ix_booking_hold", "booking", ["hold_until"], sqlite_where=held, postgresql_where=held
    )


def _outage() -> None:
    op.create_table(
        "outage",
        number(),
        pointer("instrument_id", "instrument"),
        *needed(MOMENT, "starts_at", "ends_at"),
        *needed(WORD, "reason"),
        *maybe(NUMBER, "by"),
        *needed(MOMENT, "made_at"),
        *maybe(MOMENT, "ended_at"),
        sa.CheckConstraint("ends_at > starts_at", name="period_forward"),
        **NUMBERED,
    )
    op.create_index("ix_outage_instrument_id", "outage", ["instrument_id"])


def _occupation() -> None:
    op.create_table(
        "occupation",
        number(),
        pointer("instrument_id", "instrument"),
        *needed(MOMENT, "starts_at", "ends_at"),
        pointer("booking_id", "booking", needed=False),
        pointer("outage_id", "outage", needed=False),
        sa.UniqueConstraint("booking_id"),
        sa.UniqueConstraint("outage_id"),
        sa.CheckConstraint("ends_at > starts_at", name="period_forward"),
        sa.CheckConstraint("(booking_id IS NULL) <> (outage_id IS NULL)", name="one_cause"),
        **NUMBERED,
    )
    columns = ["instrument_id", "ends_at", "starts_at"]
    op.create_index("ix_occupation_period", "occupation", columns)
    guards.create(op.get_bind(), "occupation_apart")
