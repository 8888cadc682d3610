"""The tables of needs.toml: what is asked of what, and with which instruments it is found out.

They are checked as they are read: whatever is unknown, missing, named twice or contradicts itself
is refused with a `ValueError` that says where.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from store.search.tokens import HAN, normalise
from store.search.vocabulary import aliases

FILE = Path(__file__).with_name("needs.toml")
GROUP = "@"
WEAK = "~"
HEAD = 2
"""Characters by which it is known how long phrases may be."""

_PIECE = re.compile(rf"([{HAN}]+)|[^\W_{HAN}]+")
_LINK = re.compile(r"[-\u2010-\u2015.+\u00b7_]?")

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody may want to know of something, and how it is found out."""

    name: str
    matter: tuple[str, ...]
    """What it is known of; what it typically is of when it holds `anywhere`."""
    anywhere: bool
    asks: tuple[str, ...]
    """As people say it, groups opened."""
    weak: frozenset[str]
    """Those of the asks that mean nothing alone."""
    methods: tuple[str, ...]
    """Full names of instruments, the one to take first in front."""
    limits: str
    """What decides between them: detection limit, range, form or size of the sample."""
    basis: tuple[str, ...]
    """Methods and standards, else the principle."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The needs that one ask may mean."""

    of: Mapping[str, Need]
    """By matter: those that hold for it alone before the one that holds anywhere."""
    anywhere: Need | None
    first: Need
    weak: bool
    """Whether it means nothing alone."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word of the tables: the matters that it names, the needs that it asks for, both or none."""

    key: str
    matters: tuple[str, ...]
    ask: Ask | None


@dataclass(frozen=True, slots=True)
class Tables:
    """All needs, and the phrases by which they are found."""

    needs: Mapping[str, Need]
    lines: Mapping[str, tuple[str, ...]]
    """Of each matter, itself and then ever wider ones."""
    phrases: Mapping[str, Phrase]
    sizes: Mapping[str, tuple[int, ...]]
    """How long the phrases are that begin with two characters, or with one that is a phrase."""
    support: tuple[str, ...]
    """Words beside which a weak ask counts."""
    skip: str
    """The character that questions are read without."""


def fold(plain: str, skip: str) -> tuple[str, list[int]]:
    """Normalised text as phrases are compared, and where each of its characters came from.

    Only letters, digits and Chinese characters are left, and one blank between Latin words.
    """
    letters: list[str] = []
    places: list[int] = []
    end, latin = 0, False
    for piece in _PIECE.finditer(plain):
        word, start = piece.group(), piece.start()
        apart = latin and not piece[1] and not _LINK.fullmatch(plain, end, start)
        latin, end = not piece[1], piece.end()
        letters.append(f" {word}" if apart else word.replace(skip, ""))
        places += [at for at in range(start - apart, end) if plain[at] != skip]
    return "".join(letters), places


@cache
def instruments() -> frozenset[str]:
    """The full names of aliases.toml."""
    return frozenset(name for table in aliases().values() for name in table)


@cache
def tables() -> Tables:
    """The tables of the file here."""
    return build(tomllib.loads(FILE.read_text(encoding="utf-8")))


def build(raw: Raw) -> Tables:
    """Check the tables as they were written and make the phrases.

    Raises ValueError for what does not hold together.
    """
    _only("tables", raw, ("reading", "matter", "group", "need"))
    reading: Raw = raw["reading"]
    _only("reading", reading, ("skip", "support", "deaf"))
    lines = {name: tuple(_wider(name, raw["matter"])) for name in raw["matter"]}
    needs = {name: _need(name, table, raw) for name, table in raw["need"].items()}
    phrases = {one.key: one for one in _phrases(needs, raw["matter"], reading)}
    support, skip = tuple(reading["support"]), reading["skip"]
    return Tables(needs, lines, phrases, _sizes(phrases), support, skip)


def _wider(name: str, matters: Raw) -> Iterator[str]:
    """A matter and the ever wider ones."""
    seen: dict[str, None] = {}
    here: str | None = name
    while here is not None:
        if here not in matters or here in seen:
            raise ValueError(f"matter {name}: no way up at {here}")
        seen[here] = None
        _only(f"matter {here}", matters[here], ("words", "in"))
        here = matters[here].get("in")
    return iter(seen)


