"""What is said with a length does: how long, or how long from now."""

from __future__ import annotations

import re
from typing import TypeAlias

from bot.kit.moments import days, weeks
from bot.kit.moments.draft import Draft
from bot.kit.moments.lexicon import NUMBERS
from bot.kit.moments.period import Ambiguous
from bot.kit.moments.put import SPAN, Narrow, add
from bot.kit.reading import number

Met: TypeAlias = re.Match[str]
_UNITS = {"小时": 60, "钟头": 60, "钟": 60, "分钟": 1, "分": 1, "刻钟": 15}


def dur(draft: Draft, met: Met) -> None:
    """`两个半小时`, `三天后`, `一周内`."""
    unit, to = met["du"], met["dur_to"] or ("后" if draft.later else None)
    draft.later = False
    value = _amount(met)
    if value is None:  # 两三天
        draft.rest.append(met[0])
        draft.clash = True
    elif unit == "工作日":
        _later(draft, to, weeks.working_day, value)
    elif unit in _UNITS or unit[0] in "hm":
        minutes = value * _UNITS.get(unit, 60 if unit[0] == "h" else 1)
        minutes += NUMBERS.get(met["dmin"] or met["dmin2"] or "0", 0)
        _lasting(draft, to, round(minutes))
    elif unit[-1] in "月年":
        _later(draft, to, days.months_after, value * (12 if unit == "年" else 1))
    else:
        _of_days(draft, unit, to, value * (1 if unit[0] in WHOLE_DAY else 7))


def _amount(met: Met) -> float | None:
    said = met["dn"]
    half = 0.5 if met["dhalf"] or met["dhalf2"] or met["du"] == "半月" else 0.0
    if said == "半":
        return 0.5
    if said[0] in "0123456789":
        return float(said) + half
    value = number(said) if "百" in said else NUMBERS.get(said)
    return None if value is None else value + half


def _lasting(draft: Draft, to: str | None, minutes: int) -> None:
    if to is None:
        draft.clash |= not minutes or (draft.minutes is not None and draft.minutes != minutes)
        draft.minutes = minutes
    elif to.endswith("后"):
        draft.side.ahead = (draft.side.ahead or 0) + minutes
    else:
        draft.doubt = draft.doubt or Ambiguous
        draft.clash = True


def _of_days(draft: Draft, unit: str, to: str | None, value: float) -> None:
    if to is None or to == "里":
        draft.half_day |= value == 0.5
        draft.clash |= bool(draft.days) and draft.days != value
        draft.days = value
    elif to.endswith("内") and value < 100:
        add(draft, SPAN, days.within, round(value))
    elif value == int(value):
        weekly = unit[0] not in WHOLE_DAY
        _later(draft, to, weeks.weeks_after if weekly else days.ahead, value)
    else:
        draft.clash = True


def _later(draft: Draft, to: str | None, narrow: Narrow, value: float) -> None:
    """`三天后` is a day; `三天内` and `三天前` are none."""
    if value == 0.5 and narrow is days.months_after:
        narrow, value = days.ahead, 15
    if to is None or not to.endswith(("后", "前")) or value != int(value) or value > 3000:
        draft.clash = True
        return
    add(draft, SPAN, narrow, int(value) if to.endswith("后") else -int(value))


WHOLE_DAY = frozenset("天日")
