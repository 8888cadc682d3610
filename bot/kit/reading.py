"""How people write: full-width digits, Chinese numerals, `第二个`, yes and no.

Every function takes any text at all, in bounded time, and reads or refuses; none guesses.
Moments have a room of their own, `moments`; words that are recognised, `vocabulary.toml`.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from unicodedata import is_normalized, normalize

from store.errors import Refused

VOCABULARY: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8")
)
LONGEST = 500
"""Characters that are looked at; an answer or a command is never longer."""
KEPT = 1_024
"""Messages whose plain forms are remembered."""
DIGITS = 12
"""The longest whole number that is read."""


@dataclass(eq=False)
class Unreadable(Refused):
    """The words are not an answer of this kind."""


@dataclass(eq=False)
class OutOfRange(Refused):
    """The number is too small or too large."""

    low: int
    high: int


@dataclass(eq=False)
class TooLong(Refused):
    """The text has more characters than are kept."""

    longest: int


_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff0-\ufffb\ud800-\udfff]"
)
"""Control, direction and width-less characters (the emoji joiner stays) and half surrogates."""


def clean(words: str) -> str:
    """Free text as it is kept: nothing invisible in it, no blanks around it, otherwise as typed."""
    return _UNSEEN.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).strip()


@lru_cache(maxsize=KEPT)  # one message is looked at from several sides
def plain(words: str) -> str:
    """Text as it is compared: half-width, lower case, single blanks, the first 500 characters."""
    words = words[:LONGEST]
    if not words.isascii() and not is_normalized("NFKC", words):
        words = normalize("NFKC", words)
    if _UNSEEN.search(words):
        words = _UNSEEN.sub("", words)
    return " ".join(words.lower().split())


_AROUND = " .。,，!！?？~～、;；:：\"'“”‘’「」『』【】《》<>[]…"


@lru_cache(maxsize=KEPT)
def bare(words: str) -> str:
    """A command or a short answer: plain, without blanks or punctuation around it."""
    return plain(words).replace(" ", "").strip(_AROUND)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMERALS = str.maketrans(VOCABULARY["numerals"])
NUMERAL = f"(?:[0-9]{{1,{DIGITS}}}|[0-9{''.join(VOCABULARY['numerals'])}]{{1,{DIGITS}}})"
_THOUSANDS = re.compile(r"(?:([1-9])q)?0?(?:([1-9])b)?0?(?:([1-9])?(s))?0?([1-9])?")
_SHORT = re.compile(r"([qb])([1-9])$")
_LOWER = {"q": "b", "b": "s"}


def number(words: str) -> int | None:
    """The whole number that digits or Chinese numerals write, else None."""
    text = plain(words)
    if len(text) > DIGITS or not text:
        return None
    text = text.translate(_NUMERALS)
    if text.isascii() and text.isdigit():
        return int(text)
    high, ten_thousand, low = text.partition("w")
    if not ten_thousand:
        return _thousands(text)
    return _sum(_thousands(high), _thousands(low + "q" if len(low) == 1 else low) if low else 0)


def _sum(high: int | None, low: int | None) -> int | None:
    return None if high is None or low is None else high * 10_000 + low


def _thousands(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    text = _SHORT.sub(lambda short: short[0] + _LOWER[short[1]], text)
    match = _THOUSANDS.fullmatch(text)
    if match is None or not text:
        return None
    q, b, tens, s, ones = match.groups(default="0")
    ten = int(tens) or 1 if s == "s" else 0
    return int(q) * 1000 + int(b) * 100 + ten * 10 + int(ones)


_COUNT = re.compile(f"({NUMERAL})(?:{_any_of(VOCABULARY['measure']['words'])})?")


def count(words: str) -> int | None:
    """A number of things, with or without its measure word (`3`, `三台`, `两个`), else None."""
    match = _COUNT.fullmatch(bare(words))
    return number(match[1]) if match else None


_CHOICE = re.compile(
    rf"(?:{_any_of(VOCABULARY['choice']['before'])})?"
    rf"(?:第({NUMERAL})(?:{_any_of(VOCABULARY['measure']['words'])})?|\(?({NUMERAL})\)?)"
    rf"(?:{_any_of(VOCABULARY['choice']['after'])})*"
)
_LAST = frozenset(VOCABULARY["choice"]["last"])
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")


def choice(words: str, n: int) -> int | None:
    """Which of `n` numbered lines is meant, counted from 1 (it may be past the end), else None."""
    line = _line(words)
    return (n or None) if line == -1 else line


@lru_cache(maxsize=KEPT)
def _line(words: str) -> int | None:
    """The numbered line that is meant; -1 for the last."""
    text = bare(words).translate(_KEYCAP)
    if text in _LAST:
        return -1
    match = _CHOICE.fullmatch(text)
    return number(match[1] or match[2]) if match else None


_YES = frozenset(VOCABULARY["yes"]["words"])
_NO = frozenset(VOCABULARY["no"]["words"])


def yes(words: str) -> bool | None:
    """Whether a short answer says yes or no; None when it says neither."""
    text = bare(words)
    return True if text in _YES else False if text in _NO else None


_TALK = {word: meaning for meaning, several in VOCABULARY["talk"].items() for word in several}


def steering(words: str) -> str | None:
    """What the words do to a talk: back, cancel, confirm, change, resume, next or previous."""
    return _TALK.get(bare(words))


def to_change(words: str) -> int | None:
    """Which answer is to be changed (`修改2`), 0 when that is not said (`修改`); else None."""
    text = bare(words)
    for word in VOCABULARY["talk"]["change"]:
        if text.startswith(word):
            return 0 if text == word else choice(text.removeprefix(word), 0)
    return None


def said(meaning: str) -> str:
    """The word by which a meaning of `steering` is offered."""
    word: str = VOCABULARY["talk"][meaning][0]
    return word


_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})(?:(?:-|转)(\d{1,6}))?", re.ASCII)


def phone(words: str) -> str:
    """A mobile or landline number as it is kept: `13800001234`, `0354-1234567-8`."""
    text = re.sub(r"[\s()]|(?<=\d)[-–—](?=\d{4}\b)", "", plain(words)).strip(_AROUND)
    if mobile := _MOBILE.fullmatch(text.replace("-", "")):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(text):
        return "-".join(part for part in landline.groups() if part)
    raise Unreadable
