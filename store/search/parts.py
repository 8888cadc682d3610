"""The index on disk and what changed since, as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from store.search.aliases import Lexicon, lexicon
from store.search.base import NOTHING, Base
from store.search.entry import ANY, Entry, Shown
from store.search.found import Found, How
from store.search.fresh import Fresh
from store.search.layout import BEGINNING, Mark
from store.search.near import Place, distance, nearest
from store.search.rank import best_documents, best_fresh, matching, merged
from store.search.relax import relaxed, seamed
from store.search.understand import Question, Term, understand


@dataclass
class Hits:
    """All that meets a question: documents on disk, and instruments that changed since."""

    terms: Sequence[Term]
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

    def __post_init__(self) -> None:
        self._counties = frozenset(self.base.trailer.counties if self.base else ())
        self.lexicon: Lexicon = lexicon().with_places(self._counties)

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
        if entry.county and entry.county not in self._counties:
            self._counties |= {entry.county}
            self.lexicon = lexicon().with_places(self._counties)

    def shown(self, number: int) -> Shown | None:
        """What lists show of an instrument; None when it is not to be found."""
        if number in self.fresh:
            return self.fresh.shown(number)
        document = self.base.document(number) if self.base else None
        if self.base is None or document is None or document in self.dead:
            return None
        return self.base.shown(document)

    def find(self, words: str, near: Place | None, limit: int) -> Found:
        """Answer a question."""
        readings = understand(words, self.lexicon)
        if not readings:
            return self._nothing_asked(near, limit)
        for question in readings:
            hits = self._hits(question.terms)
            if hits.total:
                return self._found(hits, question.meant, near, limit)
        return self._relaxed(readings[-1], near, limit)

    def _nothing_asked(self, near: Place | None, limit: int) -> Found:
        if near is None:
            return Found(0, (), self.mark.seq, how=How.NONE)
        every = BitMap(range(len(self.base))) - self.dead if self.base else NOTHING
        return self._found(Hits((), every, self.fresh.everything()), "", near, limit)

    def _relaxed(self, question: Question, near: Place | None, limit: int) -> Found:
        typed, question = question, seamed(question, self.count)
        hits = self._hits(question.terms)
        if hits.total:
            return self._found(hits, question.meant, near, limit)
        kept, out = relaxed(question, typed, self.count)
        if not kept:
            return Found(0, (), self.mark.seq, question.meant, How.NONE, out)
        return self._found(self._hits(kept), question.meant, near, limit, out)

    def count(self, terms: Sequence[Term]) -> int:
        """How many instruments meet all terms."""
        return self._hits(terms).total

    def _hits(self, terms: Sequence[Term]) -> Hits:
        documents = matching(self.base, terms, ANY) if self.base else NOTHING
        if self.dead and documents:
            documents = documents - self.dead
        return Hits(terms, documents, matching(self.fresh, terms, ANY))

    def _found(
        self, hits: Hits, meant: str, near: Place | None, limit: int, out: tuple[str, ...] = ()
    ) -> Found:
        how = How.SOME if out else How.ALL
        if near is None:
            ids = self._best(hits, limit)
            return Found(hits.total, ids, self.mark.seq, meant, how, out)
        away = self._nearest(hits, near, limit)
        unknown = [number for number in self._best(hits, limit) if number not in away]
        ids = (*away, *unknown)[:limit]
        return Found(hits.total, ids, self.mark.seq, meant, how, out, tuple(map(away.get, ids)))

    def _best(self, hits: Hits, limit: int) -> tuple[int, ...]:
        numbers = best_fresh(self.fresh, hits.terms, hits.numbers, limit) if hits.numbers else {}
        if self.base is None:
            return tuple(numbers)
        documents = best_documents(self.base, hits.terms, hits.documents, limit)
        if not numbers:
            return tuple([self.base.ids[document] for document in documents])
        return merged(self.base, documents, self.fresh, numbers, limit)

    def _nearest(self, hits: Hits, near: Place, limit: int) -> dict[int, float]:
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
