"""Reach and deliveries."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop them."""
