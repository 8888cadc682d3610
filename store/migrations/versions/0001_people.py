"""People: who follows, what they may do, for whom they work, what they handed up; the trail."""

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

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _person()
    _role_grant()
    _affiliation()
    _invitation()
    _files()
    _policy_version()
    _audit_entry()


def downgrade() -> None:
    """Drop them; who was known is forgotten."""
    guards.drop(op.get_bind(), "audit_entry_append_only")
    for table in (
        "audit_entry",
        "policy_version",
        "stored_file",
        "signed_link",
        "bind_try",
        "invitation",
        "affiliation",
        "role_grant",
        "person",
    ):
        op.drop_table(table)


def _person() -> None:
    op.create_table(
        "person",
        number(),
        sa.Column("openid", WORD, unique=True),
        *maybe(MOMENT, "followed_at", "left_at", "noticed_at", "forgotten_at"),
        *maybe(sa.LargeBinary(), "key", "personal"),
        *maybe(WORD, "phone_hash"),
        **NUMBERED,
    )
    op.create_index("ix_person_left_at", "person", ["left_at"])
    op.create_index("ix_person_phone_hash", "person", ["phone_hash"])


def _role_grant() -> None:
    op.create_table(
        "role_grant",
        number(),
        pointer("person_id", "person"),
        *needed(CHOICE, "role"),
        *maybe(NUMBER, "organisation_id", "county_id"),
        *needed(WORD, "scope"),
        *needed(MOMENT, "granted_at"),
        *maybe(NUMBER, "granted_by"),
        *maybe(MOMENT, "ended_at"),
        **NUMBERED,
    )
    op.create_index("ix_role_grant_open", "role_grant", ["person_id", "ended_at"])
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_role_grant_open",
        "role_grant",
        ["person_id", "role", "scope"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )


def _affiliation() -> None:
    op.create_table(
        "affiliation",
        number(),
        pointer("person_id", "person"),
        *needed(NUMBER, "organisation_id"),
        *needed(CHOICE, "status"),
        *needed(MOMENT, "claimed_at", "waits_until"),
        *maybe(MOMENT, "decided_at"),
        *maybe(NUMBER, "decided_by"),
        *needed(MOMENT, "ends_at"),
        **NUMBERED,
    )
    op.create_index("ix_affiliation_due", "affiliation", ["status", "ends_at"])
    op.create_index("ix_affiliation_organisation", "affiliation", ["organisation_id", "status"])
    still = sa.text("status IN ('claimed', 'confirmed')")
    op.create_index(
        "uq_affiliation_open",
        "affiliation",
        ["person_id", "organisation_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )


def _invitation() -> None:
    op.create_table(
        "invitation",
        number(),
        sa.Column("hash", WORD, nullable=False, unique=True),
        *maybe(CHOICE, "role"),
        *maybe(NUMBER, "organisation_id", "county_id", "made_by", "used_by"),
        *needed(MOMENT, "made_at", "expires_at"),
        *maybe(MOMENT, "used_at"),
        **NUMBERED,
    )
    op.create_index("ix_invitation_expires_at", "invitation", ["expires_at"])
    op.create_table(
        "bind_try",
        pointer("person_id", "person"),
        *needed(sa.Integer(), "hour", "tries"),
        sa.PrimaryKeyConstraint("person_id", "hour"),
    )
    op.create_index("ix_bind_try_hour", "bind_try", ["hour"])


def _files() -> None:
    op.create_table(
        "stored_file",
        number(),
        pointer("owner_id", "person"),
        *needed(CHOICE, "purpose", "kind"),
        *needed(WORD, "subject"),
        *needed(sa.Integer(), "size"),
        sa.Column("digest", WORD, nullable=False, unique=True),
        *needed(sa.Boolean(), "personal"),
        *maybe(sa.LargeBinary(), "key"),
        *needed(MOMENT, "handed_at"),
        *maybe(MOMENT, "ends_at", "removed_at", "unlinked_at"),
        **NUMBERED,
    )
    op.create_index("ix_stored_file_owner_id", "stored_file", ["owner_id"])
    op.create_index("ix_stored_file_subject", "stored_file", ["subject"])
    op.create_index("ix_stored_file_due", "stored_file", ["removed_at", "ends_at"])
    op.create_table(
        "signed_link",
        *needed(WORD, "id"),
        pointer("person_id", "person"),
        *needed(CHOICE, "purpose"),
        *needed(WORD, "subject"),
        *needed(MOMENT, "issued_at", "expires_at"),
        *maybe(MOMENT, "used_at", "repeat_until"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_signed_link_expires_at", "signed_link", ["expires_at"])
    op.create_index("ix_signed_link_person_id", "signed_link", ["person_id"])


def _policy_version() -> None:
    op.create_table(
        "policy_version",
        number(),
        *needed(WORD, "region", "hash", "text"),
        *needed(MOMENT, "since"),
        sa.UniqueConstraint("region", "hash"),
        **NUMBERED,
    )


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        number(),
        *needed(MOMENT, "at"),
        *maybe(NUMBER, "actor_id"),
        *needed(WORD, "verb", "subject"),
        *needed(sa.JSON(), "facts"),
        **NUMBERED,
    )
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "id"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "id"])
    guards.create(op.get_bind(), "audit_entry_append_only")
