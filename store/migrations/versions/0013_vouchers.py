"""Vouchers, what they pay for, their ledger, and what each firm may hold."""

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

revision = "0013"
down_revision = "0012"

GUARDS = ("voucher_transfer_append_only", "voucher_transfer_books")


def upgrade() -> None:
    """Make the tables and their guards."""
    _voucher()
    _use()
    _ledger()
    for name in GUARDS:
        guards.create(op.get_bind(), name)


def downgrade() -> None:
    """Drop them; all vouchers are lost."""
    for name in reversed(GUARDS):
        guards.drop(op.get_bind(), name)
    for table in (
        *("voucher_firm", "voucher_balance", "voucher_transfer"),
        *("voucher_use", "voucher"),
    ):
        op.drop_table(table)


def _voucher() -> None:
    op.create_table(
        "voucher",
        number(),
        *needed(WORD, "programme"),
        pointer("policy_id", "policy_version"),
        pointer("firm_id", "organisation"),
        pointer("person_id", "person"),
        pointer("county_id", "county", needed=False),
        *needed(WORD, "credit_code", "evaluation", "purpose"),
        *needed(NUMBER, "asked_fen", "granted_fen"),
        *needed(CHOICE, "status"),
        *maybe(WORD, "reason"),
        *needed(MOMENT, "applied_at"),
        *maybe(MOMENT, "granted_at", "valid_until"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        sa.CheckConstraint("asked_fen > 0", name="something_asked"),
        sa.CheckConstraint("granted_fen <= asked_fen", name="no_more_than_asked"),
        **NUMBERED,
    )
    granted = sa.text("status = 'granted'")
    op.create_index("ix_voucher_firm", "voucher", ["firm_id", "status"])
    op.create_index("ix_voucher_queue", "voucher", ["status", "county_id", "id"])
    op.create_index(
        "ix_voucher_ends",
        "voucher",
        ["valid_until"],
        sqlite_where=granted,
        postgresql_where=granted,
    )


def _use() -> None:
    op.create_table(
        "voucher_use",
        number(),
        pointer("voucher_id", "voucher"),
        pointer("booking_number", "booking"),
        pointer("provider_id", "organisation"),
        *needed(NUMBER, "fen"),
        *needed(CHOICE, "status"),
        *maybe(NUMBER, "contract_id"),
        *maybe(WORD, "invoice"),
        *maybe(NUMBER, "invoice_fen"),
        *maybe(WORD, "reason"),
        *maybe(MOMENT, "submitted_at", "published_at", "paid_at"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        sa.CheckConstraint("fen > 0", name="something_paid"),
        sa.UniqueConstraint("invoice", name="uq_voucher_use_invoice"),
        **NUMBERED,
    )
    live = sa.text("status NOT IN ('released', 'refused')")
    op.create_index(
        "uq_voucher_use_service",
        "voucher_use",
        ["booking_number"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index("ix_voucher_use_voucher", "voucher_use", ["voucher_id", "status"])
    op.create_index("ix_voucher_use_queue", "voucher_use", ["status", "id"])


def _ledger() -> None:
    op.create_table(
        "voucher_transfer",
        number(),
        *needed(WORD, "key", "programme"),
        *needed(NUMBER, "voucher_id"),
        pointer("use_id", "voucher_use", needed=False),
        *needed(CHOICE, "from_account", "to_account"),
        *needed(NUMBER, "fen"),
        *maybe(NUMBER, "actor_id"),
        *needed(MOMENT, "at"),
        sa.CheckConstraint("fen > 0", name="something_moved"),
        sa.CheckConstraint("from_account <> to_account", name="somewhere_else"),
        sa.UniqueConstraint("key"),
        **NUMBERED,
    )
    op.create_index("ix_voucher_transfer_voucher", "voucher_transfer", ["voucher_id", "id"])
    op.create_table(
        "voucher_balance",
        *needed(WORD, "programme"),
        *needed(CHOICE, "account"),
        *needed(NUMBER, "voucher_id", "fen"),
        sa.PrimaryKeyConstraint("programme", "account", "voucher_id"),
        sa.CheckConstraint("fen >= 0 OR account = 'source'", name="not_below_zero"),
    )
    op.create_table(
        "voucher_firm",
        *needed(WORD, "programme"),
        pointer("firm_id", "organisation"),
        *needed(NUMBER, "held_fen", "held_cap_fen", "year_fen", "year_cap_fen"),
        sa.PrimaryKeyConstraint("programme", "firm_id"),
        sa.CheckConstraint("held_fen BETWEEN 0 AND held_cap_fen", name="held_within"),
        sa.CheckConstraint("year_fen BETWEEN 0 AND year_cap_fen", name="year_within"),
    )