def _need(name: str, table: Raw, raw: Raw) -> Need:
    where = f"need {name}"
    _only(where, table, ("matter", "anywhere", "asks", "methods", "limits", "basis"))
    asks, weak = _asks(where, table["asks"], raw["group"])
    matter = _each(where, table.get("matter", ()), raw["matter"])
    anywhere = bool(table.get("anywhere", False))
    names = _each(where, table["methods"], instruments())
    basis = tuple(table["basis"])
    if not (asks and names and all(basis) and basis and (matter or anywhere)):
        raise ValueError(f"{where}: incomplete")
    return Need(name, matter, anywhere, asks, weak, names, table.get("limits", ""), basis)


def _asks(where: str, asks: Iterable[str], groups: Raw) -> tuple[tuple[str, ...], frozenset[str]]:
    """The asks with their groups opened, and the weak ones among them."""
    found: list[str] = []
    weak: set[str] = set()
    for ask in asks:
        if ask.startswith(GROUP):
            found += groups[_each(where, [ask.removeprefix(GROUP)], groups)[0]]
            continue
        found.append(ask.removeprefix(WEAK))
        if ask.startswith(WEAK):
            weak.add(found[-1])
    return tuple(dict.fromkeys(found)), frozenset(weak)


def _phrases(needs: Mapping[str, Need], matters: Raw, reading: Raw) -> Iterator[Phrase]:
    skip = reading["skip"]
    named: dict[str, list[str]] = {}
    for matter, table in matters.items():
        for word in dict.fromkeys(_key(word, skip) for word in (matter, *table["words"])):
            named.setdefault(word, []).append(matter)
    asked: dict[str, dict[Need, bool]] = {}
    for need in needs.values():
        for word in need.asks:
            asked.setdefault(_key(word, skip), {})[need] = word in need.weak
    deaf = {_key(word, skip) for word in reading["deaf"]}
    for key in named.keys() | asked.keys() | deaf:
        ask = _ask(key, asked[key]) if key in asked else None
        yield Phrase(key, tuple(named.get(key, ())), ask)


def _ask(key: str, found: Mapping[Need, bool]) -> Ask:
    """What an ask means, by matter; two answers for one matter are a contradiction."""
    of: dict[str, Need] = {}
    everywhere = [need for need in found if need.anywhere]
    for need in found:
        for matter in () if need.anywhere else need.matter:
            if of.setdefault(matter, need) is not need:
                raise ValueError(f"ask {key} of {matter}: {of[matter].name} and {need.name}")
    if len(everywhere) > 1:
        raise ValueError(f"ask {key}: {everywhere[0].name} and {everywhere[1].name}")
    if len(set(found.values())) > 1:
        raise ValueError(f"ask {key}: weak in one need and not in another")
    typical = {matter: need for need in everywhere for matter in need.matter}
    weak = len(key) == 1 or next(iter(found.values()))
    return Ask(typical | of, everywhere[0] if everywhere else None, next(iter(found)), weak)


def _sizes(keys: Iterable[str]) -> dict[str, tuple[int, ...]]:
    sizes: dict[str, set[int]] = {}
    for key in keys:
        sizes.setdefault(key[:HEAD], set()).add(len(key))
    for head, found in sizes.items():
        if head[0] in sizes:
            found.add(1)
    return {head: tuple(sorted(found)) for head, found in sizes.items()}


def _key(word: str, skip: str) -> str:
    """A word as it is looked for in a folded question."""
    key, _ = fold(normalise(word), skip)
    if not key:
        raise ValueError(f"word {word!r}: nothing is left of it")
    return key


def _only(where: str, table: Raw, known: Collection[str]) -> None:
    unknown = sorted(table.keys() - set(known))
    if unknown:
        raise ValueError(f"{where}: unknown {unknown}")


def _each(where: str, names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The names, if all are known and none stands twice."""
    found = tuple(names)
    wrong = [name for name in found if name not in known or found.count(name) > 1]
    if wrong:
        raise ValueError(f"{where}: unknown or twice {wrong}")
    return found
