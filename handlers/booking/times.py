"""When it could be: what is open, free times within a rough wish, and reasons as texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from bot.kit import moments
from bot.kit.flow import Option
from bot.kit.moments import HERE, Fits, Offers, Period, Scope
from bot.kit.say import Facts
from bot.kit.texts import refusal
from handlers.booking import reading
from store import availability
from store.availability import Ask, Busy, Longer, NotOpen, OutOfOrder
from store.availability.runs import runs
from store.context import Context
from store.errors import Refused
from store.opening import WHOLE_DAY, Hours
from store.stretch import minute, minute_after
from store.terms import Terms

USUAL = timedelta(hours=2)
"""How long a time is proposed for where nobody said."""
MOST = 4
DAY = timedelta(days=1)
WAKING, MORNING = (7, 22), 9
BY_DAY: Hours = ((WAKING[0] * 60, WAKING[1] * 60),)
"""What is proposed of instruments that are open round the clock."""
LONGEST = 31 * 24 * 60
"""Minutes of a time that is held against opening hours."""


@dataclass(eq=False)
class CantBe(Offers, Refused):
    """A wish that can't be: every reason, and the nearest times that can."""

    why: Facts | None = None
    watch: str = ""
    """What to type to be told when it is free."""
    offered: Facts | None = None
    about: Facts | None = None
    """What is waited for by `有空提醒我` alone."""


@dataclass(eq=False)
class NothingFree(Refused):
    """No time in this stretch is free."""

    stretch: str


def fitting(terms: Terms) -> Fits:
    """Whether a time lies within opening hours."""

    def fits(period: Period) -> bool:
        if period.scope is not Scope.EXACT:
            return True
        return is_open(terms, period.start, period.end or period.start)

    return fits


def is_open(terms: Terms, start: datetime, end: datetime) -> bool:
    """Whether one run of opening hours holds all of it."""
    first, last = minute(start), minute_after(end)
    if last - first > LONGEST:
        return False
    return any(
        opens <= first and last <= closes
        for opens, closes in runs(terms, first, last, proposed=True)
    )


def stretch(rough: Period) -> tuple[datetime, datetime]:
    """From when to when a rough wish lets one look."""
    if rough.end is not None:
        return rough.start, rough.end
    if rough.scope is Scope.EXACT:  # only the beginning was said
        return rough.start, rough.start + DAY
    return rough.start, rough.start + 7 * DAY


async def proposals(
    context: Context, terms: Terms, rough: Period, replaces: int | None = None
) -> list[Period]:
    """A few free times within a rough wish, spread over it."""
    frm, to = stretch(rough)
    start = _begin(rough)
    by_day = _by_day(terms, rough if rough.part else reading.of(start, start))
    open_by = terms if rough.whole or rough.scope is Scope.EXACT else by_day
    free = await availability.free(context.session, open_by, frm, to, context.now, but=replaces)
    if rough.scope is Scope.EXACT:
        return _from(rough.start, free, terms)
    length = rough.length or _usual(terms)
    cut = [_clipped(each, frm, to) for each in free]
    least = terms.shortest if rough.length is None else length
    times = [each for one in cut for each in _steps(one, length, least)]
    whole = [reading.of(*one) for one in cut if rough.whole and _fits_length(one, terms)]
    return (whole or _spread(times))[:MOST]


def _begin(rough: Period) -> datetime:
    """Near which beginning a rough wish is: of a whole day, in its morning."""
    if rough.part or rough.scope is Scope.EXACT:
        return rough.start
    return datetime.combine(rough.start, time(MORNING), HERE)


def _usual(terms: Terms) -> timedelta:
    return min(max(USUAL, terms.shortest), terms.longest)


def _fits_length(one: tuple[datetime, datetime], terms: Terms) -> bool:
    return terms.shortest <= one[1] - one[0] <= terms.longest


def _clipped(free: availability.Period, frm: datetime, to: datetime) -> tuple[datetime, datetime]:
    return max(free.start, frm), min(free.end, to)


def _steps(
    free: tuple[datetime, datetime], length: timedelta, least: timedelta
) -> Iterator[Period]:
    """One after the other; at the end what is left, if that is enough."""
    start, end = free
    while start + least <= end:
        yield reading.of(start, min(start + length, end))
        start += length


