"""`空闲`: when an instrument is free, in a week, on a day, at a moment."""

import re
import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.kit import intents, moments
from bot.kit.heard import Heard
from bot.kit.moments import HERE, Period, Scope
from bot.kit.route import Router
from bot.kit.say import Facts, Link, Say
from handlers import search
from handlers.booking import reading, times
from handlers.free import meant
from store import availability, terms, week
from store.context import Context
from store.errors import Refused
from store.instrument import Instrument
from store.stretch import DAY, Stretch, midnight, moment
from store.terms import Terms
from store.week import Day

router = Router("free")

MOST_SPANS = 4
"""Free stretches that are told of one day."""
WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
FREE = re.compile(WORDS["free"])
"""What of words asks only for what is free."""
SEVERAL = 8
"""Instruments of a list that are told."""
FAR = 62
"""Days that are looked through at once at most."""
EXAMPLE = 120
"""Minutes of the time that is proposed."""


@router.words("空闲", "空闲 {number:YQ}", "空闲 {number:YQ} {said}")
@router.words("空闲 {said}", apart=True)
async def when_free(context: Context, heard: Heard, number: int = 0, said: str = "") -> Say:
    """When it is free: in a week, on a day, at a moment. Raises NoSuchInstrument."""
    del heard
    parts = intents.reader().parts(said)
    number = number or parts.number or 0
    several = meant.several(context, parts.thing) if parts.when and not number else []
    if len(several) > 1:
        return await _among(context, several, said)
    if not number and parts.thing:
        listed = meant.which(context, parts.thing)
        if len(listed.choices) != 1:
            return listed
        number = meant.number_of(listed)
    number = number or int(context.about.get("instrument", 0))
    if not number:
        return Say("free.ask")
    row = await meant.row(context, number)
    held = await terms.of(context.session, number, context.policy)
    if not held.offered:
        return await search.show(context, Heard.__new__(Heard), number)
    return await _answer(context, row, held, said if parts.when else "")


async def of_words(context: Context, words: str) -> Say | None:
    """`明天下午有空的扫描电镜`: those of a search that are free then; None for other words."""
    if FREE.search(words) is None:
        return None
    rest = FREE.sub(" ", words)
    parts = intents.reader().parts(rest)
    if not parts.when:
        return None
    several = meant.several(context, parts.thing)
    if not several:
        return None
    return await _among(context, several, rest.replace(parts.thing, " "))


async def _among(context: Context, several: list[int], said: str) -> Say:
    """Those of some instruments that are free in the time that was said."""
    held = await terms.many(context.session, several, context.policy)
    wanted = meant.wanted(said, context.now, Terms())
    if not isinstance(wanted, Period):
        return Say("free.when", {"said": said, "number": f"YQ{several[0]}"})
    span = wanted.start, wanted.end or wanted.start + timedelta(days=week.DAYS)
    exact = wanted.scope is Scope.EXACT and wanted.end is not None
    least = span[1] - span[0] if exact else wanted.length or timedelta()
    free = await availability.among(context.session, held, span, least, context.now)
    shown = [number for number in several if number in free][:SEVERAL]
    when = moments.show_period(wanted, context.now)
    facts = {"when": when, "asked": len(several), "total": len(free)}
    if not shown:
        return Say("free.nobody", facts)
    return Say(
        "free.among",
        facts,
        items=tuple(search.line_of(context, number) for number in shown),
        choices=tuple(WORDS["when"].format(number=number, when=when) for number in shown),
    )


async def _answer(context: Context, row: Instrument, held: Terms, said: str) -> Say:
    """What is free in the time that was said; in a week from today, where none was."""
    wanted = meant.wanted(said, context.now, held)
    if isinstance(wanted, Refused):
        return Say("free.when", {**meant.titled(row), "said": said})
    if wanted is not None and wanted.scope is Scope.EXACT:
        return await _moment(context, row, held, wanted)
    first, days = _days(wanted, context.now)
    found = await week.week(context.session, held, first, context.now, days)
    return _days_said(context, row, held, found, wanted)


def _days(wanted: Period | None, now: datetime) -> tuple[date, int]:
    """From which day on, and how many days are looked through."""
    today = now.astimezone(HERE).date()
    if wanted is None:
        return today, week.DAYS
    first = max(today, wanted.start.astimezone(HERE).date())
    if wanted.end is None:
        return first, week.DAYS
    last = (wanted.end.astimezone(HERE) - timedelta(microseconds=1)).date()
    return first, min(max((last - first).days + 1, 1), FAR)


