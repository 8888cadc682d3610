"""The data files of search, read once."""

import tomllib
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DATA = ("aliases.toml", "english.toml", "filters.toml", "makers.toml", "pinyin.txt")
CODE = (
    "tokens.py",
    "entry.py",
    "layout.py",
    "filters.py",
    "spell.py",
    "pinyin.py",
    "units.py",
    *(f"../opening/{name}" for name in ("words.toml", "pieces.py", "meaning.py", "groups.py")),
    *(f"../opening/{name}" for name in ("clock.py", "cells.py", "read.py")),
)
"""What decides by which tokens an instrument is found."""


@cache
def aliases() -> dict[str, dict[str, list[str]]]:
    """By class and full name, its other names."""
    return _read("aliases.toml")


@cache
def manners() -> dict[str, Any]:
    """Words that say nothing, by their kind."""
    return _read("manners.toml")


@cache
def conditions() -> dict[str, Any]:
    """Conditions in words, by their kind."""
    return _read("filters.toml")


@cache
def makers() -> list[list[str]]:
    """The names of each maker; the first is how an answer repeats it."""
    names: list[list[str]] = _read("makers.toml")["names"]
    return names


@cache
def english() -> dict[str, list[str]]:
    """English words of the trade, with the Chinese words that they stand for."""
    return _read("english.toml")


@cache
def fingerprint() -> str:
    """Changes whenever an index made with these files must be made anew."""
    files = [
        *CODE,
        "units.py",
        "aliases.toml",
        "english.toml",
        "makers.toml",
        "filters.toml",
        "pinyin.txt",
    ]
    data = b"".join((FOLDER / name).read_bytes() for name in files)
    return blake2b(data, digest_size=8).hexdigest()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
