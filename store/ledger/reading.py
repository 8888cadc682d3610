"""Reading a whole file: every sheet, every row, before anything is written."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from store.ledger import header, money, sheets
from store.ledger.build import Build
from store.ledger.header import Header
from store.ledger.problems import Problem, Trouble
from store.ledger.record import Record
from store.ledger.row import FACTS, Row
from store.ledger.rows import Walk, shared_below
from store.ledger.sheets import Sheet
from store.ledger.unreadable import LedgerUnreadable
from store.wording import fold

Progress = Callable[[int], None]
"""Told how many rows were done since it was told last."""
STEP = 500
FROM_COLUMNS = {
    "category": ("scheme", "subcategory"),
    "worth": ("worth_fen",),
    "started": ("started_on", "started_precision"),
    "service_words": ("service_modes",),
    "hours_modes": ("service_modes", "service_words", "open_hours"),
    "fee": ("prices",),
    "contact_phone": ("contact", "phone"),
    "customs_released": ("customs_released_on",),
    "unit_address": ("address",),
}
"""What else a column speaks of, besides the fact of its own name."""


@dataclass(slots=True)
class Ledger:
    """A file that was read: good rows, refused rows, and what is odd about the good ones."""

    name: str
    digest: str
    rows: list[Row] = field(default_factory=list[Row])
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])
    sheets: tuple[str, ...] = ()
    """All sheets of the file in their order."""
    several: bool = False
    """Whether more than one sheet holds data, so that a row's number alone would not find it."""

    def lines(self) -> list[str]:
        """Problems and warnings as the command line says them, in the file's order."""
        told = sorted(
            [*self.problems, *self.warnings],
            key=lambda one: (self.sheets.index(one.sheet), one.row),
        )
        return [one.line(sheets=self.several) for one in told]


def read(path: Path, progress: Progress | None = None) -> Ledger:
    """The ledger in a file, wholly checked; raises LedgerUnreadable, and nothing else."""
    found = [(sheet, header.find(sheet)) for sheet in sheets.load(path)]
    tables = [(sheet, head) for sheet, head in found if head and sheet.visible]
    if not tables:
        raise LedgerUnreadable("headless")
    ledger = Ledger(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    ledger.sheets = tuple(sheet.name for sheet, _ in found)
    holding = [_take(ledger, sheet, head, path, progress) for sheet, head in tables]
    if not any(holding):
        raise LedgerUnreadable("nothing")
    ledger.several = sum(holding) > 1
    hidden = [sheet.name for sheet, head in found if head and not sheet.visible]
    ledger.warnings += [Problem(name, 0, (Trouble("hidden"),), refused=False) for name in hidden]
    _twins(ledger)
    return ledger


def _take(
    ledger: Ledger, sheet: Sheet, head: Header, path: Path, progress: Progress | None
) -> bool:
    """Add a sheet's rows; whether there were any, good or bad."""
    walk = Walk(sheet, head)
    times, since_1904 = money.unit(sheet, head), _since_1904(path)
    spoken = _spoken(head)
    before = len(ledger.rows) + len(ledger.problems)
    done = 0
    for block in _blocks(walk):
        for record in block:
            build = Build(sheet.name, record, times, since_1904)
            made = build.row(spoken)
            _keep(ledger, made, build.odd)
            done += 1
            if progress and done % STEP == 0:
                progress(STEP)
    ledger.warnings += walk.strays
    unknown = (Trouble("unknown", content=title) for title in head.unknown)
    ledger.warnings += [Problem(sheet.name, 0, (each,), refused=False) for each in unknown]
    if progress:
        progress(done % STEP)
    return len(ledger.rows) + len(ledger.problems) > before


def _blocks(walk: Walk) -> Iterator[list[Record]]:
    """Records by organisation, where blanks stand for the organisation above."""
    block: list[Record] = []
    for record in walk.records():
        if block and not record.carried:
            shared_below(block)
            yield block
            block = []
        block.append(record)
    if block:
        shared_below(block)
        yield block


def _keep(ledger: Ledger, made: Row | Problem, odd: list[Trouble]) -> None:
    if isinstance(made, Problem):
        ledger.problems.append(made)
        return
    ledger.rows.append(made)
    if odd:
        ledger.warnings.append(Problem(made.sheet, made.number, tuple(odd), refused=False))


def _spoken(head: Header) -> frozenset[str]:
    told = {column.field for column in head.columns}
    told |= {fact for name in told for fact in FROM_COLUMNS.get(name, ())}
    return frozenset(told & set(FACTS))


def _since_1904(path: Path) -> bool:
    """Whether the workbook counts its days from 1904, as old Macintoshes did."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as packed:
        if "xl/workbook.xml" not in packed.namelist():
            return False
        return b'date1904="1"' in packed.read("xl/workbook.xml")


def _twins(ledger: Ledger) -> None:
    """Warn of rows that agree with an earlier one in all that tells instruments apart."""
    seen: dict[tuple[object, ...], list[Row]] = {}
    for row in ledger.rows:
        facts = row.facts
        key = (row.unit_key, fold(facts.name), fold(facts.model or ""), facts.worth_fen)
        same = seen.setdefault(key, [])
        twin = next((other for other in same if _agree(row, other)), None)
        same.append(row)
        if twin:
            where = f"sheet {twin.sheet}, " if twin.sheet != row.sheet else ""
            trouble = Trouble("twin", other=f"{where}row {twin.number}")
            ledger.warnings.append(Problem(row.sheet, row.number, (trouble,), refused=False))


def _agree(row: Row, other: Row) -> bool:
    """Started on the same day, as far as both say, and not told apart by number."""
    mine, theirs = row.facts, other.facts
    for told in ("asset_number", "serial_number"):
        a, b = getattr(mine, told), getattr(theirs, told)
        if a and b and a != b:
            return False
    if mine.started_on is None or theirs.started_on is None:
        return mine.started_on == theirs.started_on
    known = {mine.started_precision, theirs.started_precision}
    parts = 1 if "year" in known else 2 if "month" in known else 3
    return mine.started_on.timetuple()[:parts] == theirs.started_on.timetuple()[:parts]
