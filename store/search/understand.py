"""From words to a question: what must all be there, and in which ways each may be said."""

import re
from dataclasses import dataclass
from itertools import pairwise

from store.search.aliases import WIDE, Known, Lexicon, Match, clauses
from store.search.tokens import LONGEST_QUESTION, atoms, is_han, latin, normalise, pairs

MOST_TERMS = 24
NAMED = 3
"""How many names an answer repeats of what a wide word takes in."""
LINK = 1
"""Characters between two words that may be one: `D8-Advance`."""

Parts = list[re.Match[str]]
Way = tuple[str, ...]
"""Tokens that must all be there."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for."""

    said: str
    ways: tuple[Way, ...]
    """It is met in any of these."""
    place: bool = False
    """Where it is, not what it is: it may stand anywhere in a text."""
    known: bool = False
    means: str = ""
    """What it stands for, where that differs."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, all at once."""

    terms: tuple[Term, ...]
    meant: str = ""
    """How it was understood, where that differs from how it was typed."""


def understand(words: str, lexicon: Lexicon) -> tuple[Question, ...]:
    """The readings of a question, to be tried in this order; none when nothing is asked."""
    plain = normalise(words)[:LONGEST_QUESTION]
    parts = [list(atoms(clause)) for clause in clauses(plain)]
    polite = _read(parts, lexicon, manners=True)
    if any(term.known for term in polite.terms):
        return (polite,)
    literal = _read(parts, lexicon, manners=False)
    readings = dict.fromkeys(reading for reading in (literal, polite) if reading.terms)
    return tuple(readings)


def _read(clauses_of: list[Parts], lexicon: Lexicon, *, manners: bool) -> Question:
    terms: dict[str, Term] = {}
    weak: dict[str, Term] = {}
    for parts in clauses_of:
        words = [part.group() for part in parts]
        matches = list(lexicon.scan(words, asked=True, manners=manners))
        for piece in _pieces(parts, matches):
            if not isinstance(piece, Match):
                terms.update((term.said, term) for term in _literal(piece))
            elif piece.known.means or piece.known.weak:
                term = _known(parts[piece.start : piece.end], piece.known)
                (terms if piece.known.means else weak)[term.said] = term
    kept = tuple((terms or weak).values())[:MOST_TERMS]
    typed = "".join(part.group() for parts in clauses_of for part in parts)
    meant = " ".join([term.means or term.said for term in kept])
    return Question(kept, "" if meant.replace(" ", "").lower() == typed else meant)


def _pieces(parts: Parts, matches: list[Match]) -> list[Match | Parts]:
    """The matches and what stands between them."""
    found: list[Match | Parts] = []
    at = 0
    for match in matches:
        found += _runs(parts[at : match.start])
        found.append(match)
        at = match.end
    return found + _runs(parts[at:])


def _runs(parts: Parts) -> list[Parts]:
    """Cut where Chinese and letters meet, and at blanks."""
    runs: list[Parts] = [parts[:1]] if parts else []
    for one, two in pairwise(parts):
        gap = two.start() - one.end()
        joined = gap == 0 or (gap == LINK and two.string[one.end()] != " ")
        if joined and is_han(one.group()) == is_han(two.group()):
            runs[-1].append(two)
        else:
            runs.append([two])
    return runs


def _literal(parts: Parts) -> list[Term]:
    """A run as it was typed; linked words also one by one."""
    run = "".join(part.group() for part in parts)
    if is_han(run):
        return [Term(run, (pairs(run),))]
    apart: list[str] = []
    end = -1
    for part in parts:
        if part.start() == end:
            apart[-1] += part.group()
        else:
            apart.append(part.group())
        end = part.end()
    ways = dict.fromkeys([(latin(run),), tuple(map(latin, apart))])
    return [Term(run, tuple(ways))]


def _known(parts: Parts, known: Known) -> Term:
    """A known word: as it was typed, as what it means, and as what it takes in."""
    ways: list[Way] = [_typed(parts, known.key)]
    ways += [(f"#{name}",) for name in known.concepts]
    if known.wider:
        ways.append((f"{WIDE}{known.key}",))
    return Term(known.key, tuple(ways), place=known.place, known=known.means, means=_names(known))


def _typed(parts: Parts, key: str) -> Way:
    """The tokens of a word as it was typed, which may be of both kinds."""
    if is_han(key) and parts[-1].end() - parts[0].start() == len(key):
        return pairs(key)
    runs = ("".join(part.group() for part in run) for run in _runs(parts))
    return tuple(token for run in runs for token in (pairs(run) if is_han(run) else (latin(run),)))


def _names(known: Known) -> str:
    """The full names that a word stands for; nothing when it is part of such a name."""
    names = known.concepts or known.wider
    if not known.concepts and any(known.key in name.lower() for name in names):
        return ""
    more = "…" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more
