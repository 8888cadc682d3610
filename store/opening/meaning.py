"""What single pieces mean: which days, which part of a day, how long before."""

from collections.abc import Mapping
from datetime import timedelta

from store.opening.cells import (
    EVERY,
    HOLIDAYS,
    REST,
    WEEK,
    WEEKEND,
    WORKING,
    Cells,
    Span,
    weekdays,
)
from store.opening.pieces import words

_KINDS: Mapping[str, Cells] = {
    "weekend": WEEKEND,
    "rest": REST,
    "holiday": HOLIDAYS,
    "work": WORKING,
    "all_days": EVERY,
}


def days_of(kind: str, found: Mapping[str, str]) -> Cells:
    """The days that a piece names."""
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "range":
        first, last = (_weekday(found.get(end) or found[f"{end}_en"]) for end in ("first", "last"))
        length = (last - first) % 7 + 1
        return EVERY if length == 7 else weekdays((first + n) % 7 for n in range(length))
    names = found.get("names") or found.get("number") or ""
    which = [_weekday(found["english"])] if "english" in found else map(_weekday, _names(names))
    return weekdays(set(which))


def _names(said: str) -> list[str]:
    return [char for char in said if char in words()["days"]["all"]]


def _weekday(name: str) -> int:
    """0 for Monday."""
    told = words()["days"]
    if name in told["english"]:
        return int(told["english"].index(name))
    at = int(name) - 1 if name.isdigit() else told["chinese"].find(name)
    return int(at) if at in WEEK else 6


def part_of(name: str) -> tuple[Span, Span, bool]:
    """When a part of the day is; what is closed with it; whether offices are open then."""
    part = next(each for each in words()["parts"].values() if name in each["words"])
    lasts = (int(part["from"]), int(part["to"]))
    return lasts, (int(part["shut"][0]), int(part["shut"][1])), bool(part["office"])


def notice_of(found: Mapping[str, str]) -> tuple[timedelta | None, bool]:
    """How long before, and whether its days are working days."""
    told = words()["units"]
    count, unit = (_first(found, name) for name in ("count", "unit"))
    if not count:
        return None, False
    working = unit in told["working"]
    minutes = told["minutes"].get("day" if working else unit, 0)
    half = count == words()["units"]["half"]
    return timedelta(minutes=minutes / 2 if half else minutes * int(count)), working


def _first(found: Mapping[str, str], name: str) -> str:
    return next((found[each] for each in (name, f"{name}2", f"{name}3") if each in found), "")
