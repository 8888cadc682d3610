"""From a draft to the periods that it can mean, as minutes since the first day there was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from bot.kit.moments.calendar import workday
from bot.kit.moments.clock import DAY, NOON, PARTS, either, ends, starts, until
from bot.kit.moments.days import resolve
from bot.kit.moments.draft import At, Days, Draft, Ref, Side, Span
from bot.kit.moments.period import Ambiguous, Scope
from bot.kit.moments.weeks import week, weekday
from store.errors import Refused

MANY = 7
"""Days of a span that are looked at one by one."""
HALVES = ("上午", "下午")


class Reading(NamedTuple):
    """A period in minutes."""

    start: int
    end: int | None
    scope: Scope = Scope.EXACT
    length: int | None = None
    whole: bool = False
    part: str = ""

    def moved(self, by: int) -> "Reading":
        """The same at another time."""
        return self._replace(start=self.start + by, end=self.end and self.end + by)


@dataclass(slots=True)
class Found:
    """Everything that a draft can mean."""

    readings: list[Reading] = field(default_factory=list)
    backwards: list[Reading] = field(default_factory=list)
    """What would end before it begins."""
    doubt: type[Refused] | None = None
    clash: bool = False
    days: Days | None = None
    refs: Sequence[Ref] = ()
    """What was said of the day."""

    def weekly(self) -> bool:
        """Whether the day was said as one of a week."""
        return any(ref[1] in (weekday, week) for ref in self.refs)


def found(draft: Draft, at: At, now: int) -> Found:
    """All readings; raises `Impossible` for an hour that there is not."""
    first = draft.sides[0]
    days = resolve(first.refs, at)
    result = Found(doubt=draft.doubt, clash=draft.clash, days=days, refs=first.refs)
    spans: tuple[Span, ...] = ((at.base, at.base),)
    if result.days is not None:
        spans = _until(draft, at, result.days.spans) if draft.until else result.days.spans
        result.doubt = result.doubt or result.days.doubt
    _fill(draft, at, now, spans, result)
    if result.days is None and (len(result.readings) > 1 or draft.other_of):
        result.readings = [r.moved(DAY) if r.start < now else r for r in result.readings]
    return result


def _fill(draft: Draft, at: At, now: int, spans: tuple[Span, ...], result: Found) -> None:
    """Find readings by what is said of the beginning."""
    first, last = draft.sides
    if first.ahead is not None:
        _ahead(draft, at, now + first.ahead, result)
    elif first.timed():
        _timed(draft, at, now, spans, result)
    elif not last.empty():
        _days_to_days(draft, at, spans, result)
    elif first.part:
        _parts(draft, spans, result)
    elif result.days is None:
        _no_day(draft, at, result)
    else:
        _whole_days(draft, spans, result)


def _until(draft: Draft, at: At, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    last = resolve(draft.until, _from(at, spans[0][0])) if spans else None
    return tuple((span[0], last.spans[0][1]) for span in spans) if last and last.spans else ()


def _from(at: At, day: int) -> At:
    """Counting from the day on which it begins."""
    there = date.fromordinal(day)
    return At(at.today, day, there.year, there.month, there.day, second=True)


def _each(spans: Iterable[Span]) -> Iterator[int]:
    """Single days; of long spans, the first few."""
    for first, last in spans:
        yield from range(first, min(last, first + MANY - 1) + 1)


def _ahead(draft: Draft, at: At, start: int, result: Found) -> None:
    """两小时后, 现在."""
    result.clash |= bool(draft.sides[0].refs) or draft.sides[0].hour is not None
    _ending(draft, at, start // DAY, start % DAY, result)


def _timed(draft: Draft, at: At, now: int, spans: tuple[Span, ...], result: Found) -> None:
    """With an hour to begin at."""
    first = draft.sides[0]
    if first.same:
        first.hour, first.minute, first.exact = now % DAY // 60, now % 60, True
    options = starts(first, first.part)
    if not options:
        options, result.doubt = either(first), result.doubt or Ambiguous
    options = _like_the_end(draft, options)
    days = list(_each(spans))
    for start in options:
        for day in days:
            _ending(draft, at, day, start, result)
    if not result.readings and not first.part and 6 <= (first.hour or 0) < 12:
        late = Found()
        for day in days:
            _ending(draft, at, day, (first.hour or 0) * 60 + first.minute + NOON, late)
        if draft.sides[1].part:
            result.readings = late.readings


def _like_the_end(draft: Draft, options: tuple[int, ...]) -> tuple[int, ...]:
    """`3点到下午5点`: the afternoon is both's."""
    last = draft.sides[1]
    if len(options) == 1 or last.part != "下午" or last.refs or last.hour is None:
        return options
    end = starts(last, last.part)
    return options[:1] if end and NOON <= options[0] < end[0] else options


def _ending(draft: Draft, at: At, day: int, start: int, result: Found) -> None:
    """Readings that begin at this time."""
    last, begin = draft.sides[1], day * DAY + start
    if last.timed():
        _to_time(draft, at, day, start, result)
    elif not last.empty():
        result.clash = True
    elif draft.minutes is not None:
        result.readings.append(Reading(begin, begin + draft.minutes, length=draft.minutes))
    elif draft.days:
        if draft.days <= 1:
            result.doubt = result.doubt or Ambiguous
        length = int(draft.days * DAY) if draft.days >= 1 else 4 * 60
        result.readings.append(Reading(begin, begin + length, length=length))
    else:
        result.clash |= draft.ended or draft.whole
        result.readings.append(Reading(begin, None))


