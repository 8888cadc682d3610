"""How a question means a need: `测土壤里的重金属` asks for an analysis, not for an instrument.

It does when it holds one of the need's asks; the matter that it names chooses among the needs that
share an ask. The knowledge itself stands in needs.toml.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from store.search.knowledge import HEAD, Need, Phrase, Tables, fold, tables
from store.search.tokens import LONGEST_QUESTION, normalise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Meant:
    """A need that a question means."""

    need: Need
    words: tuple[str, ...]
    """The words that ask for it, as they stand in the normalised question."""
    matter: str
    """What it is asked of, by its name in the tables; empty when nothing told."""
    spans: tuple[Span, ...]
    """Where those words and the matter's stand in the normalised question."""
    said: str
    """How the need may be said back: what it is asked of, as it was typed, and the words."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase in a folded question."""

    start: int
    end: int
    phrase: Phrase


Choice = tuple[Need, Hit, Hit]
"""A need, what asks for it, and what names its matter (the same hit when nothing else does)."""


def match(question: str) -> list[Meant]:
    """The needs that a question means, the one meant most first; none when none is."""
    return meant(question, tables())


def methods(found: Iterable[Meant]) -> tuple[str, ...]:
    """The instruments for all that is meant together, those that serve most of it best first."""
    scores: dict[str, float] = {}
    for one in found:
        for rank, name in enumerate(one.need.methods, 1):
            scores[name] = scores.get(name, 0) + 1 / rank
    return tuple(sorted(scores, key=lambda name: -scores[name]))


def meant(question: str, known: Tables) -> list[Meant]:
    """The same, by these tables."""
    plain = normalise(question[:LONGEST_QUESTION])[:LONGEST_QUESTION]
    text, places = fold(plain, known.skip)
    hits = list(_scan(text, known))
    asked = _asked(hits, text, known)
    return _told(_chosen(asked, hits, known), plain, places) if asked else []


def _scan(text: str, known: Tables) -> Iterator[Hit]:
    """The phrases that cover the text best: long ones before many."""
    chosen = _cover(text, known.phrases, known.sizes)
    at = 0
    while at < len(text):
        found = chosen[at]
        end = at + len(found.key) if found else at + 1
        if found:
            yield Hit(at, end, found)
        at = end


def _cover(
    text: str, phrases: Mapping[str, Phrase], sizes: Mapping[str, Sequence[int]]
) -> list[Phrase | None]:
    """At every place the phrase that is best begun there, if any is."""
    size = len(text)
    scores = [0] * (size + 1)
    chosen: list[Phrase | None] = [None] * size
    for at in range(size - 1, -1, -1):
        best = scores[at + 1]
        for length in sizes.get(text[at : at + HEAD]) or sizes.get(text[at], ()):
            end = at + length
            phrase = phrases.get(text[at:end]) if end <= size else None
            if phrase and length * length + scores[end] >= best and _whole(text, at, end):
                best, chosen[at] = length * length + scores[end], phrase
        scores[at] = best
    return chosen


def _whole(text: str, start: int, end: int) -> bool:
    """Whether neither edge is between two Latin letters or digits."""
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    if at in {0, len(text)} or not text[at].isascii():
        return False
    return text[at - 1].isascii() and text[at - 1 : at + 1].isalnum()


def _asked(hits: Sequence[Hit], text: str, known: Tables) -> list[Hit]:
    """The hits that ask: clear ones, else elements, else words for a matter too, else weak ones."""
    asking = [hit for hit in hits if hit.phrase.ask]
    strong = [hit for hit in asking if hit.phrase.ask and not hit.phrase.ask.weak]
    elements = [hit for hit in asking if hit.end - hit.start == 1]
    if strong:
        return [hit for hit in strong if not hit.phrase.matters] or elements or strong
    short = elements or asking
    if len(asking) > 1 or any(word in text for word in known.support):
        return short
    return [hit for hit in short if len(hit.phrase.key) == len(text) or _fits(hit, hits, known)]


def _fits(asked: Hit, hits: Iterable[Hit], known: Tables) -> bool:
    """Whether something else is a matter of what this asks for; of an element, any matter."""
    of = asked.phrase.ask.of if asked.phrase.ask else {}
    return any(
        wider in of or asked.end - asked.start == 1
        for hit in hits
        if hit is not asked
        for matter in hit.phrase.matters
        for wider in known.lines[matter]
    )


def _chosen(asked: Iterable[Hit], hits: Sequence[Hit], known: Tables) -> Iterator[Choice]:
    """The needs of the nearest matter, else the one that holds anywhere, else the first."""
    for one in asked:
        ask = one.phrase.ask
        if ask is None:
            continue
        fits = [
            (distance, ask.of[wider], hit)
            for hit in hits
            for matter in hit.phrase.matters
            for distance, wider in enumerate(known.lines[matter])
            if wider in ask.of
        ]
        nearest = min((fit[0] for fit in fits), default=0)
        yield from ((need, one, hit) for distance, need, hit in fits if distance == nearest)
        if not fits and ask.anywhere:
            yield ask.anywhere, one, next((hit for hit in hits if hit.phrase.matters), one)
        elif not fits and not ask.weak:
            yield ask.first, one, one


def _told(chosen: Iterable[Choice], plain: str, places: Sequence[int]) -> list[Meant]:
    """One answer a need; of words that follow on each other the last is meant most."""
    found: dict[str, tuple[Need, list[Hit], Hit]] = {}
    order: list[str] = []
    end = -1
    for need, ask, matter in chosen:
        if need.name not in found:
            found[need.name] = (need, [], matter)
            order.insert(len(order) - (ask.start == end), need.name)
        if ask not in found[need.name][1]:
            found[need.name][1].append(ask)
        end = ask.end
    return [_meant(*found[name], plain, places) for name in order]


def _meant(
    need: Need, asks: Sequence[Hit], matter: Hit, plain: str, places: Sequence[int]
) -> Meant:
    spans = [(places[hit.start], places[hit.end - 1] + 1) for hit in asks]
    words = tuple(dict.fromkeys(plain[start:end] for start, end in spans))
    said = "、".join(words)
    if matter in asks:
        return Meant(need, words, "", tuple(spans), said)
    start, end = places[matter.start], places[matter.end - 1] + 1
    thing = plain[start:end]
    gap = " " if thing[-1].isascii() and said[0].isascii() else ""
    name = matter.phrase.matters[0]
    return Meant(need, words, name, ((start, end), *spans), f"{thing}{gap}{said}")
