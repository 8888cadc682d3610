"""What is meant, as a value: a period, and the reasons for which one is not taken as said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from store.errors import Refused

HERE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time."""


class Scope(StrEnum):
    """How much of the time between start and end is meant."""

    EXACT = "exact"
    """From start to end; without an end, only the beginning was said."""
    PART = "part"
    """Some time in this part of a day: to be matched with what is open and free."""
    DAY = "day"
    """Some time on this day, or in these days."""
    SOON = "soon"
    """As early as possible from the start on."""


@dataclass(frozen=True, slots=True)
class Period:
    """When somebody wants it. Moments are aware, in Asia/Shanghai; the end is not in it."""

    start: datetime
    end: datetime | None = None
    """None: not said (`EXACT`), or no matter when (`SOON`)."""
    scope: Scope = Scope.EXACT
    whole: bool = False
    """Of a part of a day, a day or days: all of it is wanted, as far as it is open."""
    length: timedelta | None = None
    """How long it is to last. Of `EXACT`: from start to end. Else how much of it, if said."""
    part: str = ""
    """The part of the day, by its name."""
    words: str = field(default="", compare=False)
    """What was understood, as it was typed."""

    def __str__(self) -> str:
        """In short, for logs; people are shown it by `show_period`."""
        end = f"/{self.end:%Y-%m-%d %H:%M}" if self.end else ""
        return f"{self.start:%Y-%m-%d %H:%M}{end} {self.scope}"

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "start": self.start.isoformat(),
            "end": self.end and self.end.isoformat(),
            "scope": self.scope.value,
            "whole": self.whole,
            "minutes": self.length and int(self.length.total_seconds()) // 60,
            "part": self.part,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        end, minutes = kept["end"], kept["minutes"]
        return cls(
            datetime.fromisoformat(kept["start"]).astimezone(HERE),
            end and datetime.fromisoformat(end).astimezone(HERE),
            Scope(kept["scope"]),
            bool(kept["whole"]),
            None if minutes is None else timedelta(minutes=minutes),
            str(kept["part"]),
        )


@dataclass(eq=False)
class Offers:
    """A refusal that has readings to choose from, the likeliest first.

    Shown by `show_period(suggestion, now)` each reads back as itself.
    """

    suggestions: tuple[Period, ...] = ()


@dataclass(eq=False)
class Past(Offers, Refused):
    """It is over. Suggested: when it comes again."""


@dataclass(eq=False)
class Impossible(Offers, Refused):
    """There is no such day or hour. Suggested: the days around it."""


@dataclass(eq=False)
class Backwards(Offers, Refused):
    """It ends before it begins."""


@dataclass(eq=False)
class Ambiguous(Offers, Refused):
    """It can mean several times, or no certain one."""


@dataclass(eq=False)
class Unannounced(Offers, Refused):
    """It depends on days off that the State Council has not announced yet."""

    year: int = 0


@dataclass(eq=False)
class Leftover(Offers, Refused):
    """Beside what was understood something is said that may well change it."""

    rest: str = ""


@dataclass(eq=False)
class Lunar(Refused):
    """A day of the old calendar, which the account does not reckon with."""
