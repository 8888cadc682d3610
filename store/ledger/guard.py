"""How much a packed spreadsheet would unpack to, told before it is unpacked into memory.

Reading is done by a library that keeps a sheet as a full rectangle: one cell in the last corner
of an otherwise empty sheet would take 500 GB. So every sheet is streamed once and measured.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.ledger.unreadable import LedgerUnreadable

BLOCK = 1 << 20
LARGEST_PART = 1 << 30
"""Bytes of one sheet."""
LARGEST_OTHER = 256 << 20
"""Bytes of any other part that is kept in memory: shared strings, styles."""
MOST_PARTS = 4096
MOST_CELLS = 16_000_000
"""Cells of a sheet's rectangle, empty ones included."""
MOST_ROWS = 500_000
MOST_COLUMNS = 1000
MOST_HOLLOW = 200_000
"""Rows without a value, as a format applied to whole columns leaves them."""

ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"|<(?:\w+:)?row\b")
CELL = re.compile(rb"<(?:\w+:)?c\b(?:[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\")?[^>]*?(?<!/)>")
NOWHERE = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=(?!\"[A-Z]{1,3}\d{1,7}\")")
"""A cell in a place that no sheet has: the library would make room for it, and die."""
OPEN_ROW = re.compile(
    rb"<(?:table:table-(row)|table:(?:covered-)?table-(cell))\b"
    rb"(?=([^>]*?-value-type=|[^>]*?:value-type=)?)"
    rb"(?:[^>]*?-repeated=\"(\d{1,9})\")?[^>]*>"
)
TAIL = 400
KEPT = re.compile(r"(?i:(xl/(sharedStrings|styles|workbook)|.*\.rels$|styles\.xml|meta\.xml))")
SHEET = re.compile(r"(?i:(xl/worksheets/[^/]+\.xml|content\.xml)$)")


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches: counts of rows and columns that hold values, and rows named."""

    rows: int = 0
    columns: int = 0
    named: int = 0
    filled: int = 0
    row: int = 0
    """The row being read, and its columns so far: OpenDocument counts, it does not number."""
    column: int = 0


def inspect(path: Path) -> None:
    """Refuse what is damaged or would not fit; raises LedgerUnreadable."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS:
                raise LedgerUnreadable("large", f"{len(parts)} parts")
            for part in parts:
                _part(packed, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as broken:
        raise LedgerUnreadable("cut") from broken
    except RuntimeError as locked:
        raise LedgerUnreadable("encrypted") from locked


def _part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    sheet = bool(SHEET.search(part.filename))
    if not sheet and not KEPT.match(part.filename):
        return
    if part.file_size > (LARGEST_PART if sheet else LARGEST_OTHER):
        raise LedgerUnreadable("large", f"{part.filename}: {part.file_size >> 20} MB")
    with packed.open(part) as stream:
        blocks = iter(lambda: stream.read(BLOCK), b"")
        if sheet:
            _measure(blocks)
        else:
            for _ in blocks:
                continue  # read to its end, so that its checksum is compared


def _measure(blocks: Iterator[bytes]) -> None:
    """Follow a sheet's rows and cells; each block is looked at with the end of the one before."""
    extent, kept = Extent(), b""
    for block in blocks:
        text = kept + block
        cut = max(text.rfind(b"<"), 0) if len(text) > TAIL else 0
        cut = cut if len(text) - cut <= BLOCK else len(text)
        _look(text[:cut], extent)
        kept = text[cut:]
        _judge(extent)
    _look(kept, extent)
    _judge(extent)
    if extent.named - extent.filled > MOST_HOLLOW:
        raise LedgerUnreadable("hollow", f"{extent.named - extent.filled:,} of {extent.named:,}")


def _look(text: bytes, extent: Extent) -> None:
    if NOWHERE.search(text):
        raise LedgerUnreadable("cut")
    for found in ROW.findall(text):
        extent.named = max(extent.named + 1, int(found or 0))
    last = extent.rows
    for letters, digits in CELL.findall(text):
        row = int(digits or 0)
        if row != last:
            extent.filled += 1
            last = row
        extent.rows = max(extent.rows, row)
        if len(letters) > 1:
            extent.columns = max(extent.columns, _number(letters))
    for row, _, told, times in OPEN_ROW.findall(text):
        _count(extent, starts=bool(row), told=bool(told), times=int(times or 1))


def _count(extent: Extent, *, starts: bool, told: bool, times: int) -> None:
    if starts:
        extent.row, extent.column = extent.row + times, 0
        return
    extent.column += times
    if told:
        extent.rows, extent.columns = extent.row, max(extent.columns, extent.column)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _judge(extent: Extent) -> None:
    if extent.columns > MOST_COLUMNS:
        raise LedgerUnreadable("wide", f"{extent.columns:,}")
    if extent.rows > MOST_ROWS or extent.rows * extent.columns > MOST_CELLS:
        missing = extent.rows - extent.filled
        raise LedgerUnreadable(
            "hollow" if missing > extent.filled else "large", f"{extent.rows:,} rows"
        )
