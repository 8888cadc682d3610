"""Messages whose sender was told to wait, until they are answered."""

import sqlalchemy as sa
from alembic import op

from store.migrations.columns import MOMENT, WORD, needed

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "unheard",
        *needed(WORD, "key", "openid"),
        *needed(sa.LargeBinary(), "sealed"),
        *needed(MOMENT, "at", "lease_until"),
        *needed(sa.Integer(), "tries"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_unheard_lease_until", "unheard", ["lease_until"])


def downgrade() -> None:
    """Drop it; what was being heard is lost."""
    op.drop_table("unheard")
