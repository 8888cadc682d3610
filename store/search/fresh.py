"""What changed since the index on disk was made, in memory; few, until it is made anew."""

import sys
from collections import defaultdict

from pyroaring import BitMap

from store.search.base import NOTHING
from store.search.entry import ANY, Entry, Shown, entry_tokens, unpack
from store.search.filters import MOST, fees_up_to, figure
from store.search.spell import EMPTY, Shelf, shelf, units_and_places, words_of


class Fresh:
    """Instruments by their own numbers."""

    def __init__(self) -> None:
        self._bits: tuple[dict[str, BitMap], ...] = ({}, {}, {})
        self._tokens: dict[int, tuple[str, ...]] = {}
        self._shown: dict[int, bytes] = {}
        self.scores: dict[int, int] = {}
        self.bands: defaultdict[int, BitMap] = defaultdict(BitMap)
        """Those of each score."""
        self.spots: dict[int, tuple[float, float]] = {}
        """Where they stand, in degrees."""
        self._words: set[str] = set()
        self._shelf: Shelf | None = EMPTY
        self.figures: set[int] = set()
        """Figures of fees that there were, in fen."""

    def __len__(self) -> int:
        return len(self.scores)

    def __contains__(self, number: int) -> bool:
        return number in self.scores

    def put(self, entry: Entry) -> None:
        """Take an instrument as it is now."""
        self.drop(entry.id)
        tiers = entry_tokens(entry)
        self._tokens[entry.id] = tuple(map(sys.intern, tiers[ANY]))
        for bits, tokens in zip(self._bits, tiers, strict=True):
            for token in tokens:
                bits.setdefault(token, BitMap()).add(entry.id)
        self._shown[entry.id] = entry.shown()
        self.scores[entry.id] = entry.score
        self.bands[entry.score].add(entry.id)
        self._learn(entry)
        if (fee := figure(entry.fee)) is not None:
            self.figures.add(fee)
        if entry.latitude is not None and entry.longitude is not None:
            self.spots[entry.id] = (entry.latitude, entry.longitude)

    def _learn(self, entry: Entry) -> None:
        plate = words_of(entry.name, entry.model, entry.maker, entry.english)
        places = (entry.county, entry.city, entry.province)
        fresh = {*plate, *units_and_places((entry.organisation,), places)} - self._words
        if fresh:
            self._words |= fresh
            self._shelf = None

    @property
    def shelf(self) -> Shelf:
        """Words of names and plates, to choose from when one is not known."""
        if self._shelf is None:
            self._shelf = shelf(self._words)
        return self._shelf

    def drop(self, number: int) -> None:
        """Forget an instrument."""
        if number not in self.scores:
            return
        tokens = self._tokens.pop(number)
        for bits in self._bits:
            for token in bits.keys() & tokens:
                bits[token].discard(number)
                if not bits[token]:
                    del bits[token]
        self.bands[self.scores.pop(number)].discard(number)
        del self._shown[number]
        self.spots.pop(number, None)

    def bits(self, token: str, tier: int) -> BitMap:
        """Those that have a token: in the name (0), also beside it (1), anywhere (2)."""
        if token.startswith(MOST):
            fees = fees_up_to(token, self.figures)
            return BitMap.union(NOTHING, *[self.bits(fee, ANY) for fee in fees])
        return self._bits[tier].get(token, NOTHING)

    def everything(self) -> BitMap:
        """All of them."""
        return BitMap(self.scores)

    def score(self, number: int) -> int:
        """The standing rank of one."""
        return self.scores[number]

    def shown(self, number: int) -> Shown:
        """What lists show of one."""
        return unpack(number, self._shown[number])
