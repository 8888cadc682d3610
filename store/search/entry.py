"""What the index keeps of one instrument, and by which tokens it is found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

import orjson

from store.search.aliases import clauses, lexicon
from store.search.tokens import tokens

NAME, HEAD, ANY = range(3)
"""Where a token stands: in the name, beside it (maker, model), anywhere else."""

LONGEST_TAG = 40
SCORES = 16
LISTED = 8
"""Scores from here up are of instruments that are listed; below, paused."""


class Shown(TypedDict):
    """What a list shows of an instrument."""

    id: int
    number: str
    name: str
    model: str
    organisation: str
    place: str
    fee: str
    modes: str
    paused: bool
    latitude: float | None
    longitude: float | None


@dataclass(slots=True, kw_only=True)
class Entry:
    """One instrument as search sees it; withdrawn ones have none."""

    id: int
    name: str
    organisation: str
    organisation_id: int = 0
    county: str = ""
    county_id: int = 0
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
        return orjson.dumps(
            [
                self.name,
                self.model,
                self.organisation,
                self.place,
                self.fee,
                self.modes_words,
                int(self.paused),
                self.latitude,
                self.longitude,
            ]
        )

    def values(self) -> Iterator[tuple[str, str]]:
        """The texts by which it is found, each with the name of its field."""
        for field in FIELDS:
            text = getattr(self, field)
            if field in LISTS:
                yield from ((field, clause) for clause in clauses(text))
            elif text:
                yield field, text

    def tags(self) -> Iterator[str]:
        """Tokens for filters, which nobody can type."""
        yield f"@unit/{self.organisation_id}"
        yield f"@county/{self.county_id}"
        yield f"@class/{self.category[:LONGEST_TAG]}"
        for mode in self.modes:
            yield f"@mode/{mode}"
        if self.vouchers:
            yield "@vouchers"


def unpack(number: int, packed: bytes) -> Shown:
    """Turn `Entry.shown` back."""
    facts: list[Any] = orjson.loads(packed)
    name, model, organisation, place, fee, modes, paused, latitude, longitude = facts
    return {
        "id": number,
        "number": f"YQ{number}",
        "name": name,
        "model": model,
        "organisation": organisation,
        "place": place,
        "fee": fee,
        "modes": modes,
        "paused": bool(paused),
        "latitude": latitude,
        "longitude": longitude,
    }


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


def value_tokens(field: str, text: str) -> frozenset[str]:
    """All tokens of one field's text."""
    found = tokens(text, joined=field == "model")
    return found | lexicon().concepts(text) if field in NAMING else found


def entry_tokens(entry: Entry) -> tuple[set[str], set[str], set[str]]:
    """All tokens of an instrument: of its name; of that, maker and model; of everything."""
    found: tuple[set[str], set[str], set[str]] = (set(), set(), set(entry.tags()))
    for field, text in entry.values():
        found[FIELDS[field]].update(value_tokens(field, text))
    name, head, rest = found
    head |= name
    return name, head, rest | head
