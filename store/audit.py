"""Who did what: an append-only trail that holds numbers, never names.

The database refuses changes and deletions (store/guards.py); this file refuses facts that could be
personal data.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key

Fact = int | bool | str | None
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,79}")


class AuditEntry(Base):
    """One thing done. Never changed, never deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor", "actor_id", "id"),
        Index("ix_audit_entry_subject", "subject", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(Key)
    """The person who did it; nothing when the account itself did."""
    verb: Mapped[str]
    subject: Mapped[str]
    """What it was done to: `instrument:12`, `person:3`."""
    facts: Mapped[dict[str, Any]]


def record(
    session: AsyncSession,
    actor_id: int | None,
    verb: str,
    subject: str,
    facts: Mapping[str, Fact],
    now: datetime,
) -> None:
    """Add to the trail; raises ValueError for a fact that is no number and no identifier."""
    for value in (verb, subject, *facts, *facts.values()):
        if isinstance(value, str) and not IDENTIFIER.fullmatch(value):
            raise ValueError(f"{verb}: only numbers and identifiers go into the audit trail")
    session.add(
        AuditEntry(at=now, actor_id=actor_id, verb=verb, subject=subject, facts=dict(facts))
    )


async def about(session: AsyncSession, person_id: int) -> Sequence[AuditEntry]:
    """What a person did, and what was done to them, oldest first."""
    theirs = (AuditEntry.actor_id == person_id) | (AuditEntry.subject == f"person:{person_id}")
    return (await session.scalars(select(AuditEntry).where(theirs).order_by(AuditEntry.id))).all()
