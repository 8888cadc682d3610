"""How keepers write what they set: lengths, counts, hours, days."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.kit import moments
from bot.kit.moments import HERE
from bot.kit.reading import Unreadable, number, plain
from store.errors import Refused
from store.opening import Hours, read
from store.terms import change
from store.terms.change import HoursUnread, Special

COUNTED = frozenset({"grid", "per_week"})


@dataclass(eq=False)
class SpecialUnread(Refused):
    """No day, or no hours, are in the words."""


@cache
def table() -> dict[str, Any]:
    """The words of handlers/terms.toml."""
    return tomllib.loads(Path(__file__).with_name("terms.toml").read_text("utf-8"))


def names() -> dict[str, tuple[str, ...]]:
    """What may be set, each with its names."""
    return {term: tuple(said) for term, said in table()["terms"].items()}


def label(term: str) -> str:
    """How a term is called."""
    return str(table()["terms"][term][0])


def weekdays() -> list[str]:
    """The names of the days, from Monday."""
    return [str(name) for name in table()["week"]["days"]]


def split(said: str) -> tuple[str | None, str]:
    """Which term a line begins with, and the rest: the longest name wins."""
    known = [(name, term) for term, several in names().items() for name in several]
    text = said.strip()
    for name, term in sorted(known, key=lambda each: -len(each[0])):
        if text.startswith(name):
            return term, text[len(name) :].strip(table()["values"]["between"])
    return None, text


def value(term: str, said: str) -> int | bool | None:
    """A length in minutes, a count, yes or no; None for the default. Raises Unreadable, TermOut."""
    words = table()["values"]
    text = plain(said).strip()
    if text in words["reset"]:
        return None
    if term == "approval":
        return _approval(text)
    if text in words["none"]:
        found = 0
    elif term in COUNTED:
        found = _count(text)
    else:
        found = _minutes(text)
    change.check(term, found)
    return found


def _approval(text: str) -> bool:
    words = table()["values"]
    if text in words["no"]:
        return False
    if text in words["yes"]:
        return True
    raise Unreadable


def _count(text: str) -> int:
    found = re.match(table()["values"]["times"], text) or re.match(r"([0-9]+)", text)
    counted = number(found[1]) if found else None
    if counted is None:
        raise Unreadable
    return counted


def _minutes(text: str) -> int:
    words, units = table()["values"], table()["units"]
    found = re.match(words["length"], text)
    if found is None:
        raise Unreadable
    unit = int(units[found[3]])
    if found[1] == words["half"]:
        return unit // 2
    whole = float(found[1]) if found[1][0].isascii() else float(number(found[1]) or 0)
    return int((whole + (0.5 if found[2] or found[4] else 0)) * unit)


def hours(said: str) -> str | None:
    """Weekly hours as they are kept; None for the unit's. Raises HoursUnread."""
    text = " ".join(said.split())
    if text in table()["values"]["reset"]:
        return None
    if not read(text).known:
        raise HoursUnread(text)
    return text


def special(said: str, now: datetime) -> Special:
    """Days that are not as usual. Raises SpecialUnread."""
    words = table()["values"]
    closed = any(word in said for word in words["closed"])
    bare = said
    for word in (*words["closed"], *words["said"]):
        bare = bare.replace(word, " ")
    spans: Hours = () if closed else _spans(bare)
    if not closed and not spans:
        raise SpecialUnread
    why = next((word for word in words["closed"] if word in said), words["changed"])
    return Special(*_days(bare, now), spans, words["told"].get(why, why))


def _spans(said: str) -> Hours:
    return next((hours for hours in read(said).table if hours), ())


def _days(said: str, now: datetime) -> tuple[Any, Any]:
    try:
        period = moments.read_period(said.strip(), now, loose=True)
    except Refused:
        raise SpecialUnread from None
    last = (period.end or period.start) - timedelta(microseconds=1)
    first = period.start.astimezone(HERE).date()
    return first, max(first, last.astimezone(HERE).date())
