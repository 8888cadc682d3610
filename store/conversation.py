"""The state of each follower's conversation, and the answers already given to messages.

One row a follower: the list last shown, the open talk, the talk just left. A row moves from one
version to the next by compare-and-swap, so two replicas never overwrite each other. Repeat-keys
remember what was said to a message, so that the platform's repeats get the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key
from store.person import Grant, Person, RoleGrant

REMEMBERED = timedelta(minutes=10)
"""How long a repeat-key lives; the platform repeats for about fifteen seconds."""

Row = Mapping[str, Any]


class Conversation(Base):
    """Where a follower and the account stand."""

    __tablename__ = "conversation"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    shown: Mapped[dict[str, Any] | None]
    talk: Mapped[dict[str, Any] | None]
    left: Mapped[dict[str, Any] | None]
    heard_at: Mapped[datetime]


class Repeat(Base):
    """What was said to one message."""

    __tablename__ = "repeat_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(index=True)
