"""What each word about the day does to the days meant so far.

A function takes the days so far (None: nothing is said yet), from where to count, and its word's
own facts; the first one finds days, those after it narrow them.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeAlias

from bot.kit.moments.calendar import month_length
from bot.kit.moments.draft import At, Days, Ref, Span
from bot.kit.moments.lexicon import TABLE
from bot.kit.moments.period import Ambiguous, Impossible, Past

LATELY = 60
"""A day without a year that was so few days ago is as likely a slip as one of next year."""
FARTHEST = 5
"""Years ahead in which somebody may want something."""
WEEKEND = "末"

Weekday: TypeAlias = int | str | None
"""0 for Monday; the weekend; or the whole week."""


def resolve(refs: Sequence[Ref], at: At) -> Days | None:
    """All that is said about the day, taken together; None: nothing is."""
    so_far: Days | None = None
    if len(refs) > 1:
        refs = sorted(refs, key=_rank)
    for _, narrow, fact in refs:
        so_far = narrow(so_far, at, fact)
    return so_far


def _rank(ref: Ref) -> int:
    return ref[0]


def narrowed(so_far: Days | None, spans: tuple[Span, ...]) -> Days:
    """The days that both say; when there are none, either can be meant."""
    if so_far is None:
        return Days(spans)
    meet = tuple(
        (max(a, c), min(b, d)) for a, b in so_far.spans for c, d in spans if a <= d and c <= b
    )
    if meet:
        return Days(meet, so_far.doubt)
    return Days(so_far.spans + spans, so_far.doubt or Ambiguous)


def ahead(so_far: Days | None, at: At, days: int) -> Days:
    """明天, 三天后."""
    day = at.today + days
    return narrowed(so_far, ((day, day),))


def any_of(so_far: Days | None, at: At, ahead: tuple[int, ...]) -> Days:
    """明后天: one of them."""
    return narrowed(so_far, tuple((at.today + each, at.today + each) for each in ahead))


def within(so_far: Days | None, at: At, days: int) -> Days:
    """三天内."""
    return narrowed(so_far, ((at.today, at.today + days),))


def following(so_far: Days | None, at: At, days: int) -> Days:
    """次日: from the day on which it begins."""
    first = so_far.spans[-1][1] if so_far and so_far.spans else at.base
    return Days(((first + days, first + days),))


def year(so_far: Days | None, _at: At, number: int) -> Days:
    """2026年; 明年 comes as its number."""
    if not 1 < number < 9999:
        return Days((), Impossible)
    first, last = date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal()
    return narrowed(so_far, ((first, last),))


def year_ahead(so_far: Days | None, at: At, years: int) -> Days:
    """明年."""
    return year(so_far, at, at.year + years)


def _years(so_far: Days, at: At) -> Iterable[int]:
    """The years that the days so far are in."""
    firsts = (date.fromordinal(first).year for first, _ in so_far.spans[:4])
    return sorted({min(max(year, at.year - 100), at.year + 100) for year in firsts})


def month_and_day(so_far: Days | None, at: At, said: tuple[int, int]) -> Days:
    """11月25日: within the days so far, else the next that comes."""
    month, day = said
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return Days((), Impossible)
    if so_far is not None:
        found = [_on(each, month, day) for each in _years(so_far, at)]
        return _all(found) if found and found[0].doubt else narrowed(so_far, _all(found).spans)
    there = _on(at.year, month, day)
    if there.spans[-1][0] >= at.base:
        return there
    later = _on(at.year + 1, month, day)
    if not at.second and at.base - there.spans[-1][0] <= LATELY and not later.doubt:
        later.doubt = Past
    return later


def _all(found: list[Days]) -> Days:
    spans = tuple(span for each in found for span in each.spans)
    return Days(spans, next((each.doubt for each in found if each.doubt), None))


def _on(year: int, month: int, day: int) -> Days:
    length = month_length(year, month)
    first = date(year, month, 1).toordinal() - 1
    if day <= length:
        return Days(((first + day, first + day),))
    last = first + length
    return Days(((last, last), (last + 1, last + 1)), Impossible)


def _next_month(at: At, months: int) -> tuple[int, int]:
    index = at.year * 12 + at.month - 1 + months
    return index // 12, index % 12 + 1


def day_of_month(so_far: Days | None, at: At, day: int) -> Days:
    """25号: within the days so far, else in this month, else in the next."""
    if not 1 <= day <= 31:
        return Days((), Impossible)
    if so_far is not None:
        return _day_within(so_far, day)
    start = date.fromordinal(at.base)
    month = _on(start.year, start.month, day)
    if not month.doubt and month.spans[0][0] >= at.base:
        return month
    later = _on(start.year + start.month // 12, start.month % 12 + 1, day)
    return _all([Days(month.spans[:1], Impossible), later]) if month.doubt else later


def _day_within(so_far: Days, day: int) -> Days:
    found: list[Days] = []
    for first, last in so_far.spans[:4]:
        each, end = date.fromordinal(first), date.fromordinal(last)
        months = min(12, (end.year - each.year) * 12 + end.month - each.month) + 1
        index = each.year * 12 + each.month - 1
        found += [_on((index + n) // 12, (index + n) % 12 + 1, day) for n in range(months)]
    if any(each.doubt for each in found):
        return _all(found)
    return narrowed(so_far, _all(found).spans)


def month(so_far: Days | None, at: At, said: tuple[int, str]) -> Days:
    """11月, 11月底: within the days so far, else the next that is not over."""
    number, part = said
    if not 1 <= number <= 12:
        return Days((), Impossible)
    if so_far is not None:
        spans = tuple(_month(each, number, part) for each in _years(so_far, at))
        return narrowed(so_far, spans)
    span = _month(at.year, number, part)
    return Days((span if span[1] >= at.base else _month(at.year + 1, number, part),))


def month_ahead(so_far: Days | None, at: At, said: tuple[int, str]) -> Days:
    """下个月, 这个月底."""
    months, part = said
    return narrowed(so_far, (_month(*_next_month(at, months), part),))


def month_part(so_far: Days | None, at: At, said: tuple[int, str]) -> Days:
    """月底: of the month so far, else of this month."""
    if so_far is None:
        found = month_ahead(None, at, said)
        return found if found.spans[0][1] >= at.base else month_ahead(None, at, (1, said[1]))
    first = date.fromordinal(so_far.spans[0][0]) if so_far.spans else date.fromordinal(at.today)
    return narrowed(so_far, (_month(first.year, first.month, said[1]),))


def _month(year: int, month: int, part: str) -> Span:
    length = month_length(year, month)
    first = date(year, month, 1).toordinal() - 1
    from_, to = TABLE["spans"][part] if part else (1, length)
    return first + (from_ if from_ > 0 else length + 1 + from_), first + (
        to if to > 0 else length + 1 + to
    )


def year_part(so_far: Days | None, at: At, span: tuple[int, int, int, int]) -> Days:
    """年底: of the year so far, else of this year."""
    of = date.fromordinal(so_far.spans[0][0]).year if so_far and so_far.spans else at.year
    first, last = date(of, span[0], span[1]).toordinal(), date(of, span[2], span[3]).toordinal()
    if so_far is None and last < at.today:
        return year_part(narrowed(None, ((first + 366, first + 366),)), at, span)
    return narrowed(so_far, ((first, last),))


def months_after(so_far: Days | None, at: At, months: int) -> Days:
    """一个月后: the same day of the month, or its last."""
    year, number = _next_month(at, months)
    day = min(at.day, month_length(year, number))
    there = date(year, number, day).toordinal()
    return narrowed(so_far, ((there, there),))
