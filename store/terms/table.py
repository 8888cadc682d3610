"""What units say of how their instruments are booked, and the days on which they say otherwise."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key


class TermsRow(Base):
    """What a unit says for all its instruments, or for one; an empty column says nothing."""

    __tablename__ = "terms"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (instrument_id IS NULL)", name="one_owner"),
        CheckConstraint("instrument_id IS NULL OR hours IS NULL", name="hours_of_unit"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("organisation.id"), unique=True
    )
    instrument_id: Mapped[int | None] = mapped_column(Key, ForeignKey("instrument.id"), unique=True)
    hours: Mapped[str | None]
    """Weekly hours in words, of a unit; an instrument's own are its `open_hours`."""
    notice_minutes: Mapped[int | None]
    horizon_minutes: Mapped[int | None]
    shortest_minutes: Mapped[int | None]
    longest_minutes: Mapped[int | None]
    grid: Mapped[int | None]
    before_minutes: Mapped[int | None]
    after_minutes: Mapped[int | None]
    per_week: Mapped[int | None]
    week_minutes: Mapped[int | None]
    approval: Mapped[bool | None]
    version: Mapped[int]
    changed_by: Mapped[int | None] = mapped_column(Key)
    changed_at: Mapped[datetime]


class OpeningException(Base):
    """Days on which the weekly hours do not hold, of a unit or of one instrument."""

    __tablename__ = "opening_exception"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (instrument_id IS NULL)", name="one_owner"),
        CheckConstraint("last_on >= first_on", name="days_forward"),
        Index("ix_opening_exception_organisation", "organisation_id", "last_on"),
        Index("ix_opening_exception_instrument", "instrument_id", "last_on"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    instrument_id: Mapped[int | None] = mapped_column(Key, ForeignKey("instrument.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    hours: Mapped[list[Any]]
    """Spans in minutes; none: closed."""
    reason: Mapped[str | None]
    made_by: Mapped[int | None] = mapped_column(Key)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was taken back."""
