"""What is asked for, and why it cannot be: one reason a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.errors import Refused
from store.stretch import Stretch


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From start to end; the end is not in it."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody would book."""

    instrument_id: int
    person_id: int
    period: Period
    replaces: int | None = None
    """The booking (row) in whose place it would come; its time is free for this."""


@dataclass(eq=False)
class Unfit(Refused):
    """A wish cannot be: all reasons at once, and what could be instead."""

    reasons: Sequence[Refused]
    nearest: Sequence[Period]


@dataclass(eq=False)
class Reversed(Refused):
    """A period must end after it starts."""


@dataclass(eq=False)
class Over(Refused):
    """It would start before now."""

    start: datetime


@dataclass(eq=False)
class TooSoon(Refused):
    """It starts before one may still book."""

    earliest: datetime
    cite: str


@dataclass(eq=False)
class TooFar(Refused):
    """It ends after the time that one may book."""

    latest: datetime
    cite: str


@dataclass(eq=False)
class Shorter(Refused):
    """A booking lasts at least so long."""

    least: timedelta
    cite: str


@dataclass(eq=False)
class Longer(Refused):
    """A booking lasts at most so long."""

    most: timedelta
    cite: str


@dataclass(eq=False)
class OffGrid(Refused):
    """Bookings start and end at multiples of so many minutes."""

    grid: int
    cite: str


@dataclass(eq=False)
class NotOpen(Refused):
    """It is not open then."""

    day: date
    """The first day of the wish on which it is not open when it should be."""
    hours: Sequence[Stretch]
    """When it is open on that day, in minutes."""
    words: str
    """The weekly hours in the unit's words."""
    holiday: bool
    """Whether the day is a public holiday."""
    why: str
    """Why that day is not as usual, in the unit's words."""


@dataclass(eq=False)
class Busy(Refused):
    """Somebody has booked it then."""

    start: datetime
    end: datetime


@dataclass(eq=False)
class OutOfOrder(Refused):
    """It is out of use then."""

    start: datetime
    end: datetime
    why: str


@dataclass(eq=False)
class TooMany(Refused):
    """One person has so many bookings of it in that week."""

    most: int
    cite: str


@dataclass(eq=False)
class TooMuch(Refused):
    """One person has so much time on it in that week."""

    most: timedelta
    cite: str


@dataclass(eq=False)
class OutOfUse(Refused):
    """The instrument is paused, or withdrawn from the ledger."""

    withdrawn: bool
    why: str
