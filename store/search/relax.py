"""What to ask when nothing meets the whole question."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from store.search.question import Question, Term

Count = Callable[[Question], int]
"""How many instruments meet a question."""
PAIR = 2
DEAR = ("hour", "day", "voucher", "per", "price", "kind", "made", "nation", "mode", "unit", "place")
"""Conditions in the order in which they are given up."""


def unfiltered(question: Question) -> Iterator[tuple[Question, tuple[str, ...]]]:
    """The question with one condition given up, and at last all; with what was given up."""
    asks = bool(question.terms or question.need)
    if asks or len(question.filters) > 1:
        yield from _given_up(question)
    if asks and len(question.filters) > 1:
        yield replace(question, filters=()), tuple(term.label for term in question.filters)


def _given_up(question: Question) -> Iterator[tuple[Question, tuple[str, ...]]]:
    for kind in DEAR:
        kept = tuple(term for term in question.filters if term.filter != kind)
        if len(kept) < len(question.filters):
            out = tuple(term.label for term in question.filters if term.filter == kind)
            yield replace(question, filters=kept), out


def seamed(question: Question, count: Count) -> Question:
    """Cut runs of Chinese where no text has the two characters side by side: `小店苹果`."""
    return replace(question, terms=tuple(_seamed(term, count) for term in question.terms))


def _seamed(term: Term, count: Count) -> Term:
    if term.known or len(term.ways) > 1 or len(term.ways[0]) < PAIR:
        return term
    held = [token for token in term.ways[0] if count(_only(token))]
    covered = set("".join(held))
    alone = [character for character in dict.fromkeys(term.said) if character not in covered]
    return term if len(alone) > 1 else replace(term, ways=((*held, *alone),))


def relaxed(
    question: Question, typed: Question, count: Count
) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """The words that can be met together, and those left out; nothing where too little is left.

    What is known comes first; where nothing is, most of the characters must be met. `typed` is the
    question before it was cut at its seams.
    """
    known = [term for term in question.terms if term.known]
    rest = [term for term in question.terms if not term.known and len(term.said) > 1]
    kept = _together(known, [], count)
    if known and not kept:
        return (), ()
    kept = _together(rest, kept, count)
    if not known and not _enough(kept, question.terms):
        kept = _parts(typed.terms, count)
    said = {term.said for term in kept}
    return tuple(kept), tuple(term.said for term in question.terms if term.said not in said)


def _together(terms: Sequence[Term], kept: list[Term], count: Count) -> list[Term]:
    """These and as many more as can be met with them, the most telling first."""
    for _, _, term in sorted(
        (size, at, term) for at, term in enumerate(terms) if (size := _counted([term], count))
    ):
        if _counted([*kept, term], count):
            kept = [*kept, term]
    return kept


def _enough(kept: Sequence[Term], terms: Sequence[Term]) -> bool:
    """Whether most of what was asked is kept."""
    return PAIR * sum(len(term.said) for term in kept) > sum(len(term.said) for term in terms)


def _counted(terms: Sequence[Term], count: Count) -> int:
    return count(Question(tuple(terms)))


def _parts(terms: Sequence[Term], count: Count) -> list[Term]:
    """Pairs of the words that nothing meets whole; at least half of them, or none."""
    tokens = [
        token
        for term in terms
        if not term.known and len(term.ways[0]) >= PAIR
        for token in term.ways[0]
    ]
    met: list[Term] = []
    for _, token in sorted((size, token) for token in tokens if (size := count(_only(token)))):
        if _counted([*met, _term(token)], count):
            met.append(_term(token))
    return met if len(met) * PAIR >= len(tokens) else []


def _only(token: str) -> Question:
    return Question((_term(token),))


def _term(token: str) -> Term:
    return Term(token, ((token,),))
