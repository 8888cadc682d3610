"""A sheet's rows one after another: what merges, blanks and sections leave unsaid is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from store import county
from store.ledger import around, columns
from store.ledger.cells import text
from store.ledger.header import Column, Header
from store.ledger.problems import Problem, Trouble
from store.ledger.sheets import Cell, Place, Sheet, words
from store.ledger.sheets import Row as Cells
from store.wording import fold

MACHINE = ("model", "maker", "started", "asset_number")
OWNERS = ("unit", "unit_kind", "unit_address", "county")
"""What a blank below an organisation's first row takes from it."""
SHARED = ("contact", "phone", "contact_phone", "address", "email")
"""What it takes only where nothing in the organisation's other rows says another thing."""
GROWING = ("fee", "functions", "fields", "technical", "service_words")


@dataclass(slots=True)
class Record:
    """One instrument's cells by field, as the file holds them, each with its column."""

    number: int
    cells: dict[str, list[tuple[Column, Cell]]]
    section: "Section"
    carried: bool = False
    """Whether the organisation stands in a row above, not in this one."""

    def cell(self, name: str) -> Cell:
        """The field's first cell that says anything."""
        held = self.cells.get(name, ())
        return next((cell for _, cell in held if text(cell) is not None), "")

    def header(self, name: str) -> str:
        """The header of the field's column."""
        held = self.cells.get(name)
        return held[0][0].title if held else ""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands above a row without being in its columns."""

    unit: str | None = None
    county: str | None = None


@dataclass(slots=True)
class Walk:
    """One pass over a sheet."""

    sheet: Sheet
    header: Header
    strays: list[Problem] = field(default_factory=list[Problem])
    section: Section = field(default_factory=Section)
    _tall: dict[Place, int] = field(default_factory=dict[Place, int])
    _open: dict[int, tuple[int, Cell]] = field(default_factory=dict[int, tuple[int, Cell]])
    _owner: dict[str, list[tuple[Column, Cell]]] = field(default_factory=dict)
    _above: Cells = field(default_factory=list)

    def records(self) -> Iterator[Record]:
        """The instruments' rows in their order; a record over several rows comes once."""
        self._tall = self.sheet.tall()
        self.section = self._first_section()
        last: Record | None = None
        for number, row in self.sheet.rows():
            if number <= self.header.last:
                continue
            filled, covered = self._filled(number - 1, row)
            if not self._holds(number, row, covered):
                continue
            if last and self._continues(row, covered):
                self._grow(last, row)
                continue
            if last:
                yield last
            last = self._record(number, filled)
        if last:
            yield last

    def _first_section(self) -> Section:
        name = fold(self.sheet.name)
        place = county.locate(name)
        unit = around.titled_unit(self.header)
        if unit is None and self.header.one("unit") is None and around.like_unit(self.sheet.name):
            unit = around.organisation(self.sheet.name)
        return Section(unit, place.name if place else None)

    def _filled(self, index: int, row: Cells) -> tuple[Cells, set[int]]:
        """The row with merged values filled in from above, and the columns so filled."""
        filled, covered = list(row), set[int]()
        for column in self.header.columns:
            at = column.at
            if (index, at) in self._tall and at < len(row):
                self._open[at] = (self._tall[index, at], row[at])
            end, value = self._open.get(at, (-1, ""))
            if index <= end and (at >= len(row) or row[at] == ""):
                filled.extend([""] * (at + 1 - len(filled)))
                filled[at] = value
                covered.add(at)
            if at < len(filled) and fold(words(filled[at])) in columns.cell_words("same"):
                filled[at] = self._above[at] if at < len(self._above) else ""
        self._above = filled
        return filled, covered

    def _own(self, row: Cells, name: str) -> bool:
        return any(c.at < len(row) and text(row[c.at]) is not None for c in self.header.all(name))

    def _holds(self, number: int, row: Cells, covered: set[int]) -> bool:
        """Whether the row is an instrument's, and no total, note, section, header or blank form."""
        told = [found for found in map(words, row) if found]
        machine = any(self._own(row, name) for name in MACHINE)
        if not told or around.is_counting(told) or around.is_sample(told):
            return False
        if around.is_total(told, machine=machine) or (not machine and around.is_note(told)):
            return False
        if around.is_header(row, self.header.columns) or not self._says(row):
            return False
        return len(told) > 1 or self._alone(number, row, told[0], covered)

    def _says(self, row: Cells) -> bool:
        """Anything besides a row number and whose row it is; a lone organisation opens its rows."""
        named = {column.at for column in self.header.columns if column.field != "serial"}
        at = {place for place, cell in enumerate(row) if words(cell) and place in named}
        owners = {column.at for name in OWNERS for column in self.header.all(name)}
        if at and at <= owners and self._own(row, "unit"):
            self._own_up(self._record(0, row))
        alone = [place for place, cell in enumerate(row) if words(cell)]
        return bool(at - owners) or (len(alone) == 1 and not at & owners)

    def _alone(self, number: int, row: Cells, told: str, covered: set[int]) -> bool:
        """A row of one cell: an instrument only within a merged organisation; else a section."""
        unit = self.header.one("unit")
        if unit and unit.at in covered and self._own(row, "name"):
            return True
        if told.isdecimal():
            return False
        place = county.locate(around.organisation(told))
        if around.like_unit(told):
            self.section, self._owner = replace(self.section, unit=around.organisation(told)), {}
        elif place and len(told) < 12:
            self.section = replace(self.section, county=place.name)
        else:
            self.strays.append(self._stray(number, told))
        return False

    def _stray(self, number: int, told: str) -> Problem:
        return Problem(self.sheet.name, number, (Trouble("stray", content=told),), refused=False)

    def _continues(self, row: Cells, covered: set[int]) -> bool:
        """Whether the row only adds to the record above: its name, number and model are merged."""
        name, serial = self.header.one("name"), self.header.one("serial")
        if not name or name.at not in covered or (serial and serial.at not in covered):
            return False
        return not any(self._own(row, field) for field in (*MACHINE, "worth"))

    def _grow(self, record: Record, row: Cells) -> None:
        for name in GROWING:
            for column in self.header.all(name):
                if column.at < len(row) and text(row[column.at]) is not None:
                    record.cells.setdefault(name, []).append((column, row[column.at]))

    def _record(self, number: int, row: Cells) -> Record:
        cells: dict[str, list[tuple[Column, Cell]]] = {}
        for column in self.header.columns:
            cell = row[column.at] if column.at < len(row) else ""
            cells.setdefault(column.field, []).append((column, cell))
        record = Record(number, cells, self.section)
        if number:
            self._own_up(record)
        return record

    def _own_up(self, record: Record) -> None:
        """Take the organisation from above where the row leaves it blank, or remember its own."""
        if text(record.cell("unit")) is not None:
            names = (name for name in OWNERS if name in record.cells)
            self._owner = {name: record.cells[name] for name in names}
            return
        record.carried = bool(self._owner)
        for name, held in self._owner.items():
            if text(record.cell(name)) is None:
                record.cells[name] = held


def shared_below(records: list[Record]) -> None:
    """Give an organisation's rows what only its first row says: who to call, and where."""
    start = 0
    for end in range(1, len(records) + 1):
        if end < len(records) and records[end].carried:
            continue
        _share(records[start:end])
        start = end


def _share(block: list[Record]) -> None:
    for name in SHARED:
        told = [record for record in block if text(record.cell(name)) is not None]
        if len(block) > 1 and len(told) == 1 and told[0] is block[0]:
            for record in block[1:]:
                record.cells[name] = block[0].cells[name]
