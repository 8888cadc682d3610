"""Which instruments meet a question, and in which order.

All words in the name; then in name, maker and model; then some word there and the rest anywhere;
then anything. Within a tier the standing order. Paused ones come last, whatever they match.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from pyroaring import BitMap

from store.search.base import NOTHING, Base
from store.search.entry import ANY, HEAD, NAME, SCORES
from store.search.fresh import Fresh
from store.search.understand import Term, Way

LISTED_SCORES = range(SCORES - 1, SCORES // 2 - 1, -1)
PAUSED_SCORES = range(SCORES // 2 - 1, -1, -1)

Ranked = tuple[bool, int, int, int]
"""Paused, tier, minus the score, number: smaller is better."""


class Segment(Protocol):
    """A part of the index."""

    def bits(self, token: str, tier: int) -> BitMap:
        """Those that have a token."""


def matching(segment: Segment, terms: Iterable[Term], tier: int) -> BitMap:
    """Those that meet all terms within a tier; where a thing is may stand anywhere."""
    found: BitMap | None = None
    for term in terms:
        bits = meeting(segment, term, ANY if term.place else tier)
        found = bits if found is None else found & bits
        if not found:
            return NOTHING
    return NOTHING if found is None else found


def meeting(segment: Segment, term: Term, tier: int) -> BitMap:
    """Those that meet one term in any of its ways."""
    found = _all(segment, term.ways[0], tier)
    for way in term.ways[1:]:
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


def tiers(segment: Segment, terms: Sequence[Term], alive: BitMap) -> Iterator[BitMap]:
    """Those alive, the best tier first; a later tier repeats the earlier ones."""
    things = [term for term in terms if not term.place]
    if things:
        yield matching(segment, things, NAME) & alive
        yield matching(segment, things, HEAD) & alive
    if len(things) > 1:
        some = NOTHING
        for term in things:
            some = some | meeting(segment, term, HEAD)
        yield some & alive
    yield alive


def best_documents(base: Base, terms: Sequence[Term], alive: BitMap, limit: int) -> dict[int, int]:
    """The best documents in order, each with its tier."""
    found: dict[int, int] = {}
    paused: list[tuple[int, BitMap]] = []
    for tier, bits in enumerate(tiers(base, terms, alive)):
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


def best_fresh(fresh: Fresh, terms: Sequence[Term], alive: BitMap, limit: int) -> dict[int, int]:
    """The best of those that changed, in order, each with its tier."""
    found: dict[int, int] = {}
    every = list(tiers(fresh, terms, alive))
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
