"""Watches (有空提醒我): who waits for time on an instrument, in the order in which they came."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key

STILL = text("ended_at IS NULL")


class Watch(Base):
    """One person who waits for so many minutes of one instrument within a stretch of time."""

    __tablename__ = "watch"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period_forward"),
        CheckConstraint("minutes > 0", name="length_named"),
        Index("ix_watch_instrument", "instrument_id", "ends_at"),
        Index(
            "uq_watch_still",
            "person_id",
            "instrument_id",
            "starts_at",
            "ends_at",
            unique=True,
            sqlite_where=STILL,
            postgresql_where=STILL,
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When last told that time is free."""
    turn_until: Mapped[datetime | None]
    """Until when the freed time is left to this one before the next is told."""
    found_at: Mapped[datetime | None]
    """The beginning of the free time that was told of."""
    times: Mapped[int] = mapped_column(default=0)
    """How often it was told."""
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
