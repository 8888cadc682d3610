"""The catalogue: counties, organisations, instruments, their feed and their history."""

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

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _places()
    _instrument()
    _changes()


def downgrade() -> None:
    """Drop them; the catalogue can be imported again."""
    for table in (
        "instrument_change",
        "catalogue_change",
        "instrument",
        "organisation",
        "county",
    ):
        op.drop_table(table)


def _places() -> None:
    op.create_table(
        "county",
        number(),
        *needed(WORD, "name", "city", "province"),
        *maybe(WORD, "region"),
        *maybe(sa.Double(), "latitude", "longitude"),
        sa.UniqueConstraint("city", "name"),
        **NUMBERED,
    )
    op.create_table(
        "organisation",
        number(),
        *needed(WORD, "name"),
        sa.Column("key", WORD, nullable=False, unique=True),
        *needed(CHOICE, "kind"),
        pointer("county_id", "county", needed=False),
        *maybe(WORD, "address", "contact", "phone", "ledger"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        **NUMBERED,
    )
    op.create_index("ix_organisation_county_id", "organisation", ["county_id"])


def _instrument() -> None:
    op.create_table(
        "instrument",
        number(),
        pointer("organisation_id", "organisation"),
        pointer("county_id", "county", needed=False),
        *_named(),
        *_described(),
        *_reached(),
        *_ruled(),
        *needed(CHOICE, "status"),
        *maybe(WORD, "reason", "ledger"),
        *needed(sa.Integer(), "version"),
        *needed(MOMENT, "changed_at"),
        sa.UniqueConstraint("organisation_id", "likeness", "copy"),
        **NUMBERED,
    )
    op.create_index("ix_instrument_asset", "instrument", ["organisation_id", "asset_number"])
    op.create_index("ix_instrument_county_id", "instrument", ["county_id"])


def _named() -> list[sa.Column[object]]:
    """What it is called, where it comes from, what it is worth."""
    return [
        *needed(WORD, "likeness", "name"),
        *needed(sa.Integer(), "copy"),
        *maybe(WORD, "english", "asset_number", "serial_number", "model", "maker", "nation"),
        *maybe(WORD, "category", "scheme", "subcategory", "kind", "source"),
        *maybe(NUMBER, "worth_fen"),
        *maybe(sa.Date(), "started_on"),
        *maybe(WORD, "started_precision"),
        *maybe(sa.Integer(), "quantity"),
    ]


def _described() -> list[sa.Column[object]]:
    """What it does, for whom, when and for how much."""
    return [
        *maybe(WORD, "functions", "fields", "subjects", "technical", "rules"),
        *maybe(WORD, "service_content", "achievements", "open_hours", "service_words", "fee"),
        *needed(sa.JSON(), "service_modes", "prices", "photos"),
        *maybe(WORD, "remarks", "condition"),
    ]


def _reached() -> list[sa.Column[object]]:
    """Where it stands, and who answers for it."""
    return [
        *maybe(WORD, "address", "department", "contact", "phone", "email", "postcode", "url"),
        *maybe(sa.Double(), "latitude", "longitude"),
    ]


def _ruled() -> list[sa.Column[object]]:
    """Who paid for it, and what follows from that."""
    return [
        *maybe(WORD, "funds", "customs_declaration", "customs_item", "customs_form"),
        *maybe(sa.Date(), "customs_released_on"),
        *maybe(sa.Boolean(), "customs_supervised", "on_provincial_platform", "vouchers"),
    ]


def _changes() -> None:
    op.create_table(
        "catalogue_change",
        number("seq"),
        pointer("instrument_id", "instrument"),
        *needed(MOMENT, "at"),
        **NUMBERED,
    )
    op.create_table(
        "instrument_change",
        number(),
        pointer("instrument_id", "instrument"),
        *needed(MOMENT, "at"),
        *maybe(NUMBER, "actor_id"),
        *needed(WORD, "verb"),
        *needed(sa.Integer(), "version"),
        *needed(sa.JSON(), "changed"),
        **NUMBERED,
    )
    op.create_index("ix_instrument_change_instrument", "instrument_change", ["instrument_id", "id"])
