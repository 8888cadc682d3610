"""A question as it was understood: things, conditions, needs; and how an answer repeats it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from store.search.lexicon import Known, Match, Way
from store.search.tokens import squeeze

BETWEEN, ALSO = " · ", "、"

Parts = list[re.Match[str]]


@dataclass(slots=True)
class Term:
    """One thing that is asked for, or one condition."""

    said: str
    ways: tuple[Way, ...]
    """It is met in any of these."""
    filter: str = ""
    """The kind of condition; empty for a thing. A condition may be met anywhere."""
    known: bool = False
    label: str = ""
    """How an answer repeats it."""
    names: tuple[Way, ...] = ()
    """The ways in which it is precisely this, and not something that only has it in its name."""
    others: tuple[Way, ...] = ()
    """Of a thing that has such: its other ways."""


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody wants to find out."""

    said: str
    methods: tuple[str, ...]
    """Full names of what meets it, the best first."""
    told: tuple[Way, ...]
    """The words that a text which speaks of it has."""
    limits: str
    """What decides between the methods."""


@dataclass(slots=True)
class Question:
    """What is asked for, all at once."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Term, ...] = ()
    meant: str = ""
    """How it was understood, where that differs from how it was typed."""
    also: tuple[Way, ...] = ()
    """What else is met, behind all that meets the need: texts that have a very short word."""
    literal: bool = False
    """Whether words that say nothing were taken to say something: only good if all is met."""
    need: Need | None = None
    """Which need, and by what it is met."""

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.terms or self.filters or self.need)


@dataclass(slots=True)
class Asked:
    """A question taken apart: clauses, and the known words in each."""

    clauses: tuple[Parts, ...]
    matches: tuple[tuple[Match, ...], ...]
    prices: tuple[Known, ...]
    need: Need | None
    typed: str
    """The words without anything between them."""
    corrected: bool = False

    @property
    def known(self) -> Iterator[Known]:
        """All known words."""
        return (match.known for matches in self.matches for match in matches)


def question(
    asked: Asked, things: tuple[Term, ...], filters: tuple[Term, ...], need: str = ""
) -> Question:
    """What must be there, and how that is said in the answer."""
    said = labels((*things, *filters))
    if need:
        said = [need, *[word for word in said if word not in need]]
    meant = BETWEEN.join(said)
    return Question(things, filters, "" if _bare(meant) == asked.typed else meant)


@lru_cache(maxsize=1 << 12)
def _bare(words: str) -> str:
    return squeeze(words)


def labelled(asked: Question, said: str, label: str) -> Question:
    """The same question with a term that is repeated otherwise."""
    words = [label if word == said else word for word in labels((*asked.terms, *asked.filters))]
    return replace(asked, meant=BETWEEN.join(words))


def labels(terms: Iterable[Term]) -> list[str]:
    """How an answer repeats terms."""
    return [term.label or term.said for term in terms]
