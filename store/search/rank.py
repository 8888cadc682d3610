"""Which instruments meet a question, and in which order.

Precisely that by name; all words in the name; then in name, maker and model; then some word there
and the rest anywhere; then anything. Of a need: kind by kind, as an expert would try them. Within
a tier the standing order. Paused ones come last, whatever they match.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
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
    found = NOTHING
    for way in ways:
        bits = segment.bits(way[0], tier)
        for token in way[1:]:
            if not bits:
                break
            bits = bits & segment.bits(token, tier)
        if bits:
            found = found | bits if found else bits
    return found


def tiers(segment: Segment, question: Question, alive: BitMap) -> Iterator[BitMap]:
    """All that are alive, each in the best tier that it is of; ends when none is left."""
    left = alive
    for tier in _tiers(segment, question):
        bits = tier & left if tier else NOTHING
        yield bits
        if bits:
            left = left - bits
            if not left:
                return
    yield left


def _tiers(segment: Segment, question: Question) -> Iterator[BitMap]:
    """The tiers, as many for every segment; a later one may repeat the earlier ones."""
    if question.need and question.need.methods:
        yield from _by_method(segment, question.need)
    elif question.terms:
        yield from _by_word(segment, question.terms)
    elif question.filters and question.filters[0].names:
        yield meeting(segment, question.filters[0].names, ANY)


def _by_method(segment: Segment, need: Need) -> Iterator[BitMap]:
    """Kind by kind; first those of a kind whose texts speak of the need."""
    told = meeting(segment, need.told, ANY)
    for name in need.methods:
        bits = segment.bits(f"#{name}", NAME)
        yield bits & told
        yield bits


def _by_word(segment: Segment, terms: Sequence[Term]) -> Iterator[BitMap]:
    names = [meeting(segment, term.names or term.ways, NAME) for term in terms]
    yield _in_all(names)
    rest = [meeting(segment, term.others, NAME) for term in terms]
    if any(rest):
        yield _in_all([one | other for one, other in zip(names, rest, strict=True)])
    else:
        yield NOTHING
    heads = [meeting(segment, term.ways, HEAD) for term in terms]
    yield _in_all(heads)
    yield BitMap.union(*heads)


def _in_all(sets: Sequence[BitMap]) -> BitMap:
    found = sets[0]
    for bits in sets[1:]:
        if not found:
            return found
        found = found & bits
    return found


def best_documents(base: Base, question: Question, alive: BitMap, limit: int) -> dict[int, int]:
    """The best documents in order, each with its tier."""
    found: dict[int, int] = {}
    paused: list[tuple[int, BitMap]] = []
    for tier, bits in enumerate(tiers(base, question, alive)):
        if not bits:
            continue
        some = list(islice(bits, limit - len(found)))
        listed = bisect_left(some, base.listed)
        found.update(dict.fromkeys(some[:listed], tier))
        if len(found) >= limit:
            return found
        if listed < len(some) or (bits and bits.max() >= base.listed):
            paused.append((tier, bits))
    for tier, bits in paused:
        rest = islice(bits.iter_equal_or_larger(base.listed), limit - len(found))
        found.update(dict.fromkeys(rest, tier))
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
