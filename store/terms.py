"""Under what terms an instrument is booked: its own over its unit's over the region's policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.instrument import Instrument
from store.opening import OFFICE, Hours, Opening, read, weekly
from store.policies import Deadline, Policy


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


NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Days with hours of their own, and why."""

    first: date
    last: date
    hours: Hours
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one instrument now."""

    instrument_id: int = 0
    opening: Opening = field(default_factory=weekly)
    proposed: Opening = field(default_factory=weekly)
    """When to propose a time: the opening, or office hours where that is not known."""
    exceptions: tuple[Exceptional, ...] = ()
    """The instrument's before its unit's."""
    notice: timedelta = NOTHING
    horizon: timedelta = timedelta(days=60)
    shortest: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(days=3)
    grid: int = 15
    before: timedelta = NOTHING
    after: timedelta = NOTHING
    per_week: int = 0
    """Bookings of one person in a week; 0: any number."""
    minutes_per_week: int = 0
    approval: bool = True
    """Whether the keeper confirms; always where the opening is not known."""
    hold: Deadline = Deadline(3, working=True)  # noqa: RUF009 - frozen
    answer: Deadline = Deadline(2, working=True)  # noqa: RUF009
    escalation: Deadline = Deadline(3, working=True)  # noqa: RUF009
    cancel_free: timedelta = timedelta(hours=24)
    early: timedelta = timedelta(minutes=15)
    """How long before its start one may check in."""
    late_after: timedelta = timedelta(minutes=30)
    strikes: int = 3
    cites: Mapping[str, str] = field(default_factory=dict[str, str])

    def cite(self, name: str) -> str:
        """The article that decides a term; empty where the unit or this account does."""
        return self.cites.get(name, "")

    def hours(self, day: date, *, proposed: bool = False) -> Hours:
        """When it is open on a day, exceptions heeded."""
        for each in self.exceptions:
            if each.first <= day <= each.last:
                return each.hours
        return (self.proposed if proposed else self.opening).on(day)


RULES = {
    "notice": "booking_notice",
    "horizon": "booking_horizon",
    "shortest": "booking_shortest",
    "longest": "booking_longest",
    "grid": "booking_grid",
    "before": "buffer_before",
    "after": "buffer_after",
    "per_week": "bookings_week",
    "minutes_per_week": "time_week",
    "approval": "booking_approval",
    "hold": "hold",
    "answer": "answer",
    "escalation": "escalation",
    "cancel_free": "cancel_free",
    "early": "check_in_early",
    "late_after": "late_after",
    "strikes": "strikes",
}
"""The policy's key of each term."""
COLUMNS = {
    "notice": "notice_minutes",
    "horizon": "horizon_minutes",
    "shortest": "shortest_minutes",
    "longest": "longest_minutes",
    "grid": "grid",
    "before": "before_minutes",
    "after": "after_minutes",
    "per_week": "per_week",
    "minutes_per_week": "week_minutes",
    "approval": "approval",
}
"""The column in which a unit says otherwise."""


async def of(session: AsyncSession, instrument_id: int, policy: Policy) -> Terms:
    """The terms of an instrument; those of the policy where there is no such instrument."""
    instrument = await session.get(Instrument, instrument_id)
    return resolve(policy, instrument_id, instrument.open_hours if instrument else None, ())


def resolve(
    policy: Policy, instrument_id: int, words: str | None, rows: tuple[TermsRow, ...]
) -> Terms:
    """Terms by policy, with what rows say over them, the first before the others."""
    rules = {name: getattr(policy, key) for name, key in RULES.items()}
    values: dict[str, Any] = {name: rule.value for name, rule in rules.items()}
    values["minutes_per_week"] = int(values["minutes_per_week"].total_seconds()) // 60
    office = read(policy.office_hours.value)
    opening = read(words, office.table[0] or OFFICE)
    return Terms(
        instrument_id=instrument_id,
        opening=opening,
        proposed=opening if opening.known else office,
        cites={name: rule.cite for name, rule in rules.items()},
        **values,
    )
