"""The one period among the readings, or the reason why there is none, with suggestions."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from bot.kit.moments.calendar import workday, works
from bot.kit.moments.clock import DAY, NOON
from bot.kit.moments.draft import Draft
from bot.kit.moments.lexicon import TABLE
from bot.kit.moments.period import (
    HERE,
    Ambiguous,
    Backwards,
    Impossible,
    Leftover,
    Offers,
    Past,
    Period,
    Scope,
    Unannounced,
)
from bot.kit.moments.readings import Found, Reading, halves
from store.errors import Refused

Fits: TypeAlias = Callable[[Period], bool]
"""Whether a period is one in which the thing could be had: open then, or free as well."""
MOST = 5
"""Suggestions that are made."""
FARTHEST = 5 * 366 * DAY
"""How far ahead somebody may want something."""
LONGEST_PERIOD = 366 * DAY
RECENTLY = 60 * DAY
"""How long ago something was, for which another day was rather meant than another year."""
RISKY = re.compile(f"[{TABLE['rest']['signs']}]|{'|'.join(TABLE['rest']['words'])}")
"""What may well belong to a time, when it is left over."""


_CERTAIN = (Scope.EXACT, Scope.PART)


@dataclass(slots=True)
class Frame:
    """Against what readings are held."""

    minute: int
    """The present, in minutes; nothing before it is had any more."""
    fits: Fits | None
    words: str
    loose: bool = False
    """Whether days to be looked through are wanted as well as certain ones."""

    def certain(self, readings: list[Reading]) -> list[Reading]:
        """Without those that leave the day open: of each, some of its days."""
        if self.loose or all(each.scope in _CERTAIN for each in readings):
            return readings
        return [one for each in readings for one in self._days(each)]

    def _days(self, reading: Reading) -> list[Reading]:
        today = self.minute // DAY
        if reading.scope is Scope.SOON:
            return halves([workday(today, 1), workday(today, 2)], reading.length)
        if reading.scope is not Scope.DAY or reading.whole or reading.end is None:
            return [reading]
        days = list(range(max(reading.start // DAY, today), reading.end // DAY))
        if len(days) > MOST:
            days = [day for day in days if works(day)] or days
        length = reading.length if reading.length and reading.length < DAY else None
        shown = days[:: -(-len(days) // MOST)] if days else []
        return [reading._replace(start=d * DAY, end=(d + 1) * DAY, length=length) for d in shown]

    def period(self, reading: Reading) -> Period:
        """A reading as a value."""
        start, end, scope, length, whole, part = reading
        return Period(
            _moment(start if scope is Scope.EXACT else max(start, self.minute)),
            None if end is None else _moment(end),
            scope,
            whole,
            None if length is None else timedelta(0, length * 60),
            part,
            self.words,
        )

    def over(self, reading: Reading) -> bool:
        """Whether it has begun already, or where any time in it would do, has ended."""
        if reading.scope is Scope.EXACT:
            return reading.start < self.minute
        if reading.whole and reading.length is not None:
            return reading.start // DAY < self.minute // DAY
        if reading.end is None:
            return False
        left = reading.end - max(reading.start, self.minute // DAY * DAY)
        return reading.end <= self.minute or left < (reading.length or 0)

    def near(self, reading: Reading) -> bool:
        """Whether it is not too far ahead, and not too long."""
        end = reading.start if reading.end is None else reading.end
        return reading.start - self.minute < FARTHEST and end - reading.start <= LONGEST_PERIOD


_FIRST = datetime(1970, 1, 1, tzinfo=HERE)
_SINCE = _FIRST.toordinal() * DAY


def _moment(minute: int) -> datetime:
    return _FIRST + timedelta(0, (minute - _SINCE) * 60)


def decided(draft: Draft, result: Found, frame: Frame) -> Period:
    """The one period that is meant, or a refusal with suggestions."""
    readings = frame.certain(result.readings)
    if len(readings) == 1 and frame.near(readings[0]) and not frame.over(readings[0]):
        periods, over = [frame.period(readings[0])], False
    else:
        readings = [each for each in dict.fromkeys(readings) if frame.near(each)]
        live = [each for each in readings if not frame.over(each)]
        periods, over = [frame.period(each) for each in live], len(live) < len(readings)
    if frame.fits is not None and len(periods) > 1:
        periods = [each for each in periods if frame.fits(each)] or periods
    if draft.never or draft.rest:
        _left_over(draft, periods, result)
    if result.clash:
        raise Ambiguous
    several = result.days is not None and len(result.days.spans) > 1
    if len(periods) == 1 and result.doubt is None and not (over and several):
        return periods[0]
    raise _refusal(result, tuple(periods[:MOST]), readings, frame, slip=over and several)


def _left_over(draft: Draft, periods: list[Period], result: Found) -> None:
    """Refuse where what is not understood may well change what is."""
    rest = "".join(draft.rest)
    if draft.never or result.days is None or RISKY.search(rest):
        sure = not (draft.never or result.clash or (result.days is None and RISKY.search(rest)))
        raise Leftover(tuple(periods[:MOST]) if sure else (), rest[:20])


def _refusal(
    result: Found, offered: tuple[Period, ...], readings: list[Reading], frame: Frame, *, slip: bool
) -> Refused:
    doubt = result.doubt
    if not offered and (readings or result.readings):
        readings = [each for each in readings or result.readings if frame.near(each)]
        return Past(_again(readings, result, frame)) if readings else Impossible()
    if doubt is Unannounced:
        return Unannounced(
            offered, offered[0].start.year if offered else _moment(frame.minute).year + 1
        )
    if doubt is not None and (offered or doubt is not Ambiguous or not result.backwards):
        return doubt(offered) if issubclass(doubt, Offers) else doubt()
    if offered:
        return Past(offered) if slip else Ambiguous(offered)
    if result.backwards:
        return Backwards(_turned(result.backwards, frame))
    return Ambiguous()


def _again(readings: list[Reading], result: Found, frame: Frame) -> tuple[Period, ...]:
    """When what is over comes again: the next day, or in a week, or the same day next year."""
    first = readings[0]
    exact = first.scope is Scope.EXACT or first.end is None
    late = frame.minute - (first.start if exact or first.end is None else first.end - 1)
    if late > RECENTLY:
        shifts = [_years_on(first.start, frame.minute)]
    else:
        days = -(-late // DAY)
        weeks = -(-days // 7) * 7
        work = workday(first.start // DAY + days - 1, 1) - first.start // DAY
        shifts = [each * DAY for each in ((weeks, days) if result.weekly() else (days, work))]
    moved = [each.moved(by) for by in dict.fromkeys(shifts) for each in readings]
    return _offered(frame.certain(moved), frame)


def _years_on(start: int, now: int) -> int:
    there, today = date.fromordinal(start // DAY), date.fromordinal(now // DAY)
    for year in range(today.year, today.year + 9):
        leap = there.month == 2 and there.day == 29 and calendar.isleap(year) is False
        if not leap and (moved := there.replace(year=year)) > today:
            return (moved.toordinal() - there.toordinal()) * DAY
    return 0


def _turned(backwards: list[Reading], frame: Frame) -> tuple[Period, ...]:
    """The other way round, or into the night."""
    exact = [(r.start, r.end) for r in backwards if r.scope is Scope.EXACT and r.end is not None]
    turned = [Reading(end, start, length=start - end) for start, end in exact]
    later = [Reading(start, end + DAY, length=end + DAY - start) for start, end in exact]
    near = [each for each in turned + later if each.length and each.length <= NOON]
    return _offered(near, frame)


def _offered(readings: list[Reading], frame: Frame) -> tuple[Period, ...]:
    live = [each for each in dict.fromkeys(readings) if not frame.over(each) and frame.near(each)]
    live = [each for each in live if each.end is None or each.start < each.end]
    return tuple(frame.period(each) for each in live[:MOST])
