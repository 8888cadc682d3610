"""Contracts, tariffs, charges."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them."""
