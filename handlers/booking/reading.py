"""How people say what they want to book: when, how many samples, what for."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.kit import intents, kinds, moments
from bot.kit.kinds import Kind
from bot.kit.moments import Fits, Offers, Period, Scope
from bot.kit.reading import NUMERAL, Unreadable, plain
from store.errors import Refused

SHORTEST_PURPOSE = 2
MODES = {
    "self": re.compile(r"自主上机|自主|自己|上机|机时|亲自"),
    "sample": re.compile(r"(?:送样|委托|代测)(?:检测|测试)?|寄样|样品|代做|送检"),
    "joint": re.compile(r"(?:合作|联合)(?:研究|实验)?|一起做"),
}
"""What of a line names a mode."""
NEGATIVE = re.compile(
    r"(?<![\d点时分:号日])\s*[-−–—负]\s*(?:\d|[一二两三四五六七八九十半])[^-点:时号日]*?(?:小时|钟头|分钟|天)"
)
YEARS = re.compile(
    r"(?<!\d)(?:\d{1,2}|[一二两三四五六七八九十半]+)\s*(?:年|个月)(?![\d月底初末中])(?!之?以?[后内前])"
    r"|整年|全年|常年|长期|永久"
)
COUNT = re.compile(
    rf"([-−负]?{NUMERAL})\s*(?:个样品?|件样品?|份样品?|支|瓶|袋|根|片|块|只|个|件|份|样)"
)
PURPOSE = re.compile(r"(?:用途|用于|用来|目的)\s*[:：是为]?\s*(.+)$")


@dataclass(eq=False)
class Negative(Refused):
    """A length below nothing."""


@dataclass(eq=False)
class TooLongAtOnce(Refused):
    """Months or years of an instrument's time."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says besides the instrument."""

    when: str = ""
    """Its words, where there is a time in them."""
    samples: str = ""
    """How many, as it was said."""
    thing: str = ""
    """What is left: a purpose, or what the samples are."""


def line(words: str) -> Line:
    """What the words after an instrument's number say."""
    parts = intents.reader().parts(words)
    named = COUNT.search(plain(words))
    thing = PURPOSE.search(words)
    left = as_typed(thing[1].strip() if thing else besides(parts.thing, words), words)
    timed = bool(parts.when) or _unlikely(words)
    before = words[: thing.start()] if thing else _ahead(left, words)
    return Line(
        (before if intents.reader().parts(before).when else words) if timed else "",
        named[1] if named else "",
        left if _tells(left) and not _only_mode(left) else "",
    )


def _ahead(left: str, words: str) -> str:
    """What is said before a purpose at the end, so that its words are not taken for a time."""
    said = unicodedata.normalize("NFKC", words).rstrip()
    cut = _tells(left) and said.endswith(left) and not _unlikely(left)
    return said[: -len(left)] if cut else ""


def _unlikely(words: str) -> bool:
    """Whether words hold a length that no booking has, which is told of as such."""
    said = plain(words)
    return bool(NEGATIVE.search(said) or YEARS.search(said))


def _tells(left: str) -> bool:
    """Whether words are enough to say what for."""
    return len(left) >= SHORTEST_PURPOSE and any(map(str.isalpha, left))


def as_typed(thing: str, words: str) -> str:
    """What was taken out of words with the letters as they were typed: `DNA`, `SiO2`."""
    said = unicodedata.normalize("NFKC", words)
    small = said.lower()
    if len(small) != len(said):
        return thing
    found = ((part, small.find(part.lower())) for part in thing.split())
    return " ".join(said[at : at + len(part)] if at >= 0 else part for part, at in found)


def _only_mode(left: str) -> bool:
    """Whether words say how, and not what for."""
    return any(not pattern.sub("", left).strip() for pattern in MODES.values())


def besides(thing: str, words: str) -> str:
    """What is left of a thing said in these words beside how many samples, and when."""
    return moments.beyond(COUNT.sub("", thing).strip(" ,，。;；"), words)


def mode(words: str) -> str | None:
    """The mode that the words name, if they name one."""
    named = [code for code, pattern in MODES.items() if pattern.search(words)]
    return named[0] if len(named) == 1 else None


def _period(
    words: str, now: datetime, fits: Fits | None = None, *, on: date | None = None
) -> Period:
    """As the kit reads it; lengths that can't be are told apart from what is not understood."""
    said = plain(words)
    if NEGATIVE.search(said):
        raise Negative
    if YEARS.search(said):
        raise TooLongAtOnce
    try:
        return moments.read_period(words, now, fits, on=on)
    except Refused as why:
        if isinstance(why, Offers) and fits is not None:
            why.suggestions = tuple(filter(fits, why.suggestions)) or why.suggestions
        raise


PERIOD: Kind[Period] = replace(kinds.period, read=_period, read_fitting=_period)
"""A time to book: exact, or some time in a day or a part of it."""


def exact(period: Period | None) -> bool:
    """Whether a time says from when to when."""
    return period is not None and period.scope is Scope.EXACT and period.end is not None


def within(words: str, rough: Period, now: datetime, fits: Fits) -> Period:
    """What words mean where the day, or the beginning, is known. Raises like `read_period`."""
    here = _inside(rough, fits)
    why: Refused = Unreadable()
    for said in _wholly(words, rough):
        try:
            read = _period(said, now, here, on=rough.start.date())
        except Refused as refused:
            why = refused if isinstance(why, Unreadable) else why
            continue
        if exact(read):
            return read
    raise why


def _wholly(words: str, rough: Period) -> list[str]:
    """The words, with what is known already put before them."""
    if rough.scope is Scope.EXACT:
        start = moments.show_moment(rough.start)
        return [
            f"{start}到{words.removeprefix('到').removeprefix('至')}",
            f"{start} {words}",
            words,
        ]
    return [words, f"{rough.part}{words}"] if rough.part else [words]


def _inside(rough: Period, fits: Fits) -> Fits:
    """Of several readings, one within what was said before."""

    def inside(period: Period) -> bool:
        late = rough.end is not None and (period.end or period.start) > rough.end
        return fits(period) and period.start >= rough.start and not late

    return inside


def of(start: datetime, end: datetime) -> Period:
    """A time from start to end, as the kit has it."""
    here = start.astimezone(moments.HERE), end.astimezone(moments.HERE)
    return Period(*here, length=end - start)


def dump(period: Period) -> str:
    """An exact time as a list's value."""
    return f"{period.start.isoformat()}/{(period.end or period.start).isoformat()}"


def load(value: str) -> Period:
    """Back from a list's value."""
    start, _, end = value.partition("/")
    return of(datetime.fromisoformat(start), datetime.fromisoformat(end))


def minutes(period: Period) -> int:
    """How long an exact time is."""
    return int((period.length or timedelta()).total_seconds()) // 60
