"""Which instruments meet a question, and in which order.

Precisely that by name; all words in the name; then in name, maker and model; then some word there
and the rest anywhere; then anything. Of a need: kind by kind, as an expert would try them. Within
a tier the standing order. Paused ones come last, whatever they match.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pyroaring import BitMap

from store.search.base import NOTHING, Base
from store.search.entry import ANY, HEAD, NAME, SCORES
from store.search.fresh import Fresh
from store.search.lexicon import Way
from store.search.question import Need, Question, Term

LISTED_SCORES = range(SCORES - 1, SCORES // 2 - 1, -1)
PAUSED_SCORES = range(SCORES // 2 - 1, -1, -1)

Ranked = tuple[bool, int, int, int]
"""Paused, tier, minus the score, number: smaller is better."""


class Segment(Protocol):
    """A part of the index."""

    def bits(self, token: str, tier: int) -> BitMap:
        """Those that have a token."""


def matching(segment: Segment, question: Question) -> BitMap:
    """Those that meet a question; none where it asks for nothing."""
    methods = question.need.methods if question.need else ()
    found = needed(segment, methods) if methods else None
    if found is not None and question.also:
        found = found | meeting(segment, question.also, ANY)
    for term in (*question.terms, *question.filters):
        bits = meeting(segment, term.ways, ANY)
        found = bits if found is None else found & bits
        if not found:
            return NOTHING
    return NOTHING if found is None else found


def needed(segment: Segment, methods: Sequence[str]) -> BitMap:
    """Those that are by name one of the kinds that meet a need."""
    return BitMap.union(NOTHING, *[segment.bits(f"#{name}", NAME) for name in methods])


def meeting(segment: Segment, ways: Sequence[Way], tier: int) -> BitMap:
    """Those that meet a term in any of these ways."""
    found = _all(segment, ways[0], tier)
    for way in ways[1:]:
        bits = _all(segment, way, tier)
        if bits:
            found = found | bits if found else bits
    return found


def _all(segment: Segment, way: Way, tier: int) -> BitMap:
    found = segment.bits(way[0], tier)
    for token in way[1:]:
        if not found:
            return NOTHING
        found = found & segment.bits(token, tier)
    return found


def tiers(segment: Segment, question: Question, alive: BitMap) -> Iterator[BitMap]:
    """Those alive, the best tier first; a later tier may repeat the earlier ones."""
    if question.need and question.need.methods:
        yield from _by_method(segment, question.need, alive)
    elif question.terms:
        yield from _by_word(segment, question.terms, alive)
    elif question.filters and question.filters[0].names:
        yield meeting(segment, question.filters[0].names, ANY) & alive
    yield alive


def _by_method(segment: Segment, need: Need, alive: BitMap) -> Iterator[BitMap]:
    """Kind by kind; first those of a kind whose texts speak of the need."""
    told = BitMap.union(NOTHING, *[_all(segment, way, ANY) for way in need.told])
    for name in need.methods:
        bits = segment.bits(f"#{name}", NAME) & alive
        if bits and told:
            yield bits & told
        if bits:
            yield bits


def _by_word(segment: Segment, terms: Sequence[Term], alive: BitMap) -> Iterator[BitMap]:
    ways = [term.ways for term in terms]
    if any(term.names for term in terms):
        yield _together(segment, [term.names or term.ways for term in terms], NAME) & alive
    yield _together(segment, ways, NAME) & alive
    yield _together(segment, ways, HEAD) & alive
    if len(terms) > 1:
        yield BitMap.union(*[meeting(segment, each, HEAD) for each in ways]) & alive


def _together(segment: Segment, terms: Sequence[Sequence[Way]], tier: int) -> BitMap:
    found = meeting(segment, terms[0], tier)
    for ways in terms[1:]:
        if not found:
            return NOTHING
        found = found & meeting(segment, ways, tier)
    return found


def best_documents(base: Base, question: Question, alive: BitMap, limit: int) -> dict[int, int]:
    """The best documents in order, each with its tier."""
    found: dict[int, int] = {}
    paused: list[tuple[int, BitMap]] = []
    for tier, bits in enumerate(tiers(base, question, alive)):
        for document in bits:
            if document >= base.listed or len(found) >= limit:
                break
            found.setdefault(document, tier)
        if len(found) >= limit:
            return found
        paused.append((tier, bits))
    for tier, bits in paused:
        for document in bits.iter_equal_or_larger(base.listed):
            if len(found) >= limit:
                return found
            found.setdefault(document, tier)
    return found


def best_fresh(fresh: Fresh, question: Question, alive: BitMap, limit: int) -> dict[int, int]:
    """The best of those that changed, in order, each with its tier."""
    found: dict[int, int] = {}
    every = list(tiers(fresh, question, alive))
    for scores in (LISTED_SCORES, PAUSED_SCORES):
        for tier, bits in enumerate(every):
            for score in scores:
                for number in bits & fresh.bands[score] if score in fresh.bands else ():
                    if len(found) >= limit:
                        return found
                    found.setdefault(number, tier)
    return found


def merged(
    base: Base, documents: dict[int, int], fresh: Fresh, numbers: dict[int, int], limit: int
) -> tuple[int, ...]:
    """Instruments of both parts in one order."""
    half = SCORES // 2
    ranked: list[Ranked] = []
    for document, tier in documents.items():
        score = base.score(document)
        ranked.append((score < half, tier, -score, base.ids[document]))
    for number, tier in numbers.items():
        score = fresh.score(number)
        ranked.append((score < half, tier, -score, number))
    return tuple(number for *_, number in sorted(ranked)[:limit])
