"""Who has an instrument when: bookings and outages in one table, so that one guard sees both.

Periods are half-open and have the buffers of their booking in them. The guard
(`occupation_apart` of store/guards.py) is an exclusion constraint on PostgreSQL and triggers on
SQLite.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.guards import NO_OVERLAP


class Outage(Base):
    """A stretch of time in which nobody can use an instrument: service, repair, a course."""

    __tablename__ = "outage"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="period_forward"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    by: Mapped[int | None] = mapped_column(Key)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was called off, before or in its time."""


class Occupation(Base):
    """One stretch of one instrument's time that is taken."""

    __tablename__ = "occupation"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period_forward"),
        CheckConstraint("(booking_id IS NULL) <> (outage_id IS NULL)", name="one_cause"),
        Index("ix_occupation_period", "instrument_id", "ends_at", "starts_at"),
        ExcludeConstraint((text(NO_OVERLAP), "&&"), name="occupation_overlap", using="gist").ddl_if(
            dialect="postgresql"
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booking_id: Mapped[int | None] = mapped_column(Key, ForeignKey("booking.id"), unique=True)
    outage_id: Mapped[int | None] = mapped_column(Key, ForeignKey("outage.id"), unique=True)
