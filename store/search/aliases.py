"""What instruments, makers and conditions are called: the lexicon of the data files."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain

from store.search.filters import conditions_known
from store.search.lexicon import WIDE, Known, Lexicon, Way, known_ways
from store.search.tokens import is_han, latin, pairs, squeeze
from store.search.vocabulary import aliases, english, makers, manners

EVERYDAY = "~"


@cache
def lexicon() -> Lexicon:
    """The lexicon of the files here, without places and organisations; not to be changed."""
    names = _names()
    wider = {
        name: tuple(squeeze(word) for word in others if word.startswith(WIDE))
        for name, others in names.items()
    }
    found = Lexicon(wider=wider)
    for known in chain(_instruments(names), conditions_known(), _makers()):
        found.learn(known)
    for known in chain(_english(found), _silent()):
        found.learn(known)
    return found


def _names() -> dict[str, list[str]]:
    return {name: others for table in aliases().values() for name, others in table.items()}


def _instruments(names: dict[str, list[str]]) -> Iterator[Known]:
    exact: dict[str, list[str]] = {}
    wide: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for name, others in names.items():
        for other in (name, *others):
            key, meant = squeeze(other), wide if other.startswith(WIDE) else exact
            meant.setdefault(key, []).append(name)
            said.setdefault(key, other.removeprefix(WIDE))
    for key, word in said.items():
        concepts = tuple(exact.get(key, ()))
        takes_in = [each for each in (key, *map(squeeze, concepts)) if each in wide]
        wider = tuple(wide.get(key, ()))
        yield Known(key, word, concepts, wider, tuple(dict.fromkeys(takes_in)))


def _english(lexicon: Lexicon) -> Iterator[Known]:
    """English words, met by whatever the Chinese words are met by."""
    for word, meant in english().items():
        ways: list[Way] = [(latin(squeeze(word)),)]
        for each in map(squeeze, meant):
            known = lexicon.words.get(each)
            ways += [pairs(each) if is_han(each) else (latin(each),)]
            ways += known_ways(known) if known else ()
        yield Known(squeeze(word), meant[0], ways=tuple(dict.fromkeys(ways)))


def _makers() -> Iterator[Known]:
    groups: dict[str, list[str]] = {}
    everyday: set[str] = set()
    said: dict[str, str] = {}
    for names in makers():
        for name in names:
            key = squeeze(name)
            groups.setdefault(key, []).append(names[0])
            said[key] = names[0]
            if name.startswith(EVERYDAY):
                everyday.add(key)
    for key, canons in groups.items():
        yield Known(key, said[key], makers=tuple(canons), everyday=key in everyday)


def _silent() -> Iterator[Known]:
    """Words that say nothing, or nothing beside a name."""
    polite, weak = _squeezed(manners()["polite"]), _squeezed(manners()["weak"])
    yield from (Known(key, polite=True) for key in polite)
    yield from (Known(key, weak=True) for key in weak)


def _squeezed(words: Iterable[str]) -> Iterator[str]:
    return map(squeeze, words)
