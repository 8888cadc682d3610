"""Answering a question: as it was typed, as it may have been meant, with less of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from store.search.correct import aligned, corrected, heard, sounding
from store.search.found import Found, How
from store.search.near import Place
from store.search.parts import Hits, Parts
from store.search.question import Asked, Question, labelled
from store.search.relax import relaxed, seamed, unfiltered
from store.search.understand import ask, instead, readings

CORRECTIONS = 6
"""Other ways to read a question that are tried."""
READINGS = 2
"""How many readings of each."""
AGAIN = 2
"""How many of them may hold a second slip."""


def find(parts: Parts, plain: str, near: Place | None, limit: int) -> Found:
    """Answer a question in normalised words; `near` sorts by distance to a place."""
    return Search(parts, near, limit).answer(plain)


@dataclass(frozen=True, slots=True)
class Search:
    """One question under way."""

    parts: Parts
    near: Place | None
    limit: int

    def answer(self, plain: str) -> Found:
        """The best instruments for these words."""
        asked = ask(plain, self.parts.lexicon)
        if asked.need and (found := self._sounding(asked)):
            return found
        tried: list[Question] = []
        for question in readings(asked, self.parts.lexicon):
            if found := self._all(question):
                return found
            if not question.literal:
                tried.append(question)
        if not tried:
            return self._nothing_asked()
        return self._otherwise(asked, tried) or self._none(tried[-1].meant)

    def _otherwise(self, asked: Asked, tried: Sequence[Question]) -> Found | None:
        """Other ways to read the question; then with less of it; None when nothing is like it."""
        if asked.need is not None:
            return self._with_less(tried) or self._lacking(tried[0])
        if found := self._instead(asked):
            return found
        others: list[Question] = []
        for question in self._corrected(asked):
            if found := self._all(question):
                return found
            others.append(question)
        found = self._heard(asked) or self._with_less((*tried, *others[:AGAIN]))
        return found or self._relaxed(tried[-1])

    def _all(self, question: Question) -> Found | None:
        hits = self.parts.hits(question)
        return self._found(hits) if hits.total else None

    def _instead(self, asked: Asked) -> Found | None:
        """Other instruments for what the one that is named, and not there, would find out."""
        need = instead(asked)
        questions = readings(need, self.parts.lexicon) if need else ()
        return next(filter(None, map(self._all, questions)), None)

    def _sounding(self, asked: Asked) -> Found | None:
        """A name that is only spelled wrong, though a part of it would ask for something else."""
        for one in sounding(asked, self.parts.lexicon, self.parts.shelves):
            for question in readings(one, self.parts.lexicon):
                if found := self._all(question):
                    return found
        return None

    def _corrected(self, asked: Asked) -> Iterator[Question]:
        """With words that may have been meant; at last with two of them."""
        lexicon, shelves = self.parts.lexicon, self.parts.shelves
        first = list(islice(corrected(asked, lexicon, shelves), CORRECTIONS))
        for one in first:
            yield from islice(readings(one, lexicon), READINGS)
        for one in first[:AGAIN]:
            for other in islice(corrected(one, lexicon, shelves), AGAIN):
                yield from islice(readings(other, lexicon), READINGS)

    def _heard(self, asked: Asked) -> Found | None:
        """By the sound of something inside a name."""
        for one, typed in heard(asked):
            for question in readings(one, self.parts.lexicon):
                hits = self.parts.hits(question)
                if hits.total:
                    best = self.parts.shown(self.parts.best(hits, 1)[0])
                    said = aligned(typed, best["title"]) if best else None
                    hits.question = labelled(question, typed, said) if said else question
                    return self._found(hits)
        return None

    def _with_less(self, tried: Sequence[Question]) -> Found | None:
        """Without conditions that nothing meets together with the rest."""
        for question in tried:
            for less, given_up in unfiltered(question):
                hits = self.parts.hits(less)
                if hits.total:
                    return self._found(hits, given_up=given_up)
        return None

    def _relaxed(self, question: Question) -> Found | None:
        """Cut where no text joins it; then without the words that nothing has."""
        cut = seamed(question, self.parts.count)
        if found := self._all(cut):
            return found
        kept, out = relaxed(cut, question, self.parts.count)
        if not kept:
            return None
        hits = self.parts.hits(Question(kept, meant=question.meant))
        return self._found(hits, left_out=out)

    def _lacking(self, question: Question) -> Found:
        """What would meet the need is not in the catalogue."""
        need = question.need
        said, methods = (need.said, need.methods) if need else (question.meant, ())
        return Found(0, (), self.parts.mark.seq, said, How.NONE, need=True, lacks=methods)

    def _nothing_asked(self) -> Found:
        if self.near is None:
            return self._none("")
        return self._found(self.parts.everything())

    def _none(self, meant: str) -> Found:
        return Found(0, (), self.parts.mark.seq, meant, How.NONE)

    def _found(
        self, hits: Hits, left_out: tuple[str, ...] = (), given_up: tuple[str, ...] = ()
    ) -> Found:
        question = hits.question
        ids, away = self._ordered(hits)
        return Found(
            hits.total,
            ids,
            self.parts.mark.seq,
            question.meant,
            How.SOME if left_out or given_up else How.ALL,
            left_out=left_out,
            given_up=given_up,
            need=question.need is not None,
            hint=question.need.limits if question.need else "",
            narrowed=bool(question.filters),
            away=away,
        )

    def _ordered(self, hits: Hits) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
        """The best, or the nearest with how far they are."""
        best = self.parts.best(hits, self.limit)
        if self.near is None:
            return best, ()
        away = self.parts.nearest(hits, self.near, self.limit)
        ids = (*away, *(number for number in best if number not in away))[: self.limit]
        return ids, tuple(map(away.get, ids))
