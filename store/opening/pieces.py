"""A ledger's words on opening hours, cut into the pieces that are understood."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LONGEST = 400
"""Characters that are read."""
BREAKS = frozenset({"strong", "weak", "open_bracket", "close_bracket"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: its kind, where it stands, and what was found in it."""

    kind: str
    start: int
    end: int
    found: dict[str, str]


@cache
def words() -> dict[str, Any]:
    """The patterns of store/opening/words.toml."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def _pattern() -> re.Pattern[str]:
    kinds = (f"(?P<k_{kind}>{_named(kind, each)})" for kind, each in words()["pieces"].items())
    return re.compile("|".join(kinds))


def _named(kind: str, pattern: str) -> str:
    """A pattern whose groups bear the name of their kind: names must not repeat."""
    return pattern.replace("(?P<", f"(?P<{kind}__")


@cache
def _same() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), plain) for pattern, plain in words()["same"].items()]


@cache
def _numeral() -> re.Pattern[str]:
    return re.compile(words()["numerals"]["pattern"])


def plain(text: str) -> str:
    """Words in narrow forms and lower case, with hours and days in digits."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    text = _numeral().sub(_digits, text)
    for pattern, same in _same():
        text = pattern.sub(same, text)
    return text


def _digits(found: re.Match[str]) -> str:
    """A Chinese numeral below a hundred."""
    told = words()["numerals"]
    value = told["values"]
    high, ten, low = found[0].rpartition(told["ten"])
    if not ten:
        return "".join(str(value[char]) for char in found[0])
    return str(value.get(high, 1) * 10 + value.get(low, 0))


def cut(text: str) -> Iterator[Piece]:
    """The pieces of plain words, in order; what is none is left out."""
    for found in _pattern().finditer(text):
        kind = (found.lastgroup or "").partition("__")[0].removeprefix("k_")
        yield Piece(kind, found.start(), found.end(), _groups(found))


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {
        name.partition("__")[2]: said
        for name, said in found.groupdict().items()
        if said is not None and "__" in name
    }
