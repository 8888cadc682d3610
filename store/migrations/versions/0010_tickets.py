"""Tickets, what was said of them, ratings, and what came of bookings."""

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

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    _ticket()
    _ticket_word()
    _ticket_match()
    _rating()
    _outcome()


def downgrade() -> None:
    """Drop them; what people wrote is lost."""
    for table in (*("outcome", "rating", "ticket_match", "ticket_word", "ticket"),):
        op.drop_table(table)


def _ticket() -> None:
    op.create_table(
        "ticket",
        number(),
        *needed(CHOICE, "kind", "status"),
        pointer("person_id", "person"),
        pointer("organisation_id", "organisation", needed=False),
        pointer("instrument_id", "instrument", needed=False),
        pointer("booking_id", "booking", needed=False),
        pointer("policy_id", "policy_version"),
        *needed(MOMENT, "opened_at", "answer_by"),
        *maybe(MOMENT, "answered_at"),
        *maybe(sa.Integer(), "score"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        **NUMBERED,
    )
    waiting = sa.text("status IN ('open', 'answered')")
    op.create_index(
        "ix_ticket_due", "ticket", ["answer_by"], sqlite_where=waiting, postgresql_where=waiting
    )
    for name, columns in (
        ("ix_ticket_person", ["person_id", "id"]),
        ("ix_ticket_organisation", ["organisation_id", "status"]),
        ("ix_ticket_status", ["status", "id"]),
        ("ix_ticket_booking_id", ["booking_id"]),
    ):
        op.create_index(name, "ticket", columns)


def _ticket_word() -> None:
    op.create_table(
        "ticket_word",
        number(),
        pointer("ticket_id", "ticket"),
        pointer("author_id", "person"),
        pointer("organisation_id", "organisation", needed=False),
        *needed(CHOICE, "side"),
        *needed(MOMENT, "at"),
        *needed(sa.LargeBinary(), "sealed"),
        **NUMBERED,
    )
    op.create_index("ix_ticket_word_ticket", "ticket_word", ["ticket_id", "id"])
    op.create_index("ix_ticket_word_author_id", "ticket_word", ["author_id"])


def _ticket_match() -> None:
    op.create_table(
        "ticket_match",
        pointer("ticket_id", "ticket"),
        pointer("organisation_id", "organisation"),
        pointer("instrument_id", "instrument"),
        sa.PrimaryKeyConstraint("ticket_id", "organisation_id"),
    )
    op.create_index("ix_ticket_match_organisation_id", "ticket_match", ["organisation_id"])


def _rating() -> None:
    op.create_table(
        "rating",
        pointer("booking_id", "booking"),
        pointer("organisation_id", "organisation"),
        pointer("instrument_id", "instrument"),
        *needed(sa.Integer(), "score"),
        *maybe(sa.LargeBinary(), "sealed"),
        *needed(MOMENT, "at"),
        *needed(sa.Integer(), "version"),
        sa.PrimaryKeyConstraint("booking_id"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score_within"),
    )
    op.create_index("ix_rating_organisation_id", "rating", ["organisation_id"])
    op.create_index("ix_rating_instrument_id", "rating", ["instrument_id"])


def _outcome() -> None:
    op.create_table(
        "outcome",
        number(),
        pointer("booking_id", "booking"),
        *needed(CHOICE, "kind"),
        *needed(WORD, "title"),
        *needed(sa.Boolean(), "marked"),
        *needed(MOMENT, "at"),
        sa.UniqueConstraint("booking_id", "kind", "title"),
        **NUMBERED,
    )
