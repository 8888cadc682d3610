"""Stretches of time as whole minutes of China's clock, and what can be done with lists of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from store.base import MICROSECOND, microseconds
from store.workdays import HERE

DAY = 24 * 60
_ZERO = datetime(1969, 12, 31, 16, tzinfo=UTC)
"""Midnight in China from which minutes are counted."""
_MINUTE = timedelta(minutes=1)
_ZERO_KEPT, _KEPT = microseconds(_ZERO), _MINUTE // MICROSECOND
_FIRST = date(1970, 1, 1).toordinal()

Stretch = tuple[int, int]
"""From a minute to another, which is not in it."""


def minute(moment: datetime) -> int:
    """The minute in which a moment lies."""
    return (moment - _ZERO) // _MINUTE


def minute_after(moment: datetime) -> int:
    """The first minute that begins at a moment or after it."""
    return -((_ZERO - moment) // _MINUTE)


def counted(start: int, end: int) -> Stretch:
    """The minutes that a period touches which is told in microseconds, as tables keep moments."""
    return (start - _ZERO_KEPT) // _KEPT, -((_ZERO_KEPT - end) // _KEPT)


def moment(minutes: int) -> datetime:
    """The moment at which a minute begins."""
    return (_ZERO + minutes * _MINUTE).astimezone(HERE)


def midnight(day: date) -> int:
    """The minute at which a day begins."""
    return (day.toordinal() - _FIRST) * DAY


def day_of(minutes: int) -> date:
    """The day in which a minute lies."""
    return date.fromordinal(minutes // DAY + _FIRST)


def merge(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as can be, in order."""
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def without(stretches: Sequence[Stretch], gone: Sequence[Stretch]) -> list[Stretch]:
    """What is left of some stretches; both are in order and apart from one another."""
    left: list[Stretch] = []
    at = 0
    for start, end in stretches:
        while at < len(gone) and gone[at][1] <= start:
            at += 1
        beginning, n = start, at
        while n < len(gone) and gone[n][0] < end:
            if gone[n][0] > beginning:
                left.append((beginning, gone[n][0]))
            beginning, n = max(beginning, gone[n][1]), n + 1
        if beginning < end:
            left.append((beginning, end))
    return left


def within(stretches: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    """What of some stretches lies between two minutes."""
    cut = ((max(a, start), min(b, end)) for a, b in stretches)
    return [each for each in cut if each[0] < each[1]]