def _to_time(draft: Draft, at: At, day: int, start: int, result: Found) -> None:
    first, last = draft.sides
    begin = day * DAY + start
    if last.ahead is not None or last.same:
        result.clash = True
        return
    if last.refs:
        there = resolve(last.refs, _from(at, day))
        result.doubt = result.doubt or (there.doubt if there else None)
        days = _each(there.spans if there else ())
        said = [each * DAY + end for each in days for end in until(first, last)]
    else:
        found, doubtful = ends(first, last, start)
        if doubtful:
            result.doubt = result.doubt or Ambiguous
        said = [day * DAY + end for end in found] or [
            day * DAY + end for end in until(Side(), last)
        ]
    for end in said:
        _add(draft, begin, end, result)


def _add(draft: Draft, begin: int, end: int, result: Found) -> None:
    """A reading from and to, and with a length that says the same, or that lies within."""
    length = draft.minutes
    if end <= begin:
        result.backwards.append(Reading(begin, end))
        return
    if length is None or length == end - begin:
        result.readings.append(Reading(begin, end, length=end - begin))
    elif length < end - begin and draft.between:
        result.readings.append(Reading(begin, end, Scope.PART, length))
    else:
        result.doubt = result.doubt or Ambiguous
        result.readings.append(Reading(begin, end, length=end - begin))
        result.readings.append(Reading(begin, begin + length, length=length))


def _days_to_days(draft: Draft, at: At, spans: tuple[Span, ...], result: Found) -> None:
    """`25号到27号`: whole days, unless it says `之间`."""
    first, last = draft.sides
    plain = bool(first.refs and last.refs) and not (first.part or last.part or last.timed())
    if not plain:
        result.clash = True
        return
    for start, _ in spans:
        there = resolve(last.refs, _from(at, start))
        if there is None:
            continue
        result.doubt = result.doubt or there.doubt
        for _, end in there.spans:
            _span(draft, start, end, result)


def _span(draft: Draft, start: int, end: int, result: Found) -> None:
    days = end + 1 - start
    some = 0 < draft.days < days and draft.between
    whole = not (draft.between or draft.any) and draft.minutes is None
    lasting = days * DAY if whole and days > 1 else int(draft.days * DAY) if days > 1 else 0
    length = draft.minutes or lasting or None
    reading = Reading(start * DAY, (end + 1) * DAY, Scope.DAY, length, whole)
    if end < start:
        result.backwards.append(reading)
        return
    result.clash |= bool(draft.days) and draft.days != days and not some
    result.readings.append(reading)


def _parts(draft: Draft, spans: tuple[Span, ...], result: Found) -> None:
    """`明天下午`, `周五整个上午`, `明天下午用两小时`."""
    part = draft.sides[0].part
    from_, to = PARTS[part]["span"]
    whole = draft.whole or draft.half_day
    result.clash |= draft.days >= 1
    for day in _each(spans):
        length = None if whole else draft.minutes
        result.readings.append(
            Reading(day * DAY + from_, day * DAY + to, Scope.PART, length, whole, part)
        )


def halves(days: Iterable[int], length: int | None) -> list[Reading]:
    """Mornings and afternoons, to choose from."""
    spans = [(part, PARTS[part]["span"]) for part in HALVES]
    return [
        Reading(day * DAY + from_, day * DAY + to, Scope.PART, length, part=part)
        for day in days
        for part, (from_, to) in spans
    ]


def _no_day(draft: Draft, at: At, result: Found) -> None:
    """Neither a day nor an hour: as early as possible, or whenever; else it is to be asked for."""
    if draft.soon:
        length = draft.minutes or (240 if draft.half_day else int(draft.days * DAY) or None)
        result.readings.append(Reading(-1, None, Scope.SOON, length))
        return
    result.doubt = result.doubt or Ambiguous
    if draft.whole or draft.any or draft.half_day:
        days = [workday(at.today, n) for n in (1, 2)]
        for day in days:
            _choices(draft, day, result)


def _choices(draft: Draft, day: int, result: Found) -> None:
    if draft.whole:
        result.readings.append(Reading(day * DAY, (day + 1) * DAY, Scope.DAY, None, whole=True))
        return
    length = None if draft.half_day else draft.minutes
    result.readings += [r._replace(whole=draft.half_day) for r in halves([day], length)]


def _whole_days(draft: Draft, spans: tuple[Span, ...], result: Found) -> None:
    """`明天`, `周五全天`, `下周`, `明天起三天`, `后天半天`."""
    if draft.half_day:
        for day in _each(spans):
            _choices(draft, day, result)
        return
    for first, last in spans:
        if (draft.days > 1 and first == last) or (
            first < last and (draft.whole or draft.days == last + 1 - first)
        ):
            days = int(draft.days) if first == last else last + 1 - first
            _span(draft, first, first + days - 1, result)
            result.clash |= draft.days not in (0, days)
            continue
        result.clash |= draft.days > last + 1 - first
        length = draft.minutes or (int(draft.days * DAY) if draft.days and first < last else None)
        whole = draft.whole or (draft.days == 1 and first == last)
        reading = Reading(first * DAY, (last + 1) * DAY, Scope.DAY, length, whole)
        result.readings.append(reading)
