"""Tables kept as text: their letters, the mark between cells, rows as spreadsheets count them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.ledger.unreadable import LedgerUnreadable

DELIMITERS = (",", "\t", ";", "|", "，", "；")
LONGEST_CELL = 1 << 20
MOST_BREAKS = 50
"""Line breaks in one cell above which a stray quotation mark has swallowed rows."""
LOOKED = 200
MOST_HOLLOW = 200_000
WIDEST = 1000
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """One reading of a text as a table."""

    text: str
    delimiter: str
    quoting: bool = True

    def records(self) -> Iterator[list[str]]:
        """Every record, empty ones too; raises csv.Error."""
        stream = io.StringIO(self.text, newline="")
        if self.quoting:
            return csv.reader(stream, delimiter=self.delimiter)
        return csv.reader(stream, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Records that hold anything, with their numbers from 1."""
        for number, record in enumerate(self.records(), 1):
            if any(cell and not cell.isspace() for cell in record):
                yield number, record


def tables(path: Path) -> list[Table]:
    """The likeliest readings of a text file, the likeliest first; raises LedgerUnreadable."""
    text = _decode(path.read_bytes())
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return [_checked(Table("\n" + rest, first.strip()[4]))]
    csv.field_size_limit(LONGEST_CELL)
    ranked = sorted(DELIMITERS, key=lambda mark: -_evenness(text, mark))
    likely = [mark for mark in ranked if _evenness(text, mark)]
    if not likely:
        raise LedgerUnreadable("headless")
    return [_checked(Table(text, mark)) for mark in likely[:1]]


def _decode(data: bytes) -> str:
    encoding = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if encoding is None and b"\0" in data[:4096]:
        raise LedgerUnreadable("foreign")
    for name in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise LedgerUnreadable("letters")


def _evenness(text: str, mark: str) -> int:
    """How many of the first records have at least three cells by this mark, times their cells."""
    counts: dict[int, int] = {}
    table = Table(text, mark)
    try:
        for number, record in enumerate(table.records()):
            if number >= LOOKED:
                break
            if len(record) >= 3:
                counts[len(record)] = counts.get(len(record), 0) + 1
    except csv.Error:
        return 0
    return max((cells * times for cells, times in counts.items()), default=0)


def _checked(table: Table) -> Table:
    """Read once to the end: a stray quotation mark turns quoting off; empty rows are counted."""
    hollow = 0
    try:
        for record in table.records():
            hollow += not any(record)
            if len(record) > WIDEST:
                raise LedgerUnreadable("wide", f"{len(record):,}")
            if table.quoting and any(cell.count("\n") > MOST_BREAKS for cell in record):
                return _checked(Table(table.text, table.delimiter, quoting=False))
    except csv.Error as broken:
        if table.quoting:
            return _checked(Table(table.text, table.delimiter, quoting=False))
        raise LedgerUnreadable("cut") from broken
    if hollow > MOST_HOLLOW:
        raise LedgerUnreadable("hollow", f"{hollow:,}")
    return table
