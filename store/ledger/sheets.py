"""Tables of a file, whatever its format: rows of cells by row number, with merged ranges."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError
from python_calamine import SheetTypeEnum as Type
from python_calamine import SheetVisibleEnum as Visible

from store.ledger import guard, texts
from store.ledger.unreadable import LedgerUnreadable
from store.wording import tidy

Cell = str | float | int | bool | date | datetime | time | timedelta
Row = list[Cell]
Place = tuple[int, int]

HEAD = 400
"""Rows that are kept to find the header in and to learn from."""
LARGEST = 256 << 20
WIDEST_MERGE = 600
PACKED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PAGE = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<style")
PICTURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF",
    b"BM",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
)


def words(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, days as they are written."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell)


@dataclass(frozen=True, slots=True)
class Head:
    """A sheet's first rows; `merged` leads from a covered cell to the one that holds its value."""

    rows: list[Row]
    merged: dict[Place, Place]


@dataclass(slots=True)
class Sheet:
    """One table. `tall` are merges that span rows: from a cell to the last row (places from 0)."""

    name: str
    visible: bool = True
    merges: list[tuple[Place, Place]] = field(default_factory=list[tuple[Place, Place]])
    source: "CalamineSheet | texts.Table | None" = None

    def rows(self) -> Iterator[tuple[int, Row]]:
        """All rows that hold anything, with their numbers from 1; may be asked for again."""
        if isinstance(self.source, CalamineSheet):
            yield from _calamine_rows(self.source)
        elif self.source is not None:
            for number, row in self.source.rows():
                yield number, list(row)

    def head(self) -> Head:
        """The first rows, empty ones included."""
        rows: list[Row] = []
        for number, row in self.rows():
            if number > HEAD:
                break
            rows.extend([] for _ in range(number - len(rows) - 1))
            rows.append(row)
        return Head(rows, self._covered(len(rows)))

    def _covered(self, rows: int) -> dict[Place, Place]:
        covered: dict[Place, Place] = {}
        for (top, left), (bottom, right) in self.merges:
            for row in range(top, min(bottom, rows - 1) + 1):
                for column in range(left, min(right, left + WIDEST_MERGE) + 1):
                    if (row, column) != (top, left):
                        covered[row, column] = (top, left)
        return covered

    def tall(self) -> dict[Place, int]:
        """Cells merged downwards, with the last row that each covers (places from 0)."""
        return {start: end[0] for start, end in self.merges if end[0] > start[0]}


def _calamine_rows(source: CalamineSheet) -> Iterator[tuple[int, Row]]:
    if source.start is None:
        return
    top, left = source.start
    blanks: Row = [""] * left
    for number, row in enumerate(source.iter_rows(), top + 1):
        if any(cell != "" for cell in row):
            yield number, blanks + row if left else row


def load(path: Path) -> list[Sheet]:
    """The sheets of a file in their order; raises LedgerUnreadable, and nothing else."""
    start = _first_bytes(path)
    if start.startswith(PACKED):
        guard.inspect(path)
        return _workbook(path)
    if start.startswith(COMPOUND):
        if _holds(path, ENCRYPTED):
            raise LedgerUnreadable("encrypted")
        return _workbook(path)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(PAGE):
        raise LedgerUnreadable("page")
    if start.startswith(PICTURES):
        raise LedgerUnreadable("foreign")
    return [Sheet(path.stem, source=table) for table in texts.tables(path)]


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise LedgerUnreadable("folder")
        with path.open("rb") as stream:
            start = stream.read(512)
        size = path.stat().st_size
    except FileNotFoundError as missing:
        raise LedgerUnreadable("missing") from missing
    except OSError as refused:
        raise LedgerUnreadable("forbidden") from refused
    if not start.strip():
        raise LedgerUnreadable("empty")
    if size > LARGEST:
        raise LedgerUnreadable("large", f"{size >> 20} MB")
    return start


def _holds(path: Path, mark: bytes) -> bool:
    return mark in path.read_bytes()


def _workbook(path: Path) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_object(path)
        return [
            _sheet(book, index, meta.name, visible=meta.visible == Visible.Visible)
            for index, meta in enumerate(book.sheets_metadata)
            if meta.typ == Type.WorkSheet
        ]
    except PasswordError as locked:
        raise LedgerUnreadable("encrypted") from locked
    except (CalamineError, OSError, ValueError, MemoryError) as broken:
        raise LedgerUnreadable("cut") from broken
    except BaseException as broken:
        if type(broken).__name__ == "PanicException":  # the library's own fault, in Rust
            raise LedgerUnreadable("cut") from broken
        raise


def _sheet(book: CalamineWorkbook, index: int, name: str, *, visible: bool) -> Sheet:
    source = book.get_sheet_by_index(index)
    return Sheet(name, visible, list(source.merged_cell_ranges or ()), source)


__all__ = ["Cell", "Head", "Place", "Row", "Sheet", "load", "words"]
