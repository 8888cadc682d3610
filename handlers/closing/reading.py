"""How people say for how long an instrument is out of use, and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.kit import intents
from bot.kit.flow import Option
from bot.kit.kinds import Kind
from bot.kit.moments import (
    HERE,
    Ambiguous,
    Period,
    Scope,
    read_period,
    show_day,
    show_moment,
    show_period,
)
from bot.kit.reading import Unreadable, bare, plain
from handlers.booking import reading
from store.errors import Refused

OPEN = "open"
"""Until further notice."""
OPEN_LABEL = "没定，停到启用为止"
OPEN_WORDS = re.compile(
    r"没定|未定|不定|不知道|不确定|说不准|一直|长期|暂时|启用为止|修好为止|再说"
)
FROM_NOW_ON = re.compile(r"(今天|今日|今|现在|即日|立即|马上)(起|开始)?$")
SHORT = re.compile(r"小时|钟|分|半天|刻")
MIDNIGHT = time()
EDGES = " ,，。;；、:：的"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says besides the instrument."""

    span: str | None
    """As the question keeps it; None where the words for it have to be asked about."""
    when: str
    reason: str


def line(words: str, now: datetime) -> Line:
    """What the words after an instrument's number say: for how long, and why."""
    when = intents.reader().parts(words).when
    if not when or FROM_NOW_ON.fullmatch(when.replace(" ", "")):
        return Line(OPEN, "", _without(words, when))
    if re.search(f"(?:^|[^0-9日号天点时分周末])[到至]{re.escape(when)}", plain(words)):
        when = f"到{when}"  # the end alone was said
    try:
        span = _read(when, now)
    except Refused:
        span = None
    return Line(span, when, _without(words, when))


def _without(words: str, when: str) -> str:
    """The words without those that say when."""
    left = words if all(run in words for run in when.split()) else plain(words)
    for run in when.split():
        left = re.sub(f"[从自到至]?{re.escape(run)}[起止]?", " ", left, count=1)
    return " ".join(part.strip(EDGES) for part in left.split()).strip(EDGES)


def _read(said: str, now: datetime) -> str:
    if OPEN_WORDS.search(said) or bare(said) == bare(OPEN_LABEL):
        return OPEN
    return reading.dump(_period(said, now))


def _period(said: str, now: datetime) -> Period:
    """From when to when: all of a day or of days, a part of a day, hours; a length is from now."""
    why: Refused = Unreadable()
    for words in _ways(said):
        try:
            period = read_period(words, now)
        except Refused as refused:
            why = why if isinstance(why, Ambiguous) else refused
            continue
        if period.end is not None and period.scope is not Scope.SOON:
            return reading.of(max(period.start, now), period.end)
    raise why


def _ways(said: str) -> Iterator[str]:
    yield said
    if said.startswith("到"):
        yield f"今天{said}"
    yield f"从现在起{said}" if SHORT.search(said) else f"从今天起{said}"


def show(span: str) -> str:
    """As the summary says it: whole days as days."""
    if span == OPEN:
        return OPEN_LABEL
    period = reading.load(span)
    start, end = period.start.astimezone(HERE), (period.end or period.start).astimezone(HERE)
    if end.time() != MIDNIGHT:
        return show_period(period)
    if start.time() == MIDNIGHT:
        return show_period(Period(start, end, Scope.DAY, whole=True))
    last = show_day((end - timedelta(days=1)).date())
    return f"{show_moment(start)}到{last}24:00"


def load(span: str) -> tuple[datetime, datetime] | None:
    """From when to when; None: until further notice."""
    if span == OPEN:
        return None
    period = reading.load(span)
    return period.start, period.end or period.start


SPAN: Kind[str] = Kind("span", _read, show=show, options=(Option(OPEN, OPEN_LABEL),))
"""For how long an instrument is out of use."""
