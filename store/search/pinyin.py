"""How Chinese is read aloud: the commonest slip of all writes another character of the same sound.

Syllables are compared folded, so that people who do not tell `zh` from `z` or `ing` from `in` in
speech are understood as well.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise, product
from operator import add
from pathlib import Path

from store.search.tokens import HAN

TABLE = Path(__file__).with_name("pinyin.txt")
READINGS = 4
"""Readings of one word that are tried."""
LONGEST_SYLLABLE = 6
INITIALS = 3
"""Initials that one token holds."""
VOWELS = frozenset("aeiou")
CUTS = 3
"""Ways to cut letters into syllables that are tried."""

_FOLDED = ("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("v", "u")
_HAN_RUN = re.compile(f"[{HAN}]+")


@cache
def table() -> dict[str, tuple[str, ...]]:
    """The syllables of each character, the usual one first."""
    found: dict[str, tuple[str, ...]] = {}
    seldom: list[tuple[str, str]] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            syllable, _, characters = line.partition(" ")
            usual, _, other = characters.partition("|")
            found.update((character, (syllable,)) for character in usual)
            seldom += [(character, syllable) for character in other]
    for character, syllable in seldom:
        found[character] += (syllable,)
    return found


@cache
def syllables() -> frozenset[str]:
    """Every syllable, folded."""
    every = {fold(each) for readings in table().values() for each in readings}
    return frozenset(each for each in every if not VOWELS.isdisjoint(each))


def fold(letters: str) -> str:
    """Letters with what sounds much alike made the same."""
    for one, same in _FOLDED:
        letters = letters.replace(one, same)
    return letters


def spelled(word: str) -> Iterator[str]:
    """The ways to write a word in letters, the usual one first; letters and digits stay."""
    known = table()
    each = [known.get(character, (character,)) for character in word]
    return islice(map("".join, product(*each)), READINGS)


def initials(word: str) -> str:
    """The first letter of each character; letters and digits stay."""
    known = table()
    return "".join(known.get(character, (character,))[0][0] for character in word)


def sounds(text: str) -> Iterator[str]:
    """Tokens by which a name is found from its sound: pairs of syllables, runs of initials."""
    for run in _HAN_RUN.findall(text):
        heard = [_folded(character) for character in run]
        for one, two in pairwise(heard):
            yield from (f"'{first}{second}" for first, second in product(one, two))
        first = initials(run)
        for at in range(len(first) - INITIALS + 1):
            yield f"^{first[at : at + INITIALS]}"


def asked_by_sound(heard: str) -> Iterator[tuple[str, ...]]:
    """The tokens that ask for letters or characters by their sound, for each way to cut them."""
    for cut in islice(_cuts(heard), CUTS):
        if len(cut) > 1:
            yield tuple(dict.fromkeys(f"'{pair}" for pair in map(add, cut, cut[1:])))


def asked_by_initials(letters: str) -> tuple[str, ...]:
    """The tokens that ask for a run of initials; none for less than three."""
    last = len(letters) - INITIALS
    return tuple(dict.fromkeys(f"^{letters[at : at + INITIALS]}" for at in range(last + 1)))


@cache
def _folded(character: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(fold, table().get(character, (character,)))))


def _cuts(heard: str) -> Iterator[tuple[str, ...]]:
    """Cut into syllables, long ones first; characters are syllables of their own."""
    good = {len(heard)}
    for at in range(len(heard) - 1, -1, -1):
        if any(at + size in good for size, _ in _syllables_at(heard, at)):
            good.add(at)
    return _cut_from(heard, 0, good)


def _cut_from(heard: str, at: int, good: set[int]) -> Iterator[tuple[str, ...]]:
    """The ways to go on from here, only over places from which the end can be reached."""
    if at == len(heard):
        yield ()
    for size, syllable in _syllables_at(heard, at):
        if at + size in good:
            yield from ((syllable, *rest) for rest in _cut_from(heard, at + size, good))


def _syllables_at(heard: str, at: int) -> Iterator[tuple[int, str]]:
    if heard[at : at + 1] in table():
        yield 1, _folded(heard[at])[0]
        return
    for size in range(min(LONGEST_SYLLABLE, len(heard) - at), 0, -1):
        if (syllable := fold(heard[at : at + size])) in syllables():
            yield size, syllable
