"""One row of a ledger by fields, before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.ledger.header import Column
from store.ledger.sheets import Cell

Held = tuple[Column, Cell, str]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands above a row without being in its columns."""

    unit: str | None = None
    county: str | None = None


@dataclass(slots=True)
class Line:
    """A row's cells, and their words where they say anything."""

    number: int
    cells: list[Cell]
    told: list[str | None]
    covered: set[int] = field(default_factory=set[int])
    """Columns whose value a merged cell above holds."""

    def get(self, at: int) -> tuple[Cell, str | None]:
        """A column's cell and its words."""
        return (self.cells[at], self.told[at]) if at < len(self.cells) else ("", None)

    def put(self, at: int, cell: Cell, told: str | None) -> None:
        """Fill a column in."""
        missing = at + 1 - len(self.cells)
        self.cells.extend([""] * missing)
        self.told.extend([None] * missing)
        self.cells[at], self.told[at] = cell, told


@dataclass(slots=True, eq=False)
class Record:
    """One instrument's row: cells by field, as the file holds them."""

    line: Line
    at: Mapping[str, tuple[Column, ...]]
    section: Section
    carried: bool = False
    """Whether the organisation stands in a row above, not in this one."""
    lent: dict[str, tuple[Cell, str]] = field(default_factory=dict[str, tuple[Cell, str]])
    """What rows above say for this one."""
    more: list[Held] = field(default_factory=list[Held])
    """What rows below add to this one."""

    @property
    def number(self) -> int:
        """The row's number from 1."""
        return self.line.number

    def text(self, name: str) -> str | None:
        """The words of the field's first cell that says anything."""
        for column in self.at.get(name, ()):
            told = self.line.get(column.at)[1]
            if told:
                return told
        return self.lent[name][1] if name in self.lent else None

    def cell(self, name: str) -> Cell:
        """The field's first cell that says anything, as the file holds it."""
        for column in self.at.get(name, ()):
            cell, told = self.line.get(column.at)
            if told:
                return cell
        return self.lent[name][0] if name in self.lent else ""

    def held(self, name: str) -> list[Held]:
        """All cells of a field that say anything, with their columns."""
        named = self.at.get(name, ())
        own = [(column, *self.line.get(column.at)) for column in named]
        told = [(column, cell, said) for column, cell, said in own if said]
        told += [one for one in self.more if one[0].field == name]
        if not told and name in self.lent:
            told = [(named[0], *self.lent[name])]
        return told

    def header(self, name: str) -> str:
        """The header of the field's column."""
        named = self.at.get(name)
        return named[0].title if named else ""
