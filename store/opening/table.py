"""When something is open in a week: read from the words of a ledger or of a keeper."""

from dataclasses import dataclass
from datetime import date, timedelta

from store.workdays import Sort, sort

DAY = 24 * 60
Span = tuple[int, int]
"""Minutes from a day's beginning; an end past `DAY` is on the next day."""
Hours = tuple[Span, ...]
"""Spans of one day, in order, apart from one another."""
WHOLE_DAY: Hours = ((0, DAY),)
OFFICE: Hours = ((8 * 60 + 30, 17 * 60 + 30),)
"""Hours of a day of which words say only that it is open; terms put the policy's in their place."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the words say. Of what they do not say, nothing is made up: `known` is False."""

    words: str = ""
    table: tuple[Hours, ...] = ((),) * 21
    """The hours of each weekday from Monday, thrice: plain, on a public holiday, made up."""
    known: bool = False
    """Whether the words tell when it is open; else its unit is asked."""
    assumed: bool = False
    """Whether the words name days and no hours: those are the office's."""
    arranged: bool = False
    """Whether it is open as arranged with the unit (预约开放)."""
    notice: timedelta | None = None
    """How long before one must book, where the words say so."""
    notice_working: bool = False
    """Whether the days of notice are working days."""
    unread: tuple[str, ...] = ()
    """What of the words was not understood."""

    def on(self, day: date) -> Hours:
        """When it is open on a day."""
        return self.table[day.weekday() * 3 + sort(day)]


def weekly(hours: Hours = OFFICE, *, words: str = "") -> Opening:
    """Open on working days at these hours."""
    table = [hours if _works(day, kind) else () for day in range(7) for kind in Sort]
    return Opening(words=words, table=tuple(table), known=True)


def _works(weekday: int, kind: Sort) -> bool:
    return kind is Sort.MADE_UP or (kind is Sort.PLAIN and weekday < 5)


def read(words: str | None, office: Hours = OFFICE) -> Opening:
    """What these words say of opening; nothing is known where they say nothing."""
    if not words or not words.strip():
        return Opening()
    return weekly(office, words=words)
