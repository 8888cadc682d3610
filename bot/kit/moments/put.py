"""What the words of a phrase have in common: a day said, an hour said, a part of the day said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from bot.kit.moments import days
from bot.kit.moments.draft import At, Days, Draft
from bot.kit.moments.lexicon import NUMBERS, TABLE

Narrow: TypeAlias = Callable[[Days | None, At, Any], Days]
YEAR, SPAN, OF_MONTH, WEEKDAY, COUNTED, MOVED = range(6)
"""Ranks: what is about the day is taken in this order, however it was said."""


def add(draft: Draft, rank: int, narrow: Narrow, fact: Any) -> None:  # noqa: ANN401 - the word's own
    """Say something of the day; said after the end's hour, it is the day of both."""
    side = draft.side
    if draft.at and side.hour is not None and not draft.sides[0].refs:
        side = draft.sides[0]
    side.refs.append((rank, narrow, fact))


def on(draft: Draft, month: int, day: int) -> None:
    """Say a month and a day of it."""
    add(draft, SPAN, days.month_and_day, (month, day))


def at_time(draft: Draft, hour: int, minute: int, *, exact: bool) -> None:
    """Say a time of day; a second one is the end if a `开始` stands between."""
    side = draft.side
    if side.timed():
        draft.clash |= not draft.begun or draft.at == 1
        draft.at = 1
        side = draft.side
    side.hour, side.minute, side.exact = hour, minute, exact


def less(draft: Draft, said: str, minutes: str | None) -> None:
    """Say an hour but for some minutes; without them, but for a quarter."""
    hour = NUMBERS.get(said, 99)
    minute = NUMBERS.get(minutes, 0) if minutes else 15
    at_time(
        draft, hour - 1 if hour > 1 else 12, 60 - minute if 0 < minute < 60 else 99, exact=False
    )


def say_part(draft: Draft, part: str) -> None:
    """Say a part of the day."""
    side = draft.side
    if side.part and side.part != part:
        side.part = _both(side.part, part)
        draft.clash |= not side.part
        return
    side.part = part


def _both(one: str, other: str) -> str:
    """`晚上凌晨` and the like: the one that is narrower; nothing where they deny each other."""
    for name in (one, other):
        a, b = (TABLE["parts"][each]["hours"] for each in (one, other))
        if TABLE["parts"][name]["hours"] == [max(a[0], b[0]), min(a[1], b[1])]:
            return name
    return ""
