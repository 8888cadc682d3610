"""Words by the ways in which they may be mistyped.

They are found by what is left of them when a character is gone, by their sound, by their initials.

A table of checksums, each with where its word stands; open-addressed, in memory or on disk.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from zlib import crc32

from store.search import filters
from store.search.aliases import lexicon
from store.search.pinyin import fold, initials, spelled
from store.search.tokens import HAN, is_han, squeeze

SHORTEST = 4
"""Characters of a word in which one may be another."""
LONGEST = 24
SAME = 8
"""Words of one checksum; the others are left out."""
FULL = 2
"""Slots of a table for each of its keys."""
LEFT, SOUND, INITIAL = "?", "'", "^"

_PLATE = re.compile(rf"[{HAN}]+|[^\W\d_{HAN}]{{{SHORTEST},}}")

Word = Callable[[int], str]
"""A word by where it stands."""


def left(word: str) -> Iterator[str]:
    """A word, and what is left of it when one character is gone."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def keys(word: str) -> set[str]:
    """All keys of one word of the table."""
    found = {LEFT + rest for rest in left(word)} if len(word) >= SHORTEST - 1 else set[str]()
    if any(is_han(character) for character in word):
        found.update(SOUND + fold(way) for way in spelled(word))
        found.add(INITIAL + initials(word))
    return found


def checksum(key: str) -> int:
    """What a key comes to; never 0."""
    return crc32(key.encode()) or 1


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Words to choose from when one is not known."""

    table: Sequence[int]
    """A power of two of slots: the checksum above, where the word stands below; 0 is empty."""
    word: Word

    def find(self, keys: Iterable[str]) -> Iterator[str]:
        """The words of any of these keys, and rarely others."""
        table = self.table
        mask = len(table) - 1
        for wanted in map(checksum, keys):
            slot = wanted & mask
            while held := table[slot]:
                if held >> 32 == wanted:
                    yield self.word(held & 0xFFFF_FFFF)
                slot = (slot + 1) & mask


EMPTY = Shelf(array("Q", [0]), str)


def shelf(words: Iterable[str]) -> Shelf:
    """A shelf in memory."""
    held = tuple(dict.fromkeys(word for word in words if 1 < len(word) <= LONGEST))
    return Shelf(table((word, at) for at, word in enumerate(held)), held.__getitem__)


@cache
def known_words() -> frozenset[str]:
    """Words of the lexicon that mean something, and those that its English names are made of."""
    words = lexicon().words.values()
    named = {known.key for known in words if known.means and len(known.key) <= LONGEST}
    return frozenset(named.union(*[_PLATE.findall(known.said.lower()) for known in words]))


@cache
def _named() -> str:
    """All names of instruments, one a line."""
    words = lexicon().words.values()
    return "\n".join(["", *(known.key for known in words if known.concepts), ""])


def holding(part: str) -> Iterator[str]:
    """Names of instruments that hold a part."""
    names, at = _named(), 0
    while (at := names.find(part, at)) >= 0:
        end = names.index("\n", at)
        yield names[names.rindex("\n", 0, at) + 1 : end]
        at = end


@cache
def known_shelf() -> Shelf:
    """The shelf of these alone."""
    return shelf(known_words())


def units_and_places(organisations: Iterable[str], places: Iterable[str]) -> set[str]:
    """What organisations and places are called."""
    known = chain(filters.units_known(organisations), filters.places_known(places))
    return {each.key for each in known if len(each.key) <= LONGEST}


def words_of(name: str, model: str, maker: str, english: str) -> Iterator[str]:
    """The words of an instrument that the lexicon does not have."""
    yield from _name_words(name)
    yield from _plate_words(model, maker)
    if english:
        yield from _new(_PLATE.findall(english.lower()))


@lru_cache(maxsize=1 << 12)
def _name_words(name: str) -> tuple[str, ...]:
    return () if lexicon().tokens_of(name) else _new([squeeze(name)])


@lru_cache(maxsize=1 << 12)
def _plate_words(model: str, maker: str) -> tuple[str, ...]:
    return _new([squeeze(model), *_PLATE.findall(f"{model} {maker}".lower())])


def _new(words: Iterable[str]) -> tuple[str, ...]:
    known = lexicon().words
    return tuple({word for word in words if 2 < len(word) <= LONGEST and word not in known})


def table(places: Iterable[tuple[str, int]]) -> "array[int]":
    """The table of words and where they stand."""
    made = array("Q")
    for word, at in places:
        made.extend(checksum(key) << 32 | at for key in keys(word))
    size = 1 << (len(made) * FULL).bit_length()
    slots = array("Q", bytes(8 * size))
    for held in made:
        _put(slots, held, size - 1)
    return slots


def _put(slots: "array[int]", held: int, mask: int) -> None:
    wanted, same = held >> 32, 0
    slot = wanted & mask
    while there := slots[slot]:
        same += there >> 32 == wanted
        if same == SAME:
            return
        slot = (slot + 1) & mask
    slots[slot] = held


def slips(typed: str, meant: str) -> bool:
    """Whether one character is wrong, missing, too many, or two side by side are swapped."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    at = next(
        (at for at, (one, two) in enumerate(zip(typed, meant, strict=False)) if one != two),
        min(len(typed), len(meant)),
    )
    one, two = typed[at:], meant[at:]
    swapped = one[:2] == two[:2][::-1] and one[2:] == two[2:]
    return one[1:] == two[1:] or one[1:] == two or one == two[1:] or swapped
