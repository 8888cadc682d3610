"""Known words, and where they stand in a text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count

from store.search.tokens import atoms, is_han, normalise

WIDE, MAKER = "~", "%"
ONE = (1,)
HEAD = 2
ASKED, MANNERED, PLATE = 1, 2, 3
"""What is looked for besides names: all that means something; and also what says nothing; and
also what means something only on an instrument's plate."""

_CLAUSE = re.compile("[、，。；：！？,;:!?|\n\"'“”‘’「」《》<>]+")

Way = tuple[str, ...]
"""Tokens that must all be there."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition: where, whose, how, when, for how much."""

    kind: str
    label: str
    """How an answer repeats it."""
    ways: tuple[Way, ...]
    """It holds in any of these."""


@dataclass(frozen=True, slots=True)
class Known:
    """One word of the lexicon, as it is compared: normalised, without blanks and hyphens."""

    key: str
    said: str = ""
    """As people write it."""
    concepts: tuple[str, ...] = ()
    """Full names that this is another name of."""
    wider: tuple[str, ...] = ()
    """Full names that this word takes in, and more."""
    takes_in: tuple[str, ...] = ()
    """Keys of the wider words that this is, or is the full name of."""
    makers: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    """Tokens that it is found by, where it is no word of any text."""
    filter: Filter | None = None
    polite: bool = False
    weak: bool = False
    everyday: bool = False
    """Whether it is an everyday word too, so that only a plate means the maker by it."""
    means: bool = field(init=False)
    """Whether it names something."""
    level: int = field(init=False)
    """From which level of a scan it counts."""
    small: bool = field(init=False)
    """Whether it may as well be part of another word: one character, or a short maker."""

    def __post_init__(self) -> None:
        means = bool(self.concepts or self.wider or self.makers or self.filter or self.ways)
        plate = bool(self.concepts or self.makers)
        short = bool(self.makers) and len(self.key) == HEAD and not self.concepts
        everyday = PLATE if self.everyday else 0
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "level", everyday if plate else ASKED if means else MANNERED)
        object.__setattr__(self, "small", len(self.key) == 1 if self.polite else short)


@dataclass(slots=True)
class Match:
    """A known word in a clause: which of its atoms."""

    start: int
    end: int
    known: Known


@dataclass
class Lexicon:
    """All known words, found by their first two characters and their length."""

    words: dict[str, Known] = field(default_factory=dict[str, Known])
    wider: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Of each full name, the keys of its wider words."""
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    """Of each beginning, the lengths of the words that begin so, the longest first; and 1."""

    def copy(self) -> "Lexicon":
        """One that may learn more without telling this one."""
        return Lexicon(dict(self.words), self.wider, dict(self.sizes))

    def learn(self, known: Known) -> None:
        """Take a word, unless it is known."""
        if not known.key or known.key in self.words:
            return
        self.words[known.key] = known
        head = known.key[:HEAD]
        sizes = {len(known.key), *self.sizes.get(head, ONE)}
        self.sizes[head] = tuple(sorted(sizes, reverse=True))

    def scan(self, words: Sequence[str], level: int = 0) -> Iterator[Match]:
        """The longest known words among atoms, from left to right; `level` says of which kinds."""
        text = "".join(words)
        ends = dict(zip(accumulate(map(len, words), initial=0), count()))
        sizes, done = self.sizes, 0
        for at, index in ends.items():
            if at < done:
                continue
            near = sizes.get(text[at : at + HEAD], ONE)
            found = self._longest(near, text, at, ends, level)
            if found:
                done = at + len(found.key)
                yield Match(index, ends[done], found)

    def _longest(
        self, sizes: Sequence[int], text: str, at: int, ends: Mapping[int, int], level: int
    ) -> Known | None:
        """The longest known word that begins here and ends where an atom does."""
        for size in sizes:
            known = self.words.get(text[at : at + size])
            if known and known.level <= level and at + size in ends:
                return known
        return None

    def tokens_of(self, text: str, *, plate: bool = False) -> frozenset[str]:
        """What a text names: `#` full names, `~` their wider words; of a plate, `%` makers."""
        found: set[str] = set()
        for clause in clauses(normalise(text)):
            words = clause if is_han(clause) else [atom.group() for atom in atoms(clause)]
            for match in self.scan(words, PLATE if plate else 0):
                if plate:
                    found.update(f"{MAKER}{maker}" for maker in match.known.makers)
                else:
                    found.update(self._named(match.known.concepts))
        return frozenset(found)

    def _named(self, concepts: Iterable[str]) -> Iterator[str]:
        for name in concepts:
            yield f"#{name}"
            yield from (f"{WIDE}{wide}" for wide in self.wider.get(name, ()))


def clauses(plain: str) -> list[str]:
    """Normalised text cut at its punctuation."""
    return [clause for clause in _CLAUSE.split(plain) if clause]


def known_ways(known: Known) -> tuple[Way, ...]:
    """The tokens of what a word means and takes in, what it precisely means in front."""
    if known.ways:
        return known.ways
    ways = [(f"#{name}",) for name in known.concepts]
    ways += [(f"{MAKER}{maker}",) for maker in known.makers]
    ways += [(f"{WIDE}{key}",) for key in known.takes_in]
    return tuple(ways)
