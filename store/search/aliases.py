"""What instruments, makers and conditions are called: the lexicon of the data files."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain

from store.search.filters import conditions_known
from store.search.lexicon import WIDE, Known, Lexicon
from store.search.tokens import squeeze
from store.search.vocabulary import aliases, makers, manners

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
    for known in chain(_instruments(names), conditions_known(), _makers(), _silent()):
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
        yield Known(key, word, tuple(exact.get(key, ())), tuple(wide.get(key, ())))


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
