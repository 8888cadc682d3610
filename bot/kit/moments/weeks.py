"""What words about weeks, working days and holidays do to the days meant so far."""

from datetime import date

from bot.kit.moments.calendar import (
    FESTIVALS,
    announced,
    days_off,
    festival,
    holiday,
    workday,
    works,
)
from bot.kit.moments.days import LATELY, WEEKEND, Weekday, ahead, narrowed
from bot.kit.moments.draft import At, Days, Span
from bot.kit.moments.lexicon import TABLE
from bot.kit.moments.period import Ambiguous, Lunar, Past, Unannounced
from store.errors import Refused

EARLY = 2
"""Days of a week in which `下周三` may mean the Wednesday that comes next."""
BEFORE_FESTIVAL, AFTER_FESTIVAL = 45, 15
"""Days around the Spring Festival in which `初七` is one of its own."""
AROUND = 3
"""Working days that are suggested before or after a day."""


def weekday(so_far: Days | None, at: At, said: Weekday) -> Days:
    """周三, 周末: of the days so far, else the next to come; said on that day, a question."""
    if so_far is not None:
        return _weekday_within(so_far, at, said)
    monday = at.base - (at.base + 6) % 7
    if said == WEEKEND:
        return _weekend(at, monday)
    assert isinstance(said, int)  # noqa: S101 - for the type checker
    there = monday + said
    if there == at.base and not at.second:
        return Days(((there, there), (there + 7, there + 7)))
    there += 7 * (there < at.base)
    return Days(((there, there),))


def _weekend(at: At, monday: int) -> Days:
    saturday, sunday = monday + 5, monday + 6
    if at.base == sunday:
        return Days(((sunday, sunday), (saturday + 7, sunday + 7)))
    return Days(((max(saturday, at.base), sunday),))


def _weekday_within(so_far: Days, at: At, said: Weekday) -> Days:
    if so_far.week:
        monday = so_far.spans[0][0] - (so_far.spans[0][0] + 6) % 7
        so_far = Days(((monday, monday + 6),), so_far.doubt)
    wanted = (5, 6) if said == WEEKEND else (said,)
    found = tuple(
        (day, day)
        for first, last in so_far.spans[:4]
        for day in range(first, min(last, first + 366) + 1)
        if (day + 6) % 7 in wanted
    )
    if found and said == WEEKEND and len(found) % 2 == 0:
        found = tuple((one[0], two[0]) for one, two in zip(found[::2], found[1::2], strict=True))
    if found:
        return Days(found, so_far.doubt)
    coming = weekday(None, At(at.today, at.today + 1, at.year, at.month, at.day), said)
    return Days(so_far.spans + coming.spans, so_far.doubt or Ambiguous)


def week(so_far: Days | None, at: At, said: tuple[int, Weekday]) -> Days:
    """下周三, 本周末, 下下周. Early in a week and on a Sunday `下周三` can mean two."""
    weeks, day = said
    today = (at.today + 6) % 7
    monday = at.today - today + 7 * weeks
    if day is None:
        spans: tuple[Span, ...] = ((monday, monday + 6),)
    elif day == WEEKEND:
        spans = ((monday + 5, monday + 6),)
    else:
        assert isinstance(day, int)  # noqa: S101 - for the type checker
        spans = ((monday + day, monday + day),)
        if weeks == 1 and today < EARLY and today < day < 5:
            spans = ((monday + day, monday + day), (monday + day - 7, monday + day - 7))
        elif weeks == 1 and today == 6:
            spans = ((monday + day, monday + day), (monday + day + 7, monday + day + 7))
    return narrowed(so_far, spans)


def weeks_after(so_far: Days | None, at: At, days: int) -> Days:
    """两周后: the same day of that week, unless another one is named."""
    found = ahead(so_far, at, days)
    found.week = so_far is None
    return found


def nth(so_far: Days | None, at: At, said: tuple[int, str, int]) -> Days:
    """第一个周一, 最后一个工作日, 第二天, 第三周: of the days so far. Counted from 1; last: -1."""
    n, of, wanted = said
    if so_far is None and of == "day" and at.second and n > 0:
        return Days(((at.base + n - 1, at.base + n - 1),))
    if so_far is None or not so_far.spans:
        return Days((), Ambiguous)
    first, last = so_far.spans[0]
    if so_far.feast and of == "day":
        first, last = days_off(so_far.feast, first)
    days = [
        day for day in range(first, min(last, first + 366) + 1) if _counts(day, of, wanted, first)
    ]
    if not days or n > len(days):
        return Days(so_far.spans, Ambiguous)
    day = days[n - 1 if n > 0 else -1]
    if of == "week" and n < 0:
        day = max(first, last - 6)
    found: Span = (day, min(day + 6, last)) if of == "week" else (day, day)
    return Days((found,), so_far.doubt or (_unknown(first, day) if of == "work" else None))


