"""Find what is one person's, and who is forgotten, without reading whole tables."""

from alembic import op

revision = "0004"
down_revision = "0003"

INDEXES = (("outbox", "person_id"), ("invitation", "used_by"), ("person", "forgotten_at"))


def upgrade() -> None:
    """Make the indexes."""
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Drop them."""
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
