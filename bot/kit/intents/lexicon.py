"""Words as concepts: what a message is made of, and what nothing in the tables explains."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

FILE = Path(__file__).with_name("words.toml")
THING = "thing"
PREFIXES = ("yq", "yy", "cxq", "ht", "xq", "gd", "bb", "py")
"""The letters before the account's numbers."""
"""The concept of what no word of the tables explains."""
GAPS = frozenset(" .。,，!！?？~～、;；:：\"'“”‘’「」『』【】《》<>[]()（）…-—_/\n\t")

Words = dict[str, int]


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a message that says something: which concepts, and in which order they count."""

    start: int
    end: int
    mask: int
    name: str
    value: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All words, by concept; concepts are bits."""

    bits: Mapping[str, int]
    soft: int
    """The concepts that never keep a message from being a command."""
    names: Mapping[int, str]
    """What a token with these concepts is called in shapes: its first concept."""
    words: Words
    patterns: re.Pattern[str]
    numbered: re.Pattern[str]
    """Whether there may be a number of ours in it, quickly."""
    signs: frozenset[str]
    """Characters by which what is left is known to be about an instrument."""

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """Read the tables; raises ValueError when a concept is there twice."""
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        names = [*told["soft"], *told["hard"], *told["patterns"], THING]
        if len(set(names)) != len(names):
            raise ValueError("a concept is there twice")
        bits = {name: 1 << n for n, name in enumerate(names)}
        words: Words = dict.fromkeys(told["not"]["words"], 0)
        named: dict[int, str] = {}
        for name, several in {**told["soft"], **told["hard"]}.items():
            for word in several:
                words[word] = words.get(word, 0) | bits[name]
        for mask in {*words.values(), *bits.values()}:
            named[mask] = next((name for name in names if mask & bits[name]), THING)
        soft = sum(bits[name] for name in (*told["soft"], "when", "amount", "shifted"))
        numbered, signs = re.compile(told["gate"]["numbered"]), frozenset(told["thing"]["signs"])
        return cls(bits, soft, named, words, _patterns(told), numbered, signs)

    @cached_property
    def _near(self) -> dict[str, tuple[str, ...]]:
        """Words of several characters by their first two, longest first."""
        near: dict[str, list[str]] = {}
        for word in sorted(self.words, key=len, reverse=True):
            if len(word) > 1:
                near.setdefault(word[:2], []).append(word)
        return {begin: tuple(several) for begin, several in near.items()}

    @cached_property
    def _single(self) -> Words:
        return {word: mask for word, mask in self.words.items() if len(word) == 1}

    def mask(self, names: str) -> int:
        """The bits of concepts, `|` or blanks between them; raises KeyError for an unknown one."""
        return sum({self.bits[name] for name in re.split(r"[|\s]+", names.strip()) if name})

    @cached_property
    def features(self) -> dict[int, frozenset[str]]:
        """The concepts of every mask that a token can have, as features of a message."""
        every = {*self.words.values(), *self.bits.values(), self.mask("nth|when")}
        return {
            mask: frozenset(f"={name}" for name, bit in self.bits.items() if mask & bit)
            for mask in every
        }

    @cached_property
    def asking(self) -> int:
        """The concepts of a question or a wish."""
        return self.mask("ask|how|howmuch|which|where|who|askwhen|want|view|mine|status")

    @cached_property
    def speech(self) -> int:
        """The concepts of somebody who speaks: no name of a thing has them."""
        numbers = self.mask("|".join(("when", "nth", "shifted", *PREFIXES)))
        return self.asking | numbers | self.mask("person|bit|platform")

    def touches(self, text: str) -> int:
        """The concepts of all its words, quickly: without moments, numbers and what is left."""
        near, single, words = self._near, self._single, self.words
        found = at = 0
        end = len(text)
        while at < end:
            for word in near.get(text[at : at + 2], ()):
                if text.startswith(word, at):
                    found |= words[word]
                    at += len(word)
                    break
            else:
                found |= single.get(text[at], 0)
                at += 1
        return found

    def tokens(self, text: str) -> list[Token]:
        """Every part of a plain text, in order; what nothing explains is a thing."""
        found: list[Token] = []
        at = 0
        for match in self.patterns.finditer(text):
            self._between(text, at, match.start(), found)
            kind = str(match.lastgroup)
            value = next(filter(None, match.groups()[match.re.groupindex[kind] :]), "")
            mask = self.bits[kind] | (self.bits["when"] if kind == "nth" else 0)
            found.append(Token(match.start(), match.end(), mask, kind, value))
            at = match.end()
        self._between(text, at, len(text), found)
        return found

    def _between(self, text: str, at: int, end: int, found: list[Token]) -> None:
        """Add what stands from `at` to `end`."""
        while at < end:
            word = self._word(text, at, end)
            mask = self.words.get(word, 0)
            if mask:
                found.append(Token(at, at + len(word), mask, self.names[mask]))
            elif word not in GAPS:
                self._thing(at, at + len(word), found)
            at += len(word)

    def _word(self, text: str, at: int, end: int) -> str:
        for word in self._near.get(text[at : at + 2], ()):
            if text.startswith(word, at, end):
                return word
        return text[at]

    def _thing(self, start: int, end: int, found: list[Token]) -> None:
        """Add a part that nothing explains, joined to one right before it."""
        if found and found[-1].name == THING and found[-1].end == start:
            start = found.pop().start
        found.append(Token(start, end, self.bits[THING], THING))


def _patterns(told: Mapping[str, Any]) -> re.Pattern[str]:
    """One expression for all patterns, each a group by the name of its concept."""
    several: list[str] = []
    for name, source in told["patterns"].items():
        for part, inner in told["parts"].items():
            source = source.replace(f"@{part}", inner)  # noqa: PLW2901 - filled in step by step
        several.append(f"(?P<{name}>{source})")
    return re.compile("|".join(several))