def _days_said(
    context: Context, row: Instrument, held: Terms, found: list[Day], wanted: Period | None
) -> Say:
    """The free stretches of some days, a line a day, and a picture of the week."""
    lines = [_line(day) for day in found if _of_part(day, wanted)]
    free = [day for day in found if _of_part(day, wanted)]
    facts = {**meant.titled(row), "words": held.opening.words or None}
    note = _note(held)
    if not lines:
        return _full(context, row, held, {**facts, "note": note}, found)
    about = {"instrument": row.id, "when": None}
    picture = week.name(context.secret, row.id, found[0].date) if len(found) > 1 else None
    return Say(
        "free.days",
        {**facts, "note": note, "example": _example(row, free[0], wanted), "cut": _cut(lines)},
        items=tuple(lines[: week.DAYS]),
        about=about,
        picture=picture,
        link=_link(context, picture),
    )


def _cut(lines: list[Facts]) -> int | None:
    return len(lines) - week.DAYS if len(lines) > week.DAYS else None


def _link(context: Context, picture: str | None) -> Link | None:
    if picture is None or not context.address:
        return None
    return Link("free.picture", f"{context.address}/w/{picture}")


def _of_part(day: Day, wanted: Period | None) -> tuple[Stretch, ...]:
    """What is free of the part of the day that was meant."""
    if wanted is None or wanted.scope is not Scope.PART or wanted.end is None:
        return day.free
    begins = midnight(day.date)
    frm, to = ((at.astimezone(HERE)) for at in (wanted.start, wanted.end))
    if frm.date() != day.date:
        return day.free
    start, end = (round((at - moment(begins)).total_seconds()) // 60 for at in (frm, to))
    cut = ((max(a, start), min(b, end)) for a, b in day.free)
    return tuple(each for each in cut if each[0] < each[1])


def _line(day: Day) -> Facts:
    spans = [f"{_clock(start)}–{_clock(end)}" for start, end in day.free[:MOST_SPANS]]
    more = {"key": "free.more"} if len(day.free) > MOST_SPANS else None
    whole = {"key": "free.whole"} if day.free == ((0, DAY),) else None
    return {"day": moments.show_day(day.date), "spans": whole or spans, "more": more}


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _example(row: Instrument, day: Day, wanted: Period | None) -> str:
    """A line that books the first free time; of a whole day, by day."""
    part = _of_part(day, wanted)
    start, end = (part or day.free)[0]
    while part == day.free and start < times.WAKING[0] * 60 and start + 2 * EXAMPLE <= end:
        start += EXAMPLE
    end = min(end, start + EXAMPLE)
    begins = midnight(day.date)
    shown = moments.show_period(replace(meant.times_of(begins + start, begins + end), length=None))
    return f"YQ{row.id} {shown}"


def _note(held: Terms) -> Facts | None:
    """What of the opening hours is not certain, and who knows."""
    opening = held.opening
    if not opening.known:
        key = "unread" if opening.words else "unsaid"
        return {"key": f"free.{key}", "args": {"words": opening.words}}
    if opening.unread:
        return {"key": "free.partly", "args": {"words": list(opening.unread)}}
    return {"key": "free.arranged"} if opening.arranged else None


def _full(context: Context, row: Instrument, held: Terms, facts: Facts, found: list[Day]) -> Say:
    """Nothing is free in that time."""
    start, end = moment(midnight(found[0].date)), moment(midnight(found[-1].date) + DAY)
    stretch = moments.show_period(Period(start, end, Scope.DAY), context.now)
    last = availability.latest(held, context.now) - timedelta(microseconds=1)
    far = {"key": "free.far", "args": {"last": moments.show_day(last)}} if start > last else None
    told = {**facts, "stretch": stretch, "far": far, "watch": f"YQ{row.id} {stretch}"}
    return Say("free.full", told, about={"instrument": row.id, "when": None})


async def _moment(context: Context, row: Instrument, held: Terms, wanted: Period) -> Say:
    """Whether one time is free; why not, and the nearest."""
    exact = meant.exact(wanted, held)
    span = availability.Period(exact.start, exact.end or exact.start)
    ask = availability.Ask(row.id, context.person.id, span)
    why = await availability.reasons(context.session, ask, held, context.now)
    facts = {**meant.titled(row), **meant.timed(row, exact)}
    about = {"instrument": row.id, "when": reading.dump(exact)}
    if not why:
        return Say("free.yes", {**facts, "note": _note(held)}, about=about)
    near = await availability.nearest(context.session, ask, held, context.now)
    told = [times.told(each) for each in why]
    options = [moments.show_period(reading.of(each.start, each.end)) for each in near]
    return Say(
        "free.no",
        {**facts, "why": times.bulleted(told)},
        items=tuple({"label": each} for each in options),
        choices=tuple(WORDS["book"].format(number=row.id, when=each) for each in options),
        about={**about, "said": [each["key"] for each in told]},
    )
