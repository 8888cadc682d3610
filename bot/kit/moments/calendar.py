"""China's days, as ordinals: festivals, days off, and the working days that make up for them.

Which days are off is decided by the State Council each November for the year after; what it has
not said yet is reckoned by law and weekends, and `announced` says so.
"""

from datetime import date

from chinese_calendar.constants import holidays, workdays

from bot.kit.moments.lexicon import TABLE

_OFF = frozenset(day.toordinal() for day in holidays)
_MADE_UP = frozenset(day.toordinal() for day in workdays)
_LAST = date(max(holidays).year, 12, 31).toordinal()
FESTIVALS = tuple(TABLE["lawful"])
"""The public holidays, by the name of the day that they are for."""


UNSURE = 10
"""Days around a holiday on which may fall what makes up for it."""


def announced(first: int, last: int) -> bool:
    """Whether it is known which of these days are working days, or the law leaves no choice."""
    return all(day <= _LAST or _sure(day) for day in range(min(first, last), max(first, last) + 1))


def _sure(day: int) -> bool:
    """Whether no holiday is near whose days off could lie otherwise than by law and weekends."""
    year = date.fromordinal(day).year
    for name, (_, days) in TABLE["lawful"].items():
        for each in (year - 1, year, year + 1):
            there = festival(name, each)
            near = there is not None and abs(day - there) <= UNSURE
            if near and there is not None and (days > 1 or there % 7 in (2, 3, 4)):
                return False
    return True


def works(day: int) -> bool:
    """Whether people work on this day; where that is not announced, as the law alone has it."""
    if day in _MADE_UP:
        return True
    if day % 7 in (6, 0) or day in _OFF:
        return False
    return day <= _LAST or not _off_by_law(day)


def _off_by_law(day: int) -> bool:
    year = date.fromordinal(day).year
    for name, (first, days) in TABLE["lawful"].items():
        there = festival(name, year)
        if there is None:
            continue
        monday = there + (8 - there % 7) % 7 if days == 1 and there % 7 in (6, 0) else there
        if there + first <= day < there + first + days or day == monday:
            return True
    return False


def workday(day: int, n: int) -> int:
    """The `n`th working day after a day; before it where `n` is negative."""
    step = 1 if n > 0 else -1
    left = min(abs(n), 500)
    while left:
        day += step
        left -= works(day)
    return day


def festival(name: str, year: int) -> int | None:
    """The day of a festival in a year, or None beyond the years that are known."""
    if name in TABLE["fixed"]:
        month, day = TABLE["fixed"][name]
        return date(year, month, day).toordinal()
    days = TABLE["lunar"][name]
    at = year - TABLE["lunar"]["first"]
    return date.fromisoformat(f"{year}-{days[at]}").toordinal() if 0 <= at < len(days) else None


def days_off(name: str, there: int) -> tuple[int, int]:
    """The first and the last day off around a festival."""
    first, days = TABLE["lawful"][name]
    first, last = there + first, there + first + days - 1
    while not works(first - 1):
        first -= 1
    while not works(last + 1):
        last += 1
    return first, last


def holiday(today: int) -> tuple[str, int]:
    """The public holiday that is on, or else comes next: its name and its festival's day."""
    year = date.fromordinal(today).year
    coming = [
        (there, name)
        for name in FESTIVALS
        for each in (year, year + 1)
        if (there := festival(name, each)) is not None and days_off(name, there)[1] >= today
    ]
    there, name = min(coming)
    return name, there


_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)


def month_length(year: int, month: int) -> int:
    """How many days a month has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _BEFORE[month] - _BEFORE[month - 1] + leap