def _counts(day: int, of: str, wanted: int, first: int) -> bool:
    if of == "work":
        return works(day)
    if of == "week":
        return day == first or (day + 6) % 7 == 0
    return of == "day" or (day + 6) % 7 == wanted


def _unknown(first: int, last: int) -> type[Refused] | None:
    return None if announced(first, last) else Unannounced


def working_day(so_far: Days | None, at: At, n: int) -> Days:
    """工作日 (0: any of them), 下个工作日 (1), 三个工作日后 (3)."""
    if n:
        there = workday(at.today, n)
        return Days(narrowed(so_far, ((there, there),)).spans, _unknown(at.today, there))
    spans = so_far.spans if so_far else ((at.today + 1, workday(at.today, AROUND)),)
    days = [day for first, last in spans for day in range(first, min(last, first + 31) + 1)]
    found = tuple((day, day) for day in days if works(day))
    return Days(found, so_far.doubt if so_far else None)


def feast(so_far: Days | None, at: At, name: str) -> Days:
    """国庆: its day, which is next to come or in the years so far."""
    return _named(so_far, at, name, 0)


def first_month(so_far: Days | None, at: At, day: int) -> Days:
    """初七, about the Spring Festival; at other times a day of some other lunar month."""
    for year in (at.year, at.year + 1):
        there = festival("春节", year)
        if there is not None and -AFTER_FESTIVAL <= there - at.today <= BEFORE_FESTIVAL:
            return narrowed(so_far, ((there + day, there + day),))
    raise Lunar


def other_day(so_far: Days | None, at: At, said: tuple[str, int]) -> Days:
    """除夕, 圣诞."""
    found = _named(so_far, at, *said)
    found.feast = ""
    return found


def _named(so_far: Days | None, at: At, name: str, off: int) -> Days:
    years = (at.year, at.year + 1)
    if so_far is not None:
        years = (_year_of(so_far, at), _year_of(so_far, at))
    days = [there + off for each in years if (there := festival(name, each)) is not None]
    if not days:
        return Days((), Ambiguous)
    if so_far is not None:
        return Days(narrowed(so_far, ((days[0], days[0]),)).spans, so_far.doubt, name)
    on = name in FESTIVALS and not off and days_off(name, days[0])[1] >= at.base
    there = days[0] if days[0] >= at.base or on else days[-1]
    slip = there != days[0] and at.base - days[0] <= LATELY
    return Days(((there, there),), Past if slip else None, name)


def _year_of(so_far: Days, at: At) -> int:
    return date.fromordinal(so_far.spans[0][0]).year if so_far.spans else at.year


def holidays_of(so_far: Days | None, at: At, _fact: None) -> Days:
    """国庆假期, 节后: all days off around that festival, or of the holiday that comes next."""
    if so_far and so_far.feast and so_far.spans:
        first, last = days_off(so_far.feast, so_far.spans[0][0])
        return Days(((first, last),), so_far.doubt or _unknown(first, last))
    first, last = days_off(*holiday(at.today))
    return Days(((first, last),), _unknown(at.today, last))


def shifted(so_far: Days | None, _at: At, said: tuple[int, str, int]) -> Days:
    """元旦后一天 (1), 国庆前最后一个工作日 (-1), 节后第一个周一: counted from the days so far."""
    n, of, wanted = said
    if so_far is None or not so_far.spans:
        return Days((), Ambiguous)
    first, last = so_far.spans[0][0], so_far.spans[-1][1]
    if of == "work":
        there = workday(last if n > 0 else first, n)
        return Days(((there, there),), so_far.doubt or _unknown(first, there))
    if of == "weekday":
        first, last = days_off(so_far.feast, first) if so_far.feast else (first, last)
        step = 1 if n > 0 else -1
        there = (last if n > 0 else first) + step
        there += step * ((wanted - (there + 6)) * step % 7) + 7 * (n - step)
        return Days(((there, there),), so_far.doubt or _unknown(first, there))
    there = (last if n > 0 else first) + n
    if n > 0 and so_far.feast and TABLE["lawful"][so_far.feast][1] > 1:
        back = days_off(so_far.feast, first)[1] + n
        return Days(((back, back), (there, there)), so_far.doubt or _unknown(first, back))
    return Days(((there, there),), so_far.doubt)


def around(so_far: Days | None, _at: At, way: int) -> Days:
    """国庆前, 25号之后: working days nearby, to choose from."""
    if so_far is None or not so_far.spans:
        return Days((), Ambiguous)
    first, last = so_far.spans[0][0], so_far.spans[-1][1]
    days = [workday(last if way > 0 else first, way * n) for n in range(1, AROUND + 1)]
    return Days(tuple((day, day) for day in days), so_far.doubt or Ambiguous)
