"""A phrase taken apart: two sides, each with its days and its hour, and how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from store.errors import Refused

Span: TypeAlias = tuple[int, int]
"""The first and the last day, as ordinals."""


@dataclass(slots=True)
class Days:
    """The days that can be meant, the likeliest first; several spans are a question."""

    spans: tuple[Span, ...]
    doubt: type[Refused] | None = None
    """Why even a single one has to be asked about."""
    feast: str = ""
    """The public holiday whose day it is."""
    week: bool = False
    """Whether any day of that week may be meant, if another word says which."""


@dataclass(slots=True)
class At:
    """From where days are counted."""

    today: int
    base: int
    """The day on which the period begins, for its end; else today."""
    year: int
    month: int
    day: int
    second: bool = False
    """Whether the end's day is looked for."""


Ref: TypeAlias = tuple[int, Callable[[Days | None, At, Any], Days], Any]
"""One word about the day: its rank (what stands before what), what it does to the days so far."""


class Side:
    """What is said of the beginning, or of the end."""

    refs: list[Ref]
    part: str = ""
    hour: int | None = None
    minute: int = 0
    exact: bool = False
    """Whether the hour is surely one of 24."""
    digital: bool = False
    """Whether it was written with a colon; both ends are then of the same clock."""
    number: int | None = None
    """A number without a unit: an hour or a day, by what the other side is."""
    digits: str = ""
    """Three or four digits: an hour with its minutes, or a month with its day."""
    ahead: int | None = None
    """Minutes from now."""
    same: bool = False
    """The time of day that it is now."""

    def __init__(self) -> None:
        self.refs = []

    def empty(self) -> bool:
        """Whether nothing is said."""
        return not (
            self.refs
            or self.part
            or self.hour is not None
            or self.number is not None
            or self.digits
            or self.ahead is not None
            or self.same
        )

    def timed(self) -> bool:
        """Whether it has a time of day."""
        return self.hour is not None or self.ahead is not None or self.same


class Draft:
    """A phrase as far as it is read."""

    sides: tuple[Side, Side]
    at: int = 0
    """The side that is being read."""
    minutes: int | None = None
    """How long it is to last."""
    days: float = 0
    """The same, in whole days."""
    half_day: bool = False
    whole: bool = False
    later: bool = False
    """Whether `过` stands before a length: it is until then."""
    between: bool = False
    soon: bool = False
    any: bool = False
    dash: bool = False
    """Whether a sign stood for `到`, which may be there for nothing."""
    ended: bool = False
    begun: bool = False
    """Whether `开始` was said, after which a second hour is the end."""
    pair: bool = False
    """Whether what was taken for a month and a day can be two hours."""
    until: Sequence[Ref] = ()
    """The last of several days that have the same hours."""
    doubt: type[Refused] | None = None
    settled: bool = False
    """Whether its numbers have got their meaning."""
    other: tuple[tuple[int, int], ...] = ()
    """Hours and minutes, where what was taken for a day can be these as well."""
    other_of: bool = False
    """Whether it is that other reading."""
    clash: bool = False
    """Whether it says two things where there is room for one."""
    never: bool = False
    """Whether it says when not."""
    rest: list[str]
    """What is not understood."""
    first: int = -1
    last: int = 0
    """Where what was understood begins and ends."""

    def __init__(self) -> None:
        self.sides = Side(), Side()
        self.rest = []

    @property
    def side(self) -> Side:
        """The side that is being read."""
        return self.sides[self.at]

    def lasting(self) -> bool:
        """Whether it says how long."""
        return bool(self.minutes is not None or self.days or self.half_day or self.whole)

    def empty(self) -> bool:
        """Whether nothing in it is about time."""
        first, last = self.sides
        if not first.empty() or not last.empty():
            return False
        return not (self.lasting() or self.soon or self.any or self.clash)
