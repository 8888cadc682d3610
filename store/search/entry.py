"""What the index keeps of one instrument, and by which tokens it is found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import orjson

from store.search import filters
from store.search.aliases import lexicon
from store.search.lexicon import clauses
from store.search.pinyin import sounds
from store.search.tokens import joined_names, tokens

NAME, HEAD, ANY = range(3)
"""Where a token stands: in the name, beside it (maker, model), anywhere else."""

LONGEST_FEE = 24
SCORES = 16
PAUSED = 5
"""Where `Entry.shown` says so."""
LISTED = 8
"""Scores from here up are of instruments that are listed; below, paused."""


class Shown(TypedDict):
    """What a list shows of an instrument; every text as it stands in a line."""

    number: str
    title: str
    """Name and model."""
    organisation: str
    place: str
    fee: str
    modes: str
    paused: NotRequired[bool]
    """There only where it is paused."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One instrument as search sees it; withdrawn ones have none."""

    id: int
    name: str
    organisation: str
    kind: str = ""
    """Of the organisation: `university`, `company`…"""
    county: str = ""
    city: str = ""
    province: str = ""
    place: str = ""
    """The county for short, as lists show it."""
    english: str = ""
    model: str = ""
    maker: str = ""
    nation: str = ""
    category: str = ""
    functions: str = ""
    fields: str = ""
    address: str = ""
    modes: tuple[str, ...] = ()
    """`self`, `sample`, `joint`."""
    modes_words: str = ""
    fee: str = ""
    open_hours: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    vouchers: bool = False
    paused: bool = False

    @property
    def score(self) -> int:
        """Its standing rank: listed before paused, then the better described; 0 to 15."""
        told = (self.fee, self.open_hours, self.functions, self.phone, self.vouchers)
        return (0 if self.paused else LISTED) + sum(map(bool, told))

    def shown(self) -> bytes:
        """What lists show, packed."""
        title = f"{self.name} {self.model}".rstrip()
        fee = " ".join(self.fee.split())[:LONGEST_FEE]
        facts = [title, self.organisation, self.place, fee, self.modes_words]
        return orjson.dumps([*facts, 1] if self.paused else facts)

    def values(self) -> Iterator[tuple[str, str]]:
        """The texts by which it is found, each with the name of its field."""
        for field in FIELDS:
            text = getattr(self, field)
            if field in LISTS:
                yield from ((field, clause) for clause in clauses(text))
            elif text:
                yield field, text

    def tags(self) -> Iterator[str]:
        """Tokens for conditions, which nobody can type."""
        yield from filters.unit_tags(self.organisation)
        yield from filters.place_tags(self.county, self.city, self.province)
        yield from filters.nation_tags(self.nation)
        yield from filters.fee_tags(self.fee)
        yield from filters.opening_tags(self.open_hours)
        yield from (f"@mode/{mode}" for mode in self.modes)
        if self.kind:
            yield f"@kind/{self.kind}"
        if self.vouchers:
            yield "@voucher/yes"


def unpack(number: int, packed: bytes) -> Shown:
    """Turn `Entry.shown` back."""
    facts = orjson.loads(packed)
    shown: Shown = {
        "number": f"YQ{number}",
        "title": facts[0],
        "organisation": facts[1],
        "place": facts[2],
        "fee": facts[3],
        "modes": facts[4],
    }
    if len(facts) > PAUSED:
        shown["paused"] = True
    return shown


FIELDS: dict[str, int] = {
    "name": NAME,
    "english": NAME,
    "model": HEAD,
    "maker": HEAD,
    "functions": ANY,
    "fields": ANY,
    "organisation": ANY,
    "county": ANY,
    "address": ANY,
    "category": ANY,
    "nation": ANY,
}
"""Every field that is searched, and where its tokens stand."""

LISTS = frozenset({"functions", "fields"})
"""Fields that list things; no word runs from one thing to the next."""
NAMING = frozenset({"name", "english", "functions"})
"""Fields whose words are looked up among the names of instruments."""
PLATE = frozenset({"maker", "model"})
"""Fields whose words are looked up among the names of makers."""


def value_tokens(field: str, text: str) -> frozenset[str]:
    """All tokens of one field's text."""
    found = tokens(text, joined=field == "model")
    if field == "name":
        found |= frozenset(sounds(joined_names(text)))
    if field in NAMING:
        return found | lexicon().tokens_of(text)
    return found | lexicon().tokens_of(text, plate=True) if field in PLATE else found


def entry_tokens(entry: Entry) -> tuple[set[str], set[str], set[str]]:
    """All tokens of an instrument: of its name; of that, maker and model; of everything."""
    found: tuple[set[str], set[str], set[str]] = (set(), set(), set(entry.tags()))
    for field, text in entry.values():
        found[FIELDS[field]].update(value_tokens(field, text))
    name, head, rest = found
    head |= name
    return name, head, rest | head
