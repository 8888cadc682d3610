"""What may have been meant where the words as typed are not known.

By sound, by a slip of the finger, by initials; only tried when nothing is found as they stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, groupby, islice, pairwise

from store.search.lexicon import Known, Lexicon, Match, Way, known_ways
from store.search.pinyin import asked_by_initials, asked_by_sound, fold, spelled, table
from store.search.question import ALSO, Asked, Parts
from store.search.spell import INITIAL, LEFT, SHORTEST, SOUND, Shelf, holding, left, slips
from store.search.tokens import is_han
from store.search.understand import ask

LONGEST = 12
"""Atoms of a piece that may stand for one word."""
MOST_ATOMS = 20
"""Atoms of a stretch that is looked at."""
MOST_WORDS = 3
"""Words that are tried for one piece."""
MOST_HELD = 40
"""Names that hold what was typed, of which so many would say nothing."""
MOST_THINGS = 6
FEWEST_INITIALS = 3
PAIR = 2


Words = tuple[str, ...]
Shelves = tuple[Shelf, ...]


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

    @property
    def inner(self) -> set[int]:
        """Atoms that go on a word of letters and digits."""
        return {
            at
            for at, (one, two) in enumerate(pairwise(self.parts), 1)
            if one.end() == two.start() and (one.group() + two.group()).isascii()
        }


def corrected(asked: Asked, lexicon: Lexicon, shelves: Shelves) -> Iterator[Asked]:
    """The question with words that may have been meant: long pieces before short ones."""
    found = list(stretches(asked))
    for stretch in found:
        for piece, words in _likely_words(stretch, shelves):
            yield _instead(asked, piece, words, lexicon)
    for stretch in found:
        words = begun(stretch.typed, lexicon)
        if words:
            yield _instead(asked, stretch, words, lexicon)


def sounding(asked: Asked, lexicon: Lexicon, shelves: Shelves) -> Iterator[Asked]:
    """The question with a whole stretch that sounds like the name of an instrument."""
    for stretch in stretches(asked):
        if len(stretch.typed) >= SHORTEST and not stretch.typed.isascii():
            words = [word for _, word in _by_sound(stretch.typed, shelves)]
            names = [word for word in words if _names(lexicon, word) and word != stretch.typed]
            if names:
                yield _instead(asked, stretch, names[:1], lexicon)


def _instead(asked: Asked, piece: Stretch, words: Sequence[str], lexicon: Lexicon) -> Asked:
    """The question with other words instead of a piece; several are taken as one."""
    named: dict[tuple[str, ...], Known] = {}
    for word in words:
        known = lexicon.words.get(word)
        if known and not known.filter:
            named.setdefault(known.concepts or known.wider or known.makers or (word,), known)
    if len(named) > 1:
        ways = tuple(way for known in named.values() for way in known_ways(known))
        label = ALSO.join([known.said for known in named.values()][:MOST_WORDS])
        return _taken(asked, piece, Known(piece.typed, label, ways=ways))
    again = ask(_replaced(asked, piece, words[0]), lexicon)
    return replace(again, prices=asked.prices, typed=asked.typed, corrected=True)


def begun(typed: str, lexicon: Lexicon) -> Words:
    """Names that hold what was typed; none when they are of too many things."""
    if len(typed) < (SHORTEST if typed.isascii() else SHORTEST - 1):
        return ()
    words = _holding(typed)
    things = {name for word in words for name in _names(lexicon, word)}
    return words if len(things) <= MOST_THINGS and len(words) < MOST_HELD else ()


@lru_cache(maxsize=1 << 12)
def _holding(typed: str) -> Words:
    return tuple(islice(holding(typed), MOST_HELD))


def _names(lexicon: Lexicon, word: str) -> tuple[str, ...]:
    known = lexicon.words.get(word)
    return known.concepts if known else ()


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


def _likely_words(stretch: Stretch, shelves: Shelves) -> Iterator[tuple[Stretch, Words]]:
    """Pieces of a stretch with the words that each may stand for, by how likely they are."""
    count, inner = len(stretch.parts), stretch.inner
    texts = [part.group() for part in stretch.parts]
    for size in range(min(LONGEST, count), 0, -1):
        for start in range(count - size + 1):
            if start in inner or start + size in inner:
                continue
            if stretch.unknown.isdisjoint(range(start, start + size)):
                continue
            typed, parts = "".join(texts[start : start + size]), stretch.parts[start : start + size]
            several = meant(typed, shelves, whole=size == count)
            if typed.isascii() and _spaced(parts) and typed in _found(shelves, [LEFT + typed]):
                several = ((typed,), *several)
            for words in several:
                yield Stretch(stretch.clause, stretch.start + start, parts, frozenset()), words


def _spaced(parts: Parts) -> bool:
    """Whether something stands between them."""
    return any(one.end() < two.start() for one, two in pairwise(parts))


@lru_cache(maxsize=1 << 12)  # one piece is in several readings, and in many questions
def meant(typed: str, shelves: Shelves, *, whole: bool) -> tuple[Words, ...]:
    """Words that a piece may stand for, those of one likelihood together, the likeliest first."""
    letters = typed.isascii()
    if len(typed) < PAIR or (letters and typed.isdigit()):
        return ()
    ranked: dict[str, int] = {}
    if len(typed) >= SHORTEST and typed.isalpha() if letters else whole or len(typed) > PAIR:
        for rank, word in _by_sound(typed, shelves):
            ranked.setdefault(word, rank)
    if letters and typed.isalpha() and len(typed) >= FEWEST_INITIALS:
        for word in _found(shelves, [INITIAL + typed]):
            ranked.setdefault(word, 2)
    if len(typed) >= SHORTEST - 1:
        for word in _by_slip(typed, shelves):
            ranked.setdefault(word, 3)
    ranked.pop(typed, None)
    ordered = sorted(ranked, key=lambda word: (ranked[word], len(word)))
    return tuple(tuple(words) for _, words in groupby(ordered, ranked.__getitem__))


def _by_sound(typed: str, shelves: Shelves) -> Iterator[tuple[int, str]]:
    """Words that sound the same (0), or much alike (1)."""
    for way in [typed] if typed.isascii() else spelled(typed):
        for word in _found(shelves, [SOUND + fold(way)]):
            ways = list(spelled(word))
            if fold(way) in map(fold, ways) and any(map(table().__contains__, word)):
                yield (0 if way in ways else 1), word


def _by_slip(typed: str, shelves: Shelves) -> Iterator[str]:
    for word in _found(shelves, [LEFT + rest for rest in left(typed)]):
        if slips(typed, word) and _likely(typed, word):
            yield word


def _likely(typed: str, word: str) -> bool:
    """Whether a slip leaves enough; in short words, characters may only be swapped or missing."""
    if len(typed) == len(word):
        return len(typed) >= SHORTEST or sorted(typed) == sorted(word)
    return min(len(typed), len(word)) >= SHORTEST - 1


def _found(shelves: Shelves, keys: Sequence[str]) -> Iterator[str]:
    return chain.from_iterable([shelf.find(keys) for shelf in shelves])


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
    """The question with a piece as one known word."""
    start, end = stretch.start, stretch.start + len(stretch.parts)
    rest = [
        match for match in asked.matches[stretch.clause] if match.end <= start or match.start >= end
    ]
    ours = sorted([*rest, Match(start, end, known)], key=lambda match: match.start)
    every = list(asked.matches)
    every[stretch.clause] = tuple(ours)
    return replace(asked, matches=tuple(every), corrected=True)


def _replaced(asked: Asked, piece: Stretch, word: str) -> str:
    """All clauses again, with a piece of one replaced."""
    texts = [parts[0].string if parts else "" for parts in asked.clauses]
    text, start, end = texts[piece.clause], piece.parts[0].start(), piece.parts[-1].end()
    texts[piece.clause] = f"{text[:start]} {word} {text[end:]}"
    return ",".join(texts)


def _joined(parts: Parts) -> str:
    return "".join(part.group() for part in parts)
