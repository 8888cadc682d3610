"""When an instrument is open, read from the words of its ledger into tags."""

import re
from functools import cache, lru_cache
from typing import Any

from store.search.tokens import normalise
from store.search.vocabulary import conditions

WEEK = 7
EVENING, NIGHT = 19, 23
"""Open until this hour or later."""
_BLANKS = re.compile(r"\s+")


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = conditions()["hours"]
    return found


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    told = _words()
    day, names, span = told["day"], told["names"], told["range"]
    one = rf"{day}?([{names}])"
    days = re.compile(rf"{day}([{names}])(?:{span}{one})?((?:{told['between']}{one})*)")
    times = re.compile(rf"{told['time']}{span}{told['time'].replace('|(?=-)', '|')}")
    return re.compile(told["not_then"]), days, times, re.compile(rf"[{names}]")


@lru_cache(maxsize=1 << 12)
def opening(words: str) -> frozenset[str]:
    """Tags of when it is open: `1` to `7`, `evening`, `night`, `whole`; none where nothing says."""
    closed, days, times, _ = _patterns()
    text = closed.sub("", _BLANKS.sub("", normalise(words)))
    found = set(_days(text, days))
    ends = [int(match[3]) for match in times.finditer(text)]
    if ends and not found:
        found.update(map(str, range(1, 6)))
    told = _words()
    found.update(part for part in ("whole", "night", "evening") if _says(text, told[part]))
    if "night" in found or any(end >= EVENING or end <= 6 for end in ends):
        found.add("evening")
    if any(end >= NIGHT for end in ends):
        found.add("night")
    return frozenset(found)


def _days(text: str, pattern: re.Pattern[str]) -> set[str]:
    told, found = _words(), set[int]()
    if _says(text, told["every_day"]):
        found.update(range(1, WEEK + 1))
    if _says(text, told["work_days"]):
        found.update(range(1, WEEK - 1))
    if _says(text, told["weekend"]):
        found.update((WEEK - 1, WEEK))
    for match in pattern.finditer(text):
        first, last = _number(match[1]), _number(match[2] or match[1])
        found.update(range(first, last + 1))
        found.update(_number(name) for name in _patterns()[3].findall(match[3]))
    return {str(day) for day in found}


def _number(name: str) -> int:
    names: str = _words()["names"]
    return min(WEEK, names.index(name) + 1)


def _says(text: str, words: list[str]) -> bool:
    return any(word in text for word in words)
