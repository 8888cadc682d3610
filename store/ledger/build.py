"""From a record's cells to a checked row: values where they can be read, reasons where not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from store import price
from store.instrument import national_class, scheme
from store.ledger import cells, contacts, fees, money, whose
from store.ledger.cells import Unread, text
from store.ledger.problems import Problem, Trouble
from store.ledger.record import Record
from store.ledger.row import Facts, Row
from store.ledger.sheets import Cell, words

T = TypeVar("T")
PLAIN = {
    **dict.fromkeys(("english", "model", "maker", "nation", "asset_number", "serial_number"), 300),
    **dict.fromkeys(("kind", "source", "subjects", "department", "postcode", "funds"), 300),
    **dict.fromkeys(("functions", "fields", "technical", "rules", "service_content"), 8000),
    **dict.fromkeys(("achievements", "open_hours", "remarks", "url", "email"), 4000),
    **dict.fromkeys(("customs_declaration", "customs_item", "customs_form", "condition"), 300),
}
"""Fields kept as words, with the most characters that each may have."""
LONGEST_NAME = 300
ODDLY = {"on_provincial_platform": "choice", "vouchers": "choice", "customs_supervised": "choice"}


@dataclass(slots=True)
class Build:
    """One record on its way to a row."""

    sheet: str
    record: Record
    times: int | None
    """Yuan in a bare number of the value column."""
    since_1904: bool = False
    facts: Facts = field(default_factory=Facts)
    wrong: list[Trouble] = field(default_factory=list[Trouble])
    odd: list[Trouble] = field(default_factory=list[Trouble])

    def trouble(self, why: str, name: str) -> Trouble:
        """What to say of a field's cell."""
        return Trouble(why, name, self.record.header(name), words(self.record.cell(name)))

    def read(self, name: str, reader: Callable[[Cell], T], otherwise: str = "") -> T | None:
        """A field by its reader; a cell that can't be read is wrong, or (`otherwise`) only odd."""
        if self.record.text(name) is None:
            return None
        try:
            return reader(self.record.cell(name))
        except Unread as refusal:
            if otherwise:
                self.odd.append(self.trouble(otherwise, name))
            else:
                self.wrong.append(self.trouble(refusal.why, name))
            return None

    def row(self, spoken: frozenset[str]) -> Row | Problem:
        """The row, or all that is wrong with it; what is odd stays in `odd`."""
        for step in (_name, _plain, _worth, _started, _class, _sharing, _contact, _choices):
            step(self)
        owner = whose.owner(self.record)
        if owner is None:
            self.wrong.append(self.trouble("missing", "unit"))
        if self.wrong or owner is None:
            return Problem(self.sheet, self.record.number, tuple(self.wrong))
        self.facts.address = whose.address(self.record)
        spoken = _heard(self.facts, spoken)
        return Row(self.sheet, self.record.number, *owner, self.facts, spoken)


def _heard(facts: Facts, spoken: frozenset[str]) -> frozenset[str]:
    """What the row speaks of besides its columns: a phone beside a name, a name beside a phone."""
    beside = {name for name in ("contact", "phone") if getattr(facts, name)}
    return spoken if beside <= spoken else spoken | beside


def _name(build: Build) -> None:
    name = build.record.text("name")
    if name is None:
        build.wrong.append(build.trouble("missing", "name"))
    elif len(name) > LONGEST_NAME:
        build.wrong.append(build.trouble("long", "name"))
    build.facts.name = name or ""


def _plain(build: Build) -> None:
    for name, longest in PLAIN.items():
        if name not in build.record.at:
            continue
        value = build.record.text(name)
        if value and build.record.more:
            value = "；".join(dict.fromkeys(said for _, _, said in build.record.held(name)))
        if value and len(value) > longest:
            build.wrong.append(build.trouble("long", name))
        else:
            setattr(build.facts, name, value)


def _worth(build: Build) -> None:
    found = build.read("worth", cells.amount)
    if found is None:
        return
    build.facts.worth_fen, odd = money.fen(found, build.times)
    if odd:
        build.odd.append(build.trouble(odd, "worth"))


def _started(build: Build) -> None:
    found = build.read("started", lambda cell: cells.day(cell, since_1904=build.since_1904))
    if found is None:
        return
    build.facts.started_on, build.facts.started_precision = found.on, found.precision
    if found.doubtful:
        build.odd.append(build.trouble("january", "started"))


def _class(build: Build) -> None:
    told, finer = build.record.text("category"), build.record.text("subcategory")
    known = national_class(told) if told else None
    build.facts.category = known or told
    build.facts.scheme = scheme() if known else None
    build.facts.subcategory = finer or (told if known and known != told else None)


def _sharing(build: Build) -> None:
    both = build.record.text("hours_modes")
    build.facts.open_hours = build.facts.open_hours or both
    words_ = build.record.text("service_words") or both
    build.facts.service_words = words_
    build.facts.service_modes = contacts.modes(words_) if words_ else ()
    if words_ and not build.facts.service_modes:
        name = "service_words" if not both else "hours_modes"
        build.odd.append(build.trouble("mode", name))
    build.facts.fee = fees.words_of(build.record)
    if build.facts.fee:
        read = price.read(build.facts.fee)
        build.facts.prices = tuple(one.to_json() for one in read.prices)
        if not read.read:
            build.odd.append(build.trouble("fee", "fee"))


def _contact(build: Build) -> None:
    """Who and how to call; one column may hold both, whatever its header says."""
    record = build.record
    both = [contacts.contact_and_phone(cell) for _, cell, _ in record.held("contact_phone")]
    who: list[str | None] = [said for _, _, said in record.held("contact")]
    phones = [_phone(build, cell) for _, cell, _ in record.held("phone")]
    if "phone" not in record.at and not both:
        both = [contacts.contact_and_phone(cell) for _, cell, _ in record.held("contact")]
        who = []
    elif "contact" not in record.at and not both:
        both = [(contacts.name_beside(cell), None) for _, cell, _ in record.held("phone")]
    build.facts.contact = _joined([*who, *(name for name, _ in both)])
    build.facts.phone = _joined([*phones, *(phone for _, phone in both)])


def _phone(build: Build, cell: Cell) -> str | None:
    try:
        return contacts.phone(cell)
    except Unread:
        lost = "e+" in words(cell).casefold()
        header = build.record.header("phone")
        build.odd.append(Trouble("digits" if lost else "phone", "phone", header, words(cell)))
        return None if lost else text(cell)


def _joined(parts: list[str | None]) -> str | None:
    return "、".join(dict.fromkeys(part for part in parts if part)) or None


def _choices(build: Build) -> None:
    for name, odd in ODDLY.items():
        setattr(build.facts, name, build.read(name, contacts.yes, odd))
    released = build.read("customs_released", cells.day, "odd_day")
    build.facts.customs_released_on = released.on if released else None
    build.facts.quantity = build.read("quantity", contacts.count, "count")
    if (build.facts.quantity or 1) > 1:
        build.odd.append(build.trouble("several", "quantity"))