def _spread(times: Sequence[Period]) -> list[Period]:
    """Some of many, from the first to the last."""
    if len(times) <= MOST:
        return list(times)
    return [times[n * (len(times) - 1) // (MOST - 1)] for n in range(MOST)]


def _from(start: datetime, free: Sequence[availability.Period], terms: Terms) -> list[Period]:
    """Times of usual lengths from a beginning on."""
    last = next((each.end for each in free if each.start <= start < each.end), start)
    lengths = [timedelta(hours=n) for n in (1, 2, 3, 4)]
    fit = [n for n in lengths if terms.shortest <= n <= terms.longest and start + n <= last]
    return [reading.of(start, start + n) for n in fit]


async def refuse_unfit(
    context: Context, terms: Terms, period: Period, replaces: int | None = None
) -> None:
    """Raises CantBe with all reasons where an exact time can't be had."""
    ask = _ask(context, terms, period, replaces)
    read = partial(availability.reasons, context.session, ask, terms, context.now)
    why = await context.once(("reasons", ask), read)
    if why:
        near = await _nearest(context, terms, period, replaces)
        raise cant_be(terms.instrument_id, period, why, near)


async def refuse_full(
    context: Context, terms: Terms, rough: Period, replaces: int | None = None
) -> None:
    """Raises CantBe where no time within a rough wish is free, or it is too long."""
    long = rough.length is not None and rough.length > terms.longest
    if not long and await proposals(context, terms, rough, replaces):
        return
    length = _usual(terms) if long or rough.length is None else rough.length
    start = _begin(rough)
    near = await _nearest(context, terms, reading.of(start, start + length), replaces)
    stretched = moments.show_period(rough, context.now)
    why = Longer(terms.longest, terms.cite("longest")) if long else NothingFree(stretched)
    raise cant_be(terms.instrument_id, rough, [why], near)


async def _nearest(
    context: Context, terms: Terms, period: Period, replaces: int | None
) -> list[availability.Period]:
    """The nearest times instead; by day where a time of the day was wished for."""
    ask, by_day = _ask(context, terms, period, replaces), _by_day(terms, period)
    found = await availability.nearest(context.session, ask, by_day, context.now)
    if found or by_day is terms:
        return found
    return await availability.nearest(context.session, ask, terms, context.now)


def _by_day(terms: Terms, period: Period) -> Terms:
    """Terms by which nights are not proposed for a wish that lies in the day."""
    start, end = period.start, period.end or period.start
    night = start.hour < WAKING[0] or end > datetime.combine(start, time(WAKING[1]), HERE)
    table = tuple(BY_DAY if hours == WHOLE_DAY else hours for hours in terms.proposed.table)
    if night or table == terms.proposed.table:
        return terms
    return replace(terms, proposed=replace(terms.proposed, table=table))


def _ask(context: Context, terms: Terms, period: Period, replaces: int | None) -> Ask:
    span = availability.Period(period.start, period.end or period.start)
    return Ask(terms.instrument_id, context.person.id, span, replaces)


def cant_be(
    number: int,
    period: Period | None,
    why: Sequence[Refused],
    near: Sequence[availability.Period],
) -> CantBe:
    """The refusal of a time, as it is told."""
    when = moments.show_period(period) if period else ""
    wished = {"when": reading.dump(period)} if period and reading.exact(period) else {}
    return CantBe(
        tuple(reading.of(each.start, each.end) for each in near),
        bulleted([told(each) for each in why]),
        " ".join(filter(None, (f"YQ{number}", when))),
        {"key": f"booking.{'offered' if near else 'unoffered'}"},
        {"instrument": number, **wished},
    )


def told(why: Refused) -> Facts:
    """A reason as a text, its times and lengths as people read them."""
    if isinstance(why, NotOpen):
        return {"key": f"booking.closed.{_how_closed(why)}", "args": _closed(why)}
    key = f"booking.{type(why).__name__}"
    facts = dict(refusal(key, why).args)
    if isinstance(why, Busy | OutOfOrder):
        facts |= _span(why.start, why.end)
    lengths = {n: v for n, v in vars(why).items() if isinstance(v, timedelta)}
    facts |= {name: moments.show_length(v, in_days=True) for name, v in lengths.items()}
    return {"key": key, "args": {name: value or None for name, value in facts.items()}}


def _span(start: datetime, end: datetime) -> dict[str, str]:
    """Both ends in words; of one day, the day once."""
    here = start.astimezone(HERE), end.astimezone(HERE)
    same = here[0].date() == here[1].date()
    last = _clock(here[1].hour * 60 + here[1].minute) if same else moments.show_moment(end)
    return {"start": moments.show_moment(start), "end": last}


def _how_closed(why: NotOpen) -> str:
    if why.why:
        return "exception"
    if why.hours:
        return "hours"
    return "holiday" if why.holiday else "day"


def _closed(why: NotOpen) -> dict[str, Any]:
    spans = [f"{_clock(first)}–{_clock(last)}" for first, last in why.hours]
    return {
        "day": moments.show_day(why.day),
        "hours": spans,
        "words": why.words or None,
        "why": why.why or None,
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def bulleted(lines: Sequence[Facts]) -> Facts | None:
    """Reasons, each on a line of its own."""
    below: Facts | None = None
    for each in reversed(lines):
        below = {"key": "booking.reason", "args": {"said": each, "rest": below}}
    return below


def option(period: Period, rough: Period) -> Option[str]:
    """A time as a numbered line; its day is left out where that was said before."""
    shown = moments.show_period(period)
    first, last = rough.start.date(), (rough.end or rough.start) - timedelta(microseconds=1)
    one_day = first == max(last.date(), first) == period.start.date()
    label = shown.removeprefix(moments.show_day(period.start)) if one_day else shown
    return Option(reading.dump(period), label)


def day_of(moment: datetime) -> date:
    """The day here on which a moment lies."""
    return moment.astimezone(HERE).date()
