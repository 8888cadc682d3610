"""What to ask when nothing meets the whole question."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from store.search.understand import Question, Term

Count = Callable[[Sequence[Term]], int]
"""How many instruments meet all of these."""
PAIR = 2


def seamed(question: Question, count: Count) -> Question:
    """Cut runs of Chinese where no text has the two characters side by side: `小店苹果`."""
    return replace(question, terms=tuple(_seamed(term, count) for term in question.terms))


def _seamed(term: Term, count: Count) -> Term:
    if term.known or len(term.ways) > 1 or len(term.ways[0]) < PAIR:
        return term
    held = [token for token in term.ways[0] if count([_only(token)])]
    covered = set("".join(held))
    alone = [character for character in dict.fromkeys(term.said) if character not in covered]
    return term if len(alone) > 1 else replace(term, ways=((*held, *alone),))


def relaxed(
    question: Question, typed: Question, count: Count
) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """The words that can be met together, the most telling first, and those left out.

    `typed` is the question before it was cut at its seams.

    Nothing is kept when only places would be, or less than half of a word that stands alone.
    """
    kept: list[Term] = []
    for _, _, term in sorted(
        (size, at, term) for at, term in enumerate(question.terms) if (size := count([term]))
    ):
        if count([*kept, term]):
            kept.append(term)
    if not any(not term.place for term in kept):
        kept += _parts(typed, kept, count)
    if not any(not term.place for term in kept):
        return (), tuple(term.said for term in question.terms)
    said = {term.said for term in kept}
    return tuple(kept), tuple(term.said for term in question.terms if term.said not in said)


def _parts(question: Question, kept: Sequence[Term], count: Count) -> list[Term]:
    """Pairs of the words that nothing meets whole; at least half of them, or none."""
    tokens = [
        token
        for term in question.terms
        if not term.known and len(term.ways[0]) >= PAIR
        for token in term.ways[0]
    ]
    met: list[Term] = []
    for _, token in sorted((size, token) for token in tokens if (size := count([_only(token)]))):
        if count([*kept, *met, _only(token)]):
            met.append(_only(token))
    return met if len(met) * PAIR >= len(tokens) else []


def _only(token: str) -> Term:
    return Term(token, ((token,),))
