"""What became of each send: one row an attempt, closed by what the platform says later."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.outbox import Channel, Why

SENT = text("receipt IS NOT NULL")


class Result(StrEnum):
    """What one attempt came to."""

    SENT = "sent"
    LATER = "later"  #: to be tried again by the same channel
    ELSEWHERE = "elsewhere"  #: this channel is closed; another one is tried
    DROPPED = "dropped"
    LOST = "lost"  #: it may have gone out
    KEPT = "kept"
    SHOWN = "shown"  #: in the chat
    FAILED = "failed"  #: the platform took it and told us later that it did not arrive


class Delivery(Base):
    """One attempt to tell one thing."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_receipt", "receipt", sqlite_where=SENT, postgresql_where=SENT),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(Key, ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[Channel | None]
    result: Mapped[Result]
    why: Mapped[Why | None]
    detail: Mapped[str | None]
    """The field at fault, never what stood in it."""
    receipt: Mapped[str | None]
    """The platform's number of the message."""
    closed: Mapped[str | None]
    """What the platform said of it later: `success`, `failed:user block`."""
    closed_at: Mapped[datetime | None]
