"""Working days (工作日), as the State Council announces them, and deadlines counted in them.

For years that it has not announced yet, Monday to Friday are taken for working days.
"""

from datetime import date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays, workdays

from store.policies.rule import Deadline

HERE = ZoneInfo("Asia/Shanghai")
CLOSING = time(18)
"""When the last day of a deadline in working days is over."""
_OFF, _MADE_UP = frozenset(holidays), frozenset(workdays)
_SATURDAY = 5
_DAY = timedelta(days=1)


class Sort(IntEnum):
    """What a day is by the calendar of the state."""

    PLAIN = 0
    HOLIDAY = 1  #: off by the calendar, with the weekends in it
    MADE_UP = 2  #: a weekend's day on which people work


def sort(day: date) -> Sort:
    """What a day is; a plain one where nothing is announced of its year."""
    if day in _MADE_UP:
        return Sort.MADE_UP
    return Sort.HOLIDAY if day in _OFF else Sort.PLAIN


def works(day: date) -> bool:
    """Whether people work on this day: weekends made up for are working days, holidays are not."""
    return day in _MADE_UP or (day.weekday() < _SATURDAY and day not in _OFF)


def after(day: date, count: int) -> date:
    """The `count`th working day after a day, which is not counted itself; 0 is the day itself."""
    for _ in range(count):
        day += _DAY
        while not works(day):
            day += _DAY
    return day


def due(start: datetime, deadline: Deadline) -> datetime:
    """When a deadline that runs from a moment is over: of working days, at the last one's close."""
    if not deadline.working:
        return start + timedelta(days=deadline.days)
    last = after(start.astimezone(HERE).date(), deadline.days)
    return max(start, datetime.combine(last, CLOSING, HERE))
