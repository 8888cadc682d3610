"""What each expression that is met in a phrase does to the draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from bot.kit.moments import days, weeks
from bot.kit.moments.calendar import FESTIVALS
from bot.kit.moments.draft import Draft, Side
from bot.kit.moments.lasting import WHOLE_DAY, dur
from bot.kit.moments.lexicon import NUMBERS, TABLE, WORDS
from bot.kit.moments.period import Ambiguous
from bot.kit.moments.put import (
    COUNTED,
    MOVED,
    OF_MONTH,
    SPAN,
    WEEKDAY,
    YEAR,
    add,
    at_time,
    less,
    on,
    say_part,
)
from bot.kit.moments.single import ACTIONS

ENGLISH: dict[str, list[str]] = TABLE["english"]
Met: TypeAlias = re.Match[str]
_WEEKDAYS: dict[str, int] = TABLE["weekdays"]


def _stamp(draft: Draft, met: Met) -> None:
    _full(draft, int(met["sy"]), int(met["sm"]), int(met["sd"]))
    if met["sh"]:
        at_time(draft, int(met["sh"]), int(met["smin"]), exact=True)


def _iso(draft: Draft, met: Met) -> None:
    _full(draft, int(met["iy"]), int(met["im"]), int(met["id"]))


def _full(draft: Draft, year: int, month: int, day: int) -> None:
    if any(ref[1] is days.month_and_day for ref in draft.side.refs):
        draft.clash = True  # 11-23 2030-11-23: the year is an hour
    add(draft, YEAR, days.year, year)
    on(draft, month, day)


def _year(draft: Draft, met: Met) -> None:
    said = "".join(str(NUMBERS[sign]) for sign in met["yn"] if sign in NUMBERS)
    whole = int(said) if len(said) == len(met["yn"]) else 0
    add(draft, YEAR, days.year, whole + 2000 if 0 < whole < 100 else whole)


def _md(draft: Draft, met: Met) -> None:
    on(draft, _number(draft, met["mdm"]), _number(draft, met["mdd"]))


def _number(draft: Draft, said: str) -> int:
    """What is written; `二三` is no certain number."""
    draft.clash |= said not in NUMBERS
    return NUMBERS.get(said, 1)


def _month(draft: Draft, met: Met) -> None:
    add(draft, SPAN, days.month, (_number(draft, met["mo"]), met["mospan"] or ""))


def _dom(draft: Draft, met: Met) -> None:
    first = draft.sides[0]
    if draft.at and first.number is not None and not first.refs:
        draft.doubt = draft.doubt or (Ambiguous if first.number <= 12 else None)
        first.refs.append((OF_MONTH, days.day_of_month, first.number))
        first.number = None
    add(draft, OF_MONTH, days.day_of_month, _number(draft, met["dd"]))


def _slash(draft: Draft, met: Met) -> None:
    on(draft, int(met["slm"]), int(met["sld"]))


def _dot(draft: Draft, met: Met) -> None:
    """A date, or where the day is known `9.30` as a time of day."""
    month, day = int(met["dotm"]), int(met["dotd"])
    known = draft.sides[0].refs
    if not (0 < month <= 12 and 0 < day <= 31) and month <= 24 and len(met["dotd"]) == 2:
        at_time(draft, month, day, exact=False)
        return
    if (
        known
        and met["then"] is None
        and len(met["dotd"]) == 2
        and not met[0].endswith(tuple("号日"))
    ):
        dated = known[-1][1] is days.month_and_day and draft.at and not draft.sides[0].timed()
        if not dated:
            at_time(draft, month, day, exact=len(met["dotm"]) == 2 and month < 10)
            return
        draft.doubt = draft.doubt or (Ambiguous if day < 60 and day % 5 == 0 else None)
    on(draft, month, day)


def _dash(draft: Draft, met: Met) -> None:
    """`9-11`: hours where a day or a part of it was said before, else a month and a day."""
    one, other = int(met["dam"]), int(met["dad"])
    side = draft.side
    if not draft.at and (side.refs or side.part) and not side.timed() and max(one, other) <= 24:
        draft.at, side.number, draft.sides[1].number = 1, one, other
        return
    draft.pair = one < other <= 24 and not draft.at
    on(draft, one, other)


def _digital(draft: Draft, met: Met) -> None:
    hour = met["dgh"]
    at_time(draft, int(hour), int(met["dgm"]), exact=hour[0] == "0")
    draft.side.digital = True


def _before(draft: Draft, met: Met) -> None:
    less(draft, met["bh"], met["bm"])


def _clock(draft: Draft, met: Met) -> None:
    hour, half, said, quarters, but = met.group("ch", "chalf", "cm", "cq", "cless")
    if hour not in NUMBERS:  # 三四点
        draft.clash = True
        return
    if but:
        less(draft, hour, met["som"])
        return
    minute = 30 if half else NUMBERS.get(said, 99) if said else 0
    if quarters:
        minute = 15 * NUMBERS[quarters]
    at_time(draft, NUMBERS.get(hour, 99), minute, exact=False)


def _quad(draft: Draft, met: Met) -> None:
    side = draft.side
    month, day = divmod(int(met["quads"]), 100)
    dated = met["quadthen"] is not None and 1 <= month <= 12 and 1 <= day <= 31
    if dated and (draft.sides[0].refs if draft.at else not (side.refs or side.timed())):
        on(draft, month, day)
        return
    if side.digits or side.timed():
        if draft.at or side.timed():
            draft.clash = True
        else:
            _mmdd(draft, side)
    side.digits = met["quads"]


def _mmdd(draft: Draft, side: Side) -> None:
    """What were four digits is a month and a day, since others follow."""
    digits, side.digits = side.digits.zfill(4), ""
    on(draft, int(digits[:2]), int(digits[2:]))


def _num(draft: Draft, met: Met) -> None:
    value = NUMBERS.get(met[0])
    if value is None or draft.side.number is not None:
        draft.rest.append(met[0])
    draft.side.number = value


def _weekday_of(said: str | None) -> days.Weekday:
    return _WEEKDAYS.get(said, said) if said else None


def _week(draft: Draft, met: Met) -> None:
    pre, day = met["wpre"], days.WEEKEND if met["wend"] else _weekday_of(met["wday"])
    if pre is None:
        add(draft, WEEKDAY, weeks.weekday, day)
        return
    ahead = pre.count("下") - pre.count("上")
    add(draft, SPAN, weeks.week, (min(max(ahead, -600), 600), day))


def _rmonth(draft: Draft, met: Met) -> None:
    ahead = met["mpre"].count("下") - met["mpre"].count("上")
    add(draft, SPAN, days.month_ahead, (min(max(ahead, -60), 60), met["rmspan"] or ""))


def _ord(draft: Draft, met: Met) -> None:
    n = -1 if met["olast"] else NUMBERS.get(met["on"], 0) if met["on"] else 1
    of = "work" if met["owork"] else "day" if met["oday"] else "week" if met["oweek"] else "weekday"
    if not n:
        draft.clash = True
    add(draft, COUNTED, weeks.nth, (n, of, _WEEKDAYS.get(met["owd"] or "", 0)))


def _work(draft: Draft, met: Met) -> None:
    n = met["wk"].count("下") or 1 if met["wk"] else 0
    add(draft, COUNTED, weeks.working_day, min(n, 60))


def _shift(draft: Draft, met: Met) -> None:
    n = 1 if met["slast"] or not met["sn"] else NUMBERS.get(met["sn"], 0)
    if not n or (n > 1 and "第" not in met[0]):
        draft.doubt = draft.doubt or Ambiguous
    of = "weekday" if met["swd"] else "day" if met["su"] in WHOLE_DAY else "work"
    wanted = _WEEKDAYS.get(met["swd"] or "", 0)
    add(draft, MOVED, weeks.shifted, (-n if met["sdir"] == "前" else n, of, wanted))


def _feasts(draft: Draft, met: Met) -> None:
    if draft.rest:  # of some other feast
        draft.rest.append(met[0])
    add(draft, COUNTED, weeks.holidays_of, None)


def _whole(draft: Draft, met: Met) -> None:
    draft.whole = True
    if met["wpart"]:
        say_part(draft, WORDS[met["wpart"]][1] if met["wpart"] != "夜" else "夜里")


def _edge(draft: Draft, met: Met) -> None:
    """`周三前` is some day before it; `三点以后` is no certain time."""
    if draft.side.timed() or draft.side.part or not draft.side.refs:
        draft.doubt = draft.doubt or Ambiguous
        draft.clash |= met["edir"] == "前"
        return
    add(draft, MOVED, weeks.around, 1 if met["edir"] == "后" else -1)


def _english(draft: Draft, met: Met) -> None:
    if met["enw"]:
        add(draft, WEEKDAY, weeks.weekday, ENGLISH["weekdays"].index(met["enw"]))
        return
    on(draft, ENGLISH["months"].index(met["enm"]) + 1, int(met["end"]))


def _later(draft: Draft, _met: Met) -> None:
    draft.later = True


def _dashed(draft: Draft, _met: Met) -> None:
    ACTIONS["to"](draft, "-")


def _eleventh(draft: Draft, _met: Met) -> None:
    add(draft, SPAN, weeks.feast, FESTIVALS[-1])


HANDLERS: dict[str, Callable[[Draft, Met], None]] = {
    "clock": _clock,
    "week": _week,
    "digital": _digital,
    "dur": dur,
    "md": _md,
    "dom": _dom,
    "num": _num,
    "stamp": _stamp,
    "iso": _iso,
    "year": _year,
    "month": _month,
    "slash": _slash,
    "dot": _dot,
    "dash": _dash,
    "before": _before,
    "quad": _quad,
    "rmonth": _rmonth,
    "ord": _ord,
    "work": _work,
    "shift": _shift,
    "feasts": _feasts,
    "english": _english,
    "later": _later,
    "dashed": _dashed,
    "eleventh": _eleventh,
    "whole": _whole,
    "edge": _edge,
}
"""What everything that `SCAN` meets does."""
