"""The index on disk and what changed since, as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from pyroaring import BitMap

from store.search import filters
from store.search.aliases import lexicon
from store.search.base import NOTHING, Base
from store.search.entry import Entry, Shown
from store.search.fresh import Fresh
from store.search.layout import BEGINNING, Mark
from store.search.lexicon import Lexicon
from store.search.near import Place, distance, nearest
from store.search.question import Question
from store.search.rank import best_documents, best_fresh, matching, merged
from store.search.spell import Shelf, known_shelf


@dataclass
class Hits:
    """All that meets a question: documents on disk, and instruments that changed since."""

    question: Question
    documents: BitMap
    numbers: BitMap

    @property
    def total(self) -> int:
        """How many instruments."""
        return len(self.documents) + len(self.numbers)


@dataclass
class Parts:
    """Everything that can be found at one place of the change feed."""

    base: Base | None = None
    mark: Mark = BEGINNING
    fresh: Fresh = field(default_factory=Fresh)
    dead: BitMap = field(default_factory=BitMap)
    """Documents that changed or were withdrawn since."""
    lexicon: Lexicon = field(default_factory=lambda: lexicon().copy())

    def __post_init__(self) -> None:
        self._places, self._units = set[str](), set[str]()
        if self.base:
            self._learn(self.base.trailer.places, self.base.trailer.units)

    def __len__(self) -> int:
        return (len(self.base) - len(self.dead) if self.base else 0) + len(self.fresh)

    def put(self, number: int, entry: Entry | None) -> None:
        """Take an instrument as it is now; None when it is no longer to be found."""
        document = self.base.document(number) if self.base else None
        if document is not None:
            self.dead.add(document)
        if entry is None:
            self.fresh.drop(number)
            return
        self.fresh.put(entry)
        self._learn((entry.county, entry.city, entry.province), (entry.organisation,))

    def _learn(self, places: Sequence[str], units: Sequence[str]) -> None:
        """Know the names of places and organisations."""
        places = [name for name in places if name not in self._places]
        units = [name for name in units if name not in self._units]
        self._places.update(places)
        self._units.update(units)
        for known in chain(filters.places_known(places), filters.units_known(units)):
            self.lexicon.learn(known)

    def shown(self, number: int) -> Shown | None:
        """What lists show of an instrument; None when it is not to be found."""
        if number in self.fresh:
            return self.fresh.shown(number)
        document = self.base.document(number) if self.base else None
        if self.base is None or document is None or document in self.dead:
            return None
        return self.base.shown(document)

    def count(self, question: Question) -> int:
        """How many instruments meet a question."""
        return self.hits(question).total

    def everything(self) -> Hits:
        """All there is."""
        every = BitMap(range(len(self.base))) - self.dead if self.base else NOTHING
        return Hits(Question(), every, self.fresh.everything())

    @property
    def shelves(self) -> tuple[Shelf, ...]:
        """Words to choose from when one is not known."""
        found = (self.base.shelf if self.base else known_shelf(),)
        return (*found, self.fresh.shelf) if self.fresh else found

    def hits(self, question: Question) -> Hits:
        """All that meets a question."""
        documents = matching(self.base, question) if self.base else NOTHING
        if self.dead and documents:
            documents = documents - self.dead
        return Hits(question, documents, matching(self.fresh, question) if self.fresh else NOTHING)

    def best(self, hits: Hits, limit: int) -> tuple[int, ...]:
        """The best instruments in order."""
        asked = hits.question
        numbers = best_fresh(self.fresh, asked, hits.numbers, limit) if hits.numbers else {}
        if self.base is None:
            return tuple(numbers)
        documents = best_documents(self.base, asked, hits.documents, limit)
        if not numbers:
            return tuple([self.base.ids[document] for document in documents])
        return merged(self.base, documents, self.fresh, numbers, limit)

    def nearest(self, hits: Hits, near: Place, limit: int) -> dict[int, float]:
        """Instruments with their distance, nearest first."""
        found = [
            (distance(near, self.fresh.spots[number]), number)
            for number in hits.numbers
            if number in self.fresh.spots
        ]
        if self.base:
            ids = self.base.ids
            found += [
                (away, ids[document])
                for away, document in nearest(self.base, hits.documents, near, limit)
            ]
        return {number: away for away, number in sorted(found)[:limit]}
