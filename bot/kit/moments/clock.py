"""Which minutes of a day an hour can mean, counted from the day's midnight (a night goes on)."""

from bot.kit.moments.draft import Side
from bot.kit.moments.lexicon import TABLE
from bot.kit.moments.period import Impossible

PARTS: dict[str, dict[str, list[int]]] = TABLE["parts"]
DAY = 1440
"""Minutes of a day."""
SURELY = range(8, 13)
"""Hours of which nobody means the other half of the day, when a bare `9点` is said for a visit."""
NOON, EVENING, MORNING = 12 * 60, 20 * 60, 9 * 60
NIGHT = frozenset({"晚上", "夜里"})
LATE = frozenset({"下午", "傍晚"})


def _hours(part: str, hour: int) -> tuple[int, ...]:
    """The hours, by a clock of 24, that an hour said in a part of the day can be."""
    low, high = PARTS[part]["hours"]
    found = [each for each in (hour, hour + 12, hour + 24, hour - 12) if low <= each < high]
    if hour > 12:
        found = [each for each in found if each in (hour, hour + 24)]
    elif hour < 12:
        found = [each for each in found if each >= hour]
    return tuple(found + [each - 24 for each in found if each >= 24])


_IN_PART = {(part, hour): _hours(part, hour) for part in PARTS for hour in range(25)}
_BARE = {
    hour: (hour,) if hour in SURELY or hour > 12 or not hour else (hour + 12, hour)
    for hour in range(25)
}


def starts(side: Side, part: str) -> tuple[int, ...]:
    """The minutes that a time of day can mean, the likeliest first. Raises `Impossible`.

    Empty where the part of the day and the hour deny each other.
    """
    hour, minute = side.hour, side.minute
    if hour is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Impossible
    hours = _IN_PART[part, hour] if part else (hour,) if side.exact else _BARE[hour]
    return tuple([each * 60 + minute for each in hours])


def either(side: Side) -> tuple[int, ...]:
    """Both halves of the day, whatever the part of it said."""
    hour = (side.hour or 0) % 24
    hours = (hour,) if hour > 12 else (hour, (hour + 12) % 24)
    return tuple([each * 60 + side.minute for each in hours])


def until(first: Side, last: Side) -> tuple[int, ...]:
    """When it ends, if it is said on which day: by the clock by which it begins."""
    if not last.part and last.hour and (first.part in NIGHT or (first.hour or 0) > 12):
        return starts(last, "")[-1:]
    return starts(last, last.part) or either(last)


def ends(first: Side, last: Side, start: int) -> tuple[tuple[int, ...], bool]:
    """When it ends, if it is not said on which day, and whether that has to be asked about.

    The next such time after `start`; over midnight only where people work overnight.
    """
    if last.part:
        later = [each for each in starts(last, last.part) if each > start]
        return (tuple(later[:1]), False) if later else _overnight(last, start)
    said = starts(last, "")  # checks that there is such a time
    if last.exact or not 1 <= (last.hour or 24) <= 12:
        later = [each for each in (said[0] or DAY,) if each > start]
        return (tuple(later), False) if later else _past_midnight(first, said[0], start)
    hour = (last.hour or 0) * 60 + last.minute
    later = [each for each in (hour, hour + NOON) if each > start]
    if not later:
        return _past_midnight(first, hour, start)
    crossed = later[0] > hour and start < NOON and MORNING - 120 <= hour < NOON
    early = first.part == "凌晨" and later[0] > hour
    return (later[0],), crossed or early


def _overnight(last: Side, start: int) -> tuple[tuple[int, ...], bool]:
    """With a part of the day: `晚上10点到凌晨2点`."""
    rolled = [each + DAY for each in starts(last, last.part) if each < NOON]
    return tuple(rolled[:1]) if start >= EVENING - 180 else (), False


def _past_midnight(first: Side, end: int, start: int) -> tuple[tuple[int, ...], bool]:
    """Without: `22:00-2:00`, `晚上10点到2点`; by day it is a slip."""
    usual = start >= EVENING or first.part in NIGHT or (first.exact and start >= EVENING - 120)
    if end > MORNING or first.part in LATE or not usual:
        return (), False
    return (end % NOON + DAY,), False
