"""The kinds of days that opening hours speak of: weekdays plain, on holidays, made up for."""

from collections.abc import Iterable, Sequence

from store.stretch import merge, without
from store.workdays import Sort

Span = tuple[int, int]
"""Minutes from a day's beginning; an end past a day's is on the next day."""
Hours = tuple[Span, ...]
"""Spans of one day, in order, apart from one another."""
Cells = frozenset[int]
Table = list[Hours]
"""The hours of every cell."""
WEEK = range(7)
SATURDAY = 5


def cell(weekday: int, kind: Sort) -> int:
    """The number of a weekday's kind."""
    return weekday * len(Sort) + kind


def weekdays(which: Iterable[int], kinds: Iterable[Sort] = (Sort.PLAIN, Sort.MADE_UP)) -> Cells:
    """Days by their names: public holidays are not meant."""
    told = tuple(kinds)
    return frozenset(cell(day, kind) for day in which for kind in told)


EVERY = weekdays(WEEK, Sort)
HOLIDAYS = weekdays(WEEK, [Sort.HOLIDAY])
WORKING = weekdays(range(SATURDAY), [Sort.PLAIN]) | weekdays(WEEK, [Sort.MADE_UP])
WEEKEND = weekdays(range(SATURDAY, 7), [Sort.PLAIN])
REST = WEEKEND | HOLIDAYS


def empty() -> Table:
    """Never open."""
    return [()] * len(EVERY)


def fill(table: Table, cells: Cells, hours: Sequence[Span]) -> None:
    """Open these days at these hours as well."""
    for n in cells:
        table[n] = tuple(merge([*table[n], *hours]))


def clear(table: Table, cells: Cells, hours: Sequence[Span]) -> None:
    """Close these days at these hours."""
    for n in cells:
        table[n] = tuple(without(table[n], merge(hours)))
