"""Conditions: the words in which they are asked for, and the tags of instruments that meet them."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from store import opening, price
from store.search import units
from store.search.lexicon import Filter, Known
from store.search.tokens import squeeze
from store.search.vocabulary import conditions
from store.stretch import DAY
from store.workdays import Sort

SIMPLE = ("mode", "made", "voucher", "hour", "kind", "per")
MOST = "@most/"
FEE = "@fee/"
FIGURES = 2
"""Digits of a fee that count."""
LONGEST_TAG = 40
HUNDRED = 100
EVENING, NIGHT, WHOLE = 19 * 60, 23 * 60, DAY
"""Open until this minute or later; for so long."""
NO_TOWN = 2
"""A place's name of so many characters is never shown without its last."""


@cache
def conditions_known() -> tuple[Known, ...]:
    """All conditions that are the same everywhere."""
    told = conditions()
    found = [known for kind in SIMPLE for known in _simple(kind, told[kind])]
    for days, entry in told["day"].items():
        ways = [(f"@open/{day}",) for day in days]
        whole = (tuple(token for way in ways for token in way),)
        day = Filter("day", entry["label"], whole if "every" in entry else tuple(ways))
        found += _words(day, entry)
    free = Filter("price", told["price"]["free"], ((f"{MOST}0",),))
    found += _words(free, {"words": told["price"]["free_words"]})
    for names in told["nations"]["names"]:
        nation = Filter("nation", names[0], ((f"@nation/{squeeze(names[0])}",),))
        found += _words(nation, {"words": names})
    return tuple(found)


def _simple(kind: str, entries: dict[str, Any]) -> Iterator[Known]:
    for code, entry in entries.items():
        yield from _words(Filter(kind, entry["label"], ((f"@{kind}/{code}",),)), entry)


def _words(condition: Filter, entry: dict[str, Any]) -> list[Known]:
    return [Known(squeeze(word), word, filter=condition) for word in entry["words"]]


def places_known(names: Iterable[str]) -> Iterator[Known]:
    """Places by their full and short names."""
    for name in filter(None, names):
        short = short_place(name)
        where = Filter("place", short, ((f"@in/{squeeze(short)}",),))
        yield from (Known(squeeze(word), word, filter=where) for word in (name, short))


def units_known(names: Iterable[str]) -> Iterator[Known]:
    """Organisations by their full and short names."""
    for name in filter(None, names):
        for key in units.keys(name):
            unit = Filter("unit", name if key == squeeze(name) else key, ((_unit(key),),))
            yield Known(key, unit.label, filter=unit)


def short_place(name: str) -> str:
    """A place as lists show it: without what says of which rank it is."""
    ends = conditions()["places"]["ends"]
    cut = len(name) > NO_TOWN and name[-1] in ends
    return name[:-1] if cut else name


@lru_cache(maxsize=1 << 13)
def unit_tags(organisation: str) -> tuple[str, ...]:
    """The tags of whatever an organisation has."""
    return tuple(map(_unit, units.keys(organisation)))


def _unit(key: str) -> str:
    return f"@unit/{key[:LONGEST_TAG]}"


@lru_cache(maxsize=1 << 12)
def place_tags(*names: str) -> tuple[str, ...]:
    """The tags of what stands in a county, a city, a province."""
    return tuple(f"@in/{squeeze(short_place(name))}" for name in names if name)


@lru_cache(maxsize=1 << 12)
def opening_tags(words: str) -> tuple[str, ...]:
    """The tags of when it is open in a usual week; of evenings, nights and whole days too."""
    hours = [opening.read(words).table[day * len(Sort)] for day in range(7)]
    longest = [span for spans in hours for span in spans]
    found = [f"@open/{day}" for day, spans in enumerate(hours, 1) if spans]
    if any(end >= EVENING for _, end in longest):
        found.append("@hour/evening")
    if any(end >= NIGHT for _, end in longest):
        found.append("@hour/night")
    if any(end - start >= WHOLE for start, end in longest):
        found.append("@hour/whole")
    return tuple(found)


