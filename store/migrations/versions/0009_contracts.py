"""Contracts, tariffs, charges; the customs' approvals, and who read which operating rules."""

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

revision = "0009"
down_revision = "0008"

GUARDS = ("contract_text_append_only", "contract_word_append_only")
TABLES = (
    "rules_read",
    "customs_approval",
    "income_use",
    "charge",
    "contract_word",
    "contract",
    "contract_text",
    "price_row",
)


def upgrade() -> None:
    """Make the tables."""
    _prices()
    _contract()
    _charge()
    _customs()
    for name in GUARDS:
        guards.create(op.get_bind(), name)


def downgrade() -> None:
    """Drop them; what was agreed and charged is lost."""
    for name in GUARDS:
        guards.drop(op.get_bind(), name)
    for table in TABLES:
        op.drop_table(table)


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
        sa.CheckConstraint("fen >= 0 AND to_fen > fen", name="price_positive"),
        **NUMBERED,
    )
    op.create_index("ix_price_row_sheet", "price_row", ["instrument_id", "sheet"])


def _contract() -> None:
    op.create_table(
        "contract_text",
        number(),
        sa.Column("hash", WORD, nullable=False, unique=True),
        *needed(WORD, "text"),
        *needed(MOMENT, "made_at"),
        **NUMBERED,
    )
    op.create_table(
        "contract",
        number(),
        *_parties(),
        *needed(CHOICE, "cooperation", "status"),
        *maybe(WORD, "share"),
        sa.Column("text_hash", WORD, sa.ForeignKey("contract_text.hash"), nullable=True),
        pointer("policy_id", "policy_version"),
        *maybe(MOMENT, "agreed_at"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "made_at", "changed_at"),
        sa.UniqueConstraint("booking_id"),
        **NUMBERED,
    )
    for column in ("person", "organisation"):
        op.create_index(f"ix_contract_{column}", "contract", [f"{column}_id", "status"])
    op.create_table(
        "contract_word",
        number(),
        pointer("contract_id", "contract"),
        *needed(CHOICE, "side", "answer"),
        pointer("person_id", "person"),
        *needed(MOMENT, "at"),
        *maybe(WORD, "text_hash", "reason"),
        *maybe(sa.LargeBinary(), "name"),
        **NUMBERED,
    )
    op.create_index("ix_contract_word_contract", "contract_word", ["contract_id", "id"])


def _parties() -> list[sa.Column[object]]:
    return [
        pointer("booking_id", "booking"),
        pointer("instrument_id", "instrument"),
        pointer("organisation_id", "organisation"),
        pointer("person_id", "person"),
        pointer("employer_id", "organisation", needed=False),
    ]


def _charge() -> None:
    op.create_table(
        "charge",
        number(),
        *_parties(),
        *needed(CHOICE, "status"),
        *maybe(NUMBER, "reckoned_fen", "fen", "confirmed_by"),
        *needed(sa.JSON(), "lines", "used"),
        *needed(NUMBER, "voucher_fen"),
        *maybe(WORD, "reason", "objection"),
        *maybe(MOMENT, "confirmed_at", "object_until", "settled_at", "paid_at"),
        pointer("policy_id", "policy_version"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "made_at", "changed_at"),
        sa.CheckConstraint("fen >= 0 AND reckoned_fen >= 0", name="fee_positive"),
        sa.CheckConstraint("status = 'reckoned' OR fen IS NOT NULL", name="fee_named"),
        sa.UniqueConstraint("booking_id"),
        **NUMBERED,
    )
    for column in ("person", "organisation"):
        op.create_index(f"ix_charge_{column}", "charge", [f"{column}_id", "status"])
    op.create_index("ix_charge_due", "charge", ["status", "object_until"])
    op.create_table(
        "income_use",
        number(),
        pointer("organisation_id", "organisation"),
        *needed(sa.Integer(), "year"),
        *needed(WORD, "kind"),
        *needed(NUMBER, "fen", "by"),
        *needed(MOMENT, "at"),
        sa.CheckConstraint("fen > 0", name="use_positive"),
        **NUMBERED,
    )
    op.create_index("ix_income_use_organisation", "income_use", ["organisation_id", "year"])


def _customs() -> None:
    op.create_table(
        "customs_approval",
        number(),
        pointer("instrument_id", "instrument"),
        *needed(WORD, "number"),
        *maybe(NUMBER, "by"),
        *needed(MOMENT, "at"),
        *maybe(MOMENT, "ended_at"),
        **NUMBERED,
    )
    op.create_index(
        "ix_customs_approval_instrument", "customs_approval", ["instrument_id", "ended_at"]
    )
    op.create_table(
        "rules_read",
        number(),
        pointer("person_id", "person"),
        pointer("instrument_id", "instrument"),
        *needed(WORD, "hash"),
        *needed(MOMENT, "at"),
        sa.UniqueConstraint("person_id", "instrument_id", "hash"),
        **NUMBERED,
    )
