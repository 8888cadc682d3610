"""The names by which an organisation is called."""

from collections.abc import Iterator
from functools import cache, lru_cache

from store import county
from store.search.tokens import squeeze
from store.search.vocabulary import conditions


@lru_cache(maxsize=1 << 13)
def keys(name: str) -> tuple[str, ...]:
    """A name in full and for short, as questions are compared with it; the fullest first.

    A name that is but a word is none to be recognised.
    """
    told = conditions()["units"]
    full = squeeze(name)
    if len(full) < told["shortest"]:
        return ()
    found = dict.fromkeys([full])
    for form in _forms(full):
        short = _headless(form)
        shortened = [one for one in (*_shortened(form), *_shortened(short)) if len(one) > 2]
        found |= dict.fromkeys([form, *shortened])
        if len(short) >= told["shortest"]:
            found[short] = None
    found |= dict.fromkeys(_bare(full))
    return tuple(found)


def _forms(full: str) -> Iterator[str]:
    """The whole, its body without the part behind it, that part, and companies for short."""
    told = conditions()["units"]
    yield full
    for end in told["legal"]:
        if full.endswith(end):
            yield full.removesuffix(end) + told["company"]
            break
    ends = [full.find(body) + len(body) for body in told["bodies"] if body in full]
    cut = min(ends, default=len(full))
    if cut < len(full):
        yield full[:cut]
        yield full[cut:]


def _bare(full: str) -> Iterator[str]:
    """A company without what says that it is one, where a place in front says that still."""
    for end in conditions()["units"]["legal"]:
        if full.endswith(end) and _headless(full) != full:
            yield full.removesuffix(end)
            break


def _headless(name: str) -> str:
    """Without the place in front."""
    head = next((head for head in _heads() if name.startswith(head)), "")
    return name[len(head) :]


def _shortened(name: str) -> Iterator[str]:
    for long, short in conditions()["units"]["short"].items():
        if long in name:
            yield name.replace(long, short)


@cache
def _heads() -> tuple[str, ...]:
    """Provinces, cities and counties that an organisation's name may begin with."""
    places = {name for place in county.known() for name in (place.name, place.city, place.province)}
    short = {name[:-1] for name in places if len(name) > 2}
    return tuple(sorted(filter(None, places | short), key=len, reverse=True))