@lru_cache(maxsize=1 << 10)
def nation_tags(words: str) -> tuple[str, ...]:
    """The tags of where it was made."""
    told, key = conditions()["nations"], squeeze(words)
    if not key:
        return ()
    names = next((names for names in told["names"] if key in map(squeeze, names)), [words.strip()])
    made = "home" if names[0] in told["home"] else "abroad"
    return (f"@nation/{squeeze(names[0])[:LONGEST_TAG]}", f"@made/{made}")


@lru_cache(maxsize=1 << 13)
def figure(words: str) -> int | None:
    """A fee's first figure in fen, of which two digits count, rounded up; 0 where it is free."""
    fee = price.read(words)
    if fee.free:
        return 0
    return _rounded(fee.prices[0].fen, up=True) if fee.prices else None


@lru_cache(maxsize=1 << 13)
def fee_tags(words: str) -> tuple[str, ...]:
    """The tags of a fee: its first figure, and what that is per."""
    found, prices_of = figure(words), price.read(words).prices
    figures = () if found is None else (f"{FEE}{found}",)
    return (*figures, f"@per/{prices_of[0].per}") if prices_of and prices_of[0].per else figures


def fees_up_to(most: str, figures: Iterable[int]) -> list[str]:
    """The tags of all fees that a tag of `at most` takes in."""
    limit = int(most.removeprefix(MOST))
    return [f"{FEE}{each}" for each in figures if each <= limit]


def _rounded(fen: int, *, up: bool) -> int:
    """Fen of which the first two digits count."""
    step: int = 10 ** max(0, len(str(fen)) - FIGURES)
    return -(-fen // step) * step if up else fen // step * step


def prices(plain: str) -> tuple[str, list[Known]]:
    """Normalised words without the prices that they name, and those prices."""
    found: list[Known] = []
    if _hints().isdisjoint(plain):
        return plain, found

    def take(match: re.Match[str]) -> str:
        figures = [figure for figure in match.groups() if figure]
        yuan = _number(figures[-1]) if figures else None
        if yuan is None:
            return match[0]
        found.append(_most(yuan))
        found.extend(_per(match[0]))
        return ","

    for pattern in _patterns():
        plain = pattern.sub(take, plain)
    return plain, found


@cache
def _hints() -> frozenset[str]:
    return frozenset(conditions()["price"]["hints"])


def _most(yuan: float) -> Known:
    fen = _rounded(round(yuan * HUNDRED), up=False)
    label = conditions()["price"]["label"].format(yuan=f"{yuan:g}")
    return Known(f"{MOST}{fen}", filter=Filter("price", label, ((f"{MOST}{fen}",),)))


def _per(price_of: str) -> Iterator[Known]:
    """What a price is per, where its words say so; the first that fits."""
    for code, entry in conditions()["per"].items():
        if any(unit in price_of for unit in entry["units"]):
            yield Known(entry["label"], filter=Filter("per", entry["label"], ((f"@per/{code}",),)))
            return


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    told = conditions()["price"]
    fill = {"N": told["number"], "M": f"(?:{told['money']})"}
    return tuple(re.compile(re.sub("[NM]", lambda m: fill[m[0]], most)) for most in told["most"])


def _number(figure: str) -> float | None:
    """A number in digits or in Chinese; None where it is none."""
    if figure[0].isdigit():
        return float(figure)
    told = conditions()["price"]
    total, last, unit = 0, 0, 1
    for character in figure.replace(told["two"], told["digits"][1]):
        times = told["tens"].get(character)
        if times is None:
            last = told["digits"].index(character) + 1
        else:
            total, last, unit = total + (last or 1) * times, 0, times
    return total + last * (unit // 10 if unit > 10 else 1) or None
