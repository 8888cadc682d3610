"""A sheet's rows one after another: what merges, blanks and sections leave unsaid is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from store import county
from store.ledger import around, columns
from store.ledger.cells import text
from store.ledger.header import Column, Header
from store.ledger.problems import Problem, Trouble
from store.ledger.record import Line, Record, Section
from store.ledger.sheets import Cell, Place, Sheet
from store.wording import fold

MACHINE = ("model", "maker", "started", "asset_number")
CORE = (*MACHINE, "name", "english", "serial_number", "worth", "functions", "fee")
"""Without any of these a row is a blank form, whatever else was filled in beforehand."""
OWNERS = ("unit", "unit_kind", "unit_address", "county")
"""What a blank below an organisation's first row takes from it."""
SHARED = ("contact", "phone", "contact_phone", "address", "email")
"""What it takes only where nothing in the organisation's other rows says another thing."""
GROWING = ("fee", "functions", "fields", "technical", "service_words")


@dataclass(slots=True)
class Walk:
    """One pass over a sheet."""

    sheet: Sheet
    header: Header
    strays: list[Problem] = field(default_factory=list[Problem])
    _section: Section = field(default_factory=Section)
    _at: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    _named: frozenset[int] = frozenset()
    _owners: frozenset[int] = frozenset()
    _core: frozenset[int] = frozenset()
    _machine: frozenset[int] = frozenset()
    _titles: frozenset[str] = frozenset()
    _tall: dict[Place, int] = field(default_factory=dict)
    _open: dict[int, tuple[int, Cell, str | None]] = field(default_factory=dict)
    _owner: dict[str, tuple[Cell, str]] = field(default_factory=dict)
    _above: Line | None = None

    def __post_init__(self) -> None:
        at: dict[str, tuple[Column, ...]] = {}
        for column in self.header.columns:
            at[column.field] = (*at.get(column.field, ()), column)
        self._at = at
        self._named = self._places(*(at.keys() - {"serial"}))
        self._owners = self._places(*OWNERS)
        self._core = self._places(*CORE)
        self._machine = self._places(*MACHINE)
        self._titles = frozenset(
            columns.whole(part) for column in self.header.columns for part in column.path
        )
        wanted = {column.at for column in self.header.columns}
        self._tall = {place: end for place, end in self.sheet.tall().items() if place[1] in wanted}
        self._section = self._first_section()

    def _places(self, *names: str) -> frozenset[int]:
        return frozenset(column.at for name in names for column in self._at.get(name, ()))

    def _first_section(self) -> Section:
        place = county.locate(fold(self.sheet.name))
        unit = around.titled_unit(self.header)
        if unit is None and "unit" not in self._at and around.like_unit(self.sheet.name):
            unit = around.organisation(self.sheet.name)
        return Section(unit, place.name if place else None)

    def records(self) -> Iterator[Record]:
        """The instruments' rows in their order; a record over several rows comes once."""
        last: Record | None = None
        for number, row in self.sheet.rows():
            if number <= self.header.last:
                continue
            line = Line(number, row, [None if cell == "" else text(cell) for cell in row])
            filled = self._filled(line)
            if not self._holds(line, filled):
                continue
            if last and self._continues(line, filled):
                self._grow(last, line)
                continue
            if last:
                yield last
            last = self._record(filled)
        if last:
            yield last

    def _filled(self, line: Line) -> Line:
        """The row with merged values, and what `同上` stands for, filled in from above."""
        filled = line
        same = not columns.cell_words("same").isdisjoint(line.told)
        if self._tall or same:
            filled = Line(line.number, list(line.cells), list(line.told))
            self._uncover(line, filled)
            if same:
                self._repeat(filled)
        self._above = filled
        return filled

    def _uncover(self, line: Line, filled: Line) -> None:
        index = line.number - 1
        for column in self.header.columns:
            at = column.at
            if (index, at) in self._tall and at < len(line.cells):
                self._open[at] = (self._tall[index, at], line.cells[at], line.told[at])
            elif at in self._open and not (at < len(line.told) and line.told[at]):
                end, cell, told = self._open[at]
                if index <= end:
                    filled.put(at, cell, told)
                    filled.covered.add(at)

    def _repeat(self, filled: Line) -> None:
        for at in range(len(filled.told)):
            if filled.told[at] in columns.cell_words("same") and self._above:
                filled.put(at, *self._above.get(at))

    def _own(self, line: Line, name: str) -> bool:
        return any(line.get(column.at)[1] for column in self._at.get(name, ()))

    def _holds(self, line: Line, filled: Line) -> bool:
        """Whether the row is an instrument's, and no total, note, section, header or blank form."""
        at = {place for place, told in enumerate(line.told) if told}
        machine = not at.isdisjoint(self._machine) and self._own(filled, "name")
        if not at or not self._says(line, filled, at):
            return False
        if machine and len(at) > 6 and not self._like_header(line):
            return True
        told = [told for told in line.told if told]
        if around.is_counting(told) or around.is_sample(told) or self._is_header(line):
            return False
        if around.is_total(told, machine=machine) or (not machine and around.is_note(told)):
            return False
        return len(told) > 1 or self._alone(line.number, told[0], filled)

    def _like_header(self, line: Line) -> bool:
        """Whether a row that looks like an instrument's must be looked at twice."""
        name = line.get(self._at["name"][0].at)[1]
        return (
            name is None
            or columns.whole(name) in self._titles
            or around.is_sample([line.told[0] or ""])
            or around.is_number(name)
        )

    def _is_header(self, line: Line) -> bool:
        """The header again, at the top of another printed page."""
        named = [line.get(column.at)[1] for column in self.header.columns]
        told = [columns.whole(text) for text in named if text]
        same = sum(text in self._titles for text in told)
        return same >= 3 and same >= len(told) - 1

    def _says(self, line: Line, filled: Line, at: set[int]) -> bool:
        """Anything besides a row number and whose row it is; a lone owner opens its rows below."""
        mine = at & self._named
        if mine & self._core:
            return True
        if mine and mine <= self._owners and self._own(line, "unit"):
            if not around.is_total([told for told in line.told if told], machine=False):
                self._own_up(self._blank(filled))
            return False
        return len(at) == 1 and not mine

    def _alone(self, number: int, told: str, filled: Line) -> bool:
        """A row of one cell: an instrument only within a merged organisation; else a section."""
        if not self._owners.isdisjoint(filled.covered) and self._own(filled, "name"):
            return True
        if told.isdecimal():
            return False
        place = county.locate(around.organisation(told))
        if around.like_unit(told):
            self._section = replace(self._section, unit=around.organisation(told))
            self._owner = {}
        elif place and len(told) < 12:
            self._section = replace(self._section, county=place.name)
        else:
            trouble = Trouble("stray", content=told)
            self.strays.append(Problem(self.sheet.name, number, (trouble,), refused=False))
        return False

    def _continues(self, line: Line, filled: Line) -> bool:
        """Whether the row only adds to the record above: its name and number are merged with it."""
        name, serial = self._places("name"), self._places("serial")
        if not name <= filled.covered or not serial <= filled.covered:
            return False
        return not any(self._own(line, field) for field in (*MACHINE, "worth"))

    def _grow(self, record: Record, line: Line) -> None:
        for name in GROWING:
            for column in self._at.get(name, ()):
                cell, told = line.get(column.at)
                if told:
                    record.more.append((column, cell, told))

    def _blank(self, line: Line) -> Record:
        return Record(line, self._at, self._section)

    def _record(self, line: Line) -> Record:
        record = self._blank(line)
        self._own_up(record)
        return record

    def _own_up(self, record: Record) -> None:
        """Take the organisation from above where the row leaves it blank, or remember its own."""
        if record.text("unit"):
            told = {name: record.text(name) for name in OWNERS}
            self._owner = {name: (record.cell(name), said) for name, said in told.items() if said}
            return
        record.carried = bool(self._owner)
        for name, held in self._owner.items():
            if not record.text(name):
                record.lent[name] = held


def shared_below(block: list[Record]) -> None:
    """Give an organisation's rows what only its first row says: who to call, and where."""
    if len(block) < 2:
        return
    for name in SHARED:
        told = [record for record in block if record.text(name)]
        first = block[0].text(name)
        if first and told == [block[0]]:
            for record in block[1:]:
                record.lent[name] = (block[0].cell(name), first)
