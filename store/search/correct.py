"""What may have been meant where the words as typed are not known.

By sound, by a slip of the finger, by initials; only tried when nothing is found as they stand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from store.search.lexicon import Known, Lexicon, Match, Way
from store.search.pinyin import asked_by_initials, asked_by_sound, fold, spelled, table
from store.search.spell import INITIAL, LEFT, SHORTEST, SOUND, Shelf, left, slips
from store.search.tokens import is_han
from store.search.understand import Asked, Parts, ask

LONGEST = 12
"""Atoms of a piece that may stand for one word."""
MOST_ATOMS = 20
"""Atoms of a stretch that is looked at."""
MOST_WORDS = 3
"""Words that are tried for one piece."""
FEWEST_INITIALS = 3
PAIR = 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Atoms of a clause side by side, some of which nobody knows."""

    clause: int
    start: int
    parts: Parts
    unknown: frozenset[int]

    @property
    def typed(self) -> str:
        """Its words without what stands between them."""
        return _joined(self.parts)


def corrected(asked: Asked, lexicon: Lexicon, shelves: Sequence[Shelf]) -> Iterator[Asked]:
    """The question with a word that may have been meant: long pieces before short ones."""
    for stretch in stretches(asked):
        for piece, words in _likely_words(stretch, shelves):
            for word in words:
                text = _replaced(asked, stretch.clause, piece, word)
                again = ask(text, lexicon)
                yield replace(again, prices=asked.prices, typed=asked.typed, corrected=True)


def heard(asked: Asked) -> Iterator[tuple[Asked, str]]:
    """The question with a stretch taken for the sound of something inside a name, and that."""
    for stretch in stretches(asked):
        ways = tuple(_sounds(stretch.typed))
        if ways:
            known = Known(stretch.typed, ways=ways)
            yield _taken(asked, stretch, known), stretch.typed


def aligned(typed: str, name: str) -> str | None:
    """What in a name sounds like this."""
    wanted = {fold(way) for way in spelled(typed)} if not typed.isascii() else {fold(typed)}
    for start in range(len(name)):
        for end in range(start + PAIR, len(name) + 1):
            piece = name[start:end]
            if is_han(piece) and any(fold(way) in wanted for way in spelled(piece)):
                return piece
    return None


def stretches(asked: Asked) -> Iterator[Stretch]:
    """The unknown words of each clause with what stands beside them, conditions left out."""
    for clause, (parts, matches) in enumerate(zip(asked.clauses, asked.matches, strict=True)):
        known = {n: match.known for match in matches for n in range(match.start, match.end)}
        shut = [n in known and _stands(known[n]) for n in range(len(parts))]
        for barred, group in groupby(range(len(parts)), key=shut.__getitem__):
            run = list(group)[:MOST_ATOMS]
            unknown = frozenset(n - run[0] for n in run if n not in known)
            if unknown and not barred:
                yield Stretch(clause, run[0], parts[run[0] : run[-1] + 1], unknown)


def _stands(known: Known) -> bool:
    """Whether a known word is surely itself: a condition, or manners of more than a character."""
    return bool(known.filter) or (known.polite and len(known.key) > 1)


def _likely_words(stretch: Stretch, shelves: Sequence[Shelf]) -> Iterator[tuple[Parts, list[str]]]:
    count = len(stretch.parts)
    for size in range(min(LONGEST, count), 0, -1):
        for start in range(count - size + 1):
            if stretch.unknown.isdisjoint(range(start, start + size)):
                continue
            piece = stretch.parts[start : start + size]
            words = meant(_joined(piece), shelves, whole=size == count)
            if words:
                yield piece, words[:MOST_WORDS]


def meant(typed: str, shelves: Sequence[Shelf], *, whole: bool) -> list[str]:
    """Words that a piece may stand for, the likeliest first."""
    letters = typed.isascii()
    if len(typed) < PAIR or (letters and typed.isdigit()):
        return []
    ranked: dict[str, int] = {}
    if len(typed) >= SHORTEST and typed.isalpha() if letters else whole or len(typed) > PAIR:
        for rank, word in _by_sound(typed, shelves):
            ranked.setdefault(word, rank)
    if letters and typed.isalpha() and len(typed) >= FEWEST_INITIALS:
        for word in _found(shelves, INITIAL + typed):
            ranked.setdefault(word, 2)
    if len(typed) >= SHORTEST - 1:
        for word in _by_slip(typed, shelves):
            ranked.setdefault(word, 3)
    ranked.pop(typed, None)
    return sorted(ranked, key=lambda word: (ranked[word], len(word)))


def _by_sound(typed: str, shelves: Sequence[Shelf]) -> Iterator[tuple[int, str]]:
    """Words that sound the same (0), or much alike (1)."""
    for way in [typed] if typed.isascii() else spelled(typed):
        for word in _found(shelves, SOUND + fold(way)):
            ways = list(spelled(word))
            if fold(way) in map(fold, ways) and any(map(table().__contains__, word)):
                yield (0 if way in ways else 1), word


def _by_slip(typed: str, shelves: Sequence[Shelf]) -> Iterator[str]:
    for rest in left(typed):
        for word in _found(shelves, LEFT + rest):
            if slips(typed, word) and _likely(typed, word):
                yield word


def _likely(typed: str, word: str) -> bool:
    """Whether a slip leaves enough; in short words, characters may only be swapped or missing."""
    if len(typed) == len(word):
        return len(typed) >= SHORTEST or sorted(typed) == sorted(word)
    return min(len(typed), len(word)) >= SHORTEST - 1


def _found(shelves: Iterable[Shelf], key: str) -> Iterator[str]:
    for shelf in shelves:
        yield from shelf.find(key)


def _sounds(typed: str) -> Iterator[Way]:
    """The tokens of what sounds so, or has these initials, inside a name."""
    if typed.isascii():
        if typed.isalpha() and len(typed) >= SHORTEST:
            yield from asked_by_sound(typed)
        if typed.isalpha() and len(typed) >= FEWEST_INITIALS:
            yield asked_by_initials(typed)
    elif len(typed) > PAIR:
        yield from asked_by_sound(typed)


def _taken(asked: Asked, stretch: Stretch, known: Known) -> Asked:
    """The question with a stretch as one known word."""
    start, end = stretch.start, stretch.start + len(stretch.parts)
    rest = [
        match for match in asked.matches[stretch.clause] if match.end <= start or match.start >= end
    ]
    ours = sorted([*rest, Match(start, end, known)], key=lambda match: match.start)
    every = list(asked.matches)
    every[stretch.clause] = tuple(ours)
    return replace(asked, matches=tuple(every), corrected=True)


def _replaced(asked: Asked, clause: int, piece: Parts, word: str) -> str:
    """All clauses again, with a piece of one replaced."""
    texts = [parts[0].string if parts else "" for parts in asked.clauses]
    text = texts[clause]
    texts[clause] = f"{text[: piece[0].start()]} {word} {text[piece[-1].end() :]}"
    return ",".join(texts)


def _joined(parts: Parts) -> str:
    return "".join(part.group() for part in parts)
