"""Finding a table's header rows, and which column holds what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from store.ledger import columns
from store.ledger.sheets import Cell, Head, Sheet, words
from store.wording import fold

LOOKED = 60
"""Rows in which a header must begin."""
DEEPEST = 4
LEAST = 3
"""Fields that a header must name, the instrument's name among them."""
SURE = 55.0
FILLED = 2
"""Cells that a header's first row must hold."""
LIKELY = 0.6
"""Share of a column's values that must speak for what no header says."""
CUT = 3.0
"""What it costs a header to end in the middle of merged cells."""
SMALL = {"serial", "ignored", "remarks", "quantity", "province", "city"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: its place from 0, its field, and the words above it."""

    at: int
    field: str
    path: columns.Path_

    @property
    def title(self) -> str:
        """The header's own words, without brackets and breaks, as a message names it."""
        told = [columns.bare(part) for part in self.path]
        return next((part for part in reversed(told) if part), "")

    @property
    def said(self) -> str:
        """All words above the column, those in brackets too."""
        return " ".join(columns.whole(part) for part in self.path)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (row numbers from 1), and the columns that it names."""

    first: int
    last: int
    columns: tuple[Column, ...]
    above: tuple[str, ...] = ()
    """The words of the rows above it."""
    unknown: tuple[str, ...] = ()
    """Columns that hold something, and whose words name nothing that is kept."""
    worth: float = field(default=0.0, compare=False)

    def all(self, name: str) -> tuple[Column, ...]:
        """The columns of a field, in their order."""
        return tuple(column for column in self.columns if column.field == name)

    def one(self, name: str) -> Column | None:
        """The column of a field, if there is one."""
        return next(iter(self.all(name)), None)

    def better(self, other: "Header | None") -> bool:
        """Whether it tells more, or as much in fewer rows."""
        if other is None or abs(self.worth - other.worth) > 0.5:
            return other is None or self.worth > other.worth
        return self.last - self.first < other.last - other.first


def find(sheet: Sheet) -> Header | None:
    """The most telling header of a sheet, or nothing where no rows name enough fields."""
    head = sheet.head()
    return _best(head, guessing=False) or _best(head, guessing=True)


def _best(head: Head, *, guessing: bool) -> Header | None:
    best: Header | None = None
    for top in range(min(LOOKED, len(head.rows))):
        if sum(1 for cell in head.rows[top] if words(cell)) < FILLED:
            continue
        for depth in range(1, min(DEEPEST, len(head.rows) - top) + 1):
            header = _read(head, top, depth, guessing=guessing)
            if header and header.better(best):
                best = header
    return best


def _read(head: Head, top: int, depth: int, *, guessing: bool) -> Header | None:
    paths = _paths(head, top, depth)
    chosen = _checked(head, top + depth, paths, assign(paths))
    if "unit" not in _fields(chosen):
        _guess(head, top + depth, chosen, "unit")
    if guessing and "name" not in _fields(chosen):
        _guess(head, top + depth, chosen, "name")
    names = _fields(chosen) - SMALL
    if len(names) < LEAST or "name" not in names:
        return None
    found = tuple(
        Column(at, name, paths[at] if at < len(paths) else ())
        for at, (name, _) in sorted(chosen.items())
    )
    worth = sum(columns.weight(name) * score / 100 for name, score in chosen.values())
    worth -= CUT * _cut(head, top + depth - 1)
    above = tuple(text for row in head.rows[:top] for text in (words(cell) for cell in row) if text)
    unknown = _unknown(head, top + depth, paths, chosen)
    return Header(top + 1, top + depth, found, above, unknown, worth)


def _cut(head: Head, last: int) -> bool:
    """Whether a header ending here cuts merged heads: over other columns, or over more rows."""
    return any(
        (row == last and origin[0] == last) or (row == last + 1 and origin[0] <= last)
        for (row, _), origin in head.merged.items()
    )


Chosen = dict[int, tuple[str, float]]


def _fields(chosen: Chosen) -> set[str]:
    return {name for name, _ in chosen.values()}


def assign(paths: Sequence[columns.Path_]) -> Chosen:
    """Give each column at most one field and each field its best column."""
    bids = [
        (score, at, name)
        for at, path in enumerate(paths)
        for name, score in columns.scores(path)
        if score >= SURE
    ]
    chosen: Chosen = {}
    taken: set[str] = set()
    for score, at, name in sorted(bids, key=lambda bid: (-bid[0], bid[1])):
        free = name not in taken or name == "ignored" or (columns.many(name) and score >= 85)
        if at not in chosen and free:
            chosen[at] = (name, score)
            taken.add(name)
    return chosen


def _checked(head: Head, below: int, paths: list[columns.Path_], chosen: Chosen) -> Chosen:
    """A `单位` that counts 台 or 套 is no organisation, an `编号` of 1, 2, 3 no asset's."""
    suspects: dict[str, Callable[[list[str]], bool]] = {"unit": _measures, "asset_number": _counts}
    for name, unfit in suspects.items():
        for at, (told, _) in list(chosen.items()):
            if told == name and unfit(_values(head, below, at)):
                kept = [() if place == at else path for place, path in enumerate(paths)]
                return _checked(head, below, kept, assign(kept))
    return chosen


def _values(head: Head, below: int, at: int) -> list[str]:
    cells = (row[at] for row in head.rows[below:] if at < len(row))
    return [text for text in map(words, cells) if text]


def _measures(values: list[str]) -> bool:
    known = columns.cell_words("measures")
    return bool(values) and sum(fold(value) in known for value in values) > LIKELY * len(values)


def _counts(values: list[str]) -> bool:
    numbers = [int(value) for value in values if value.isdecimal() and len(value) < 7]
    steps = sum(after - before == 1 for before, after in pairwise(numbers))
    return numbers[:1] in ([0], [1]) and steps >= LIKELY * (len(values) - 1)


def _unknown(head: Head, below: int, paths: list[columns.Path_], chosen: Chosen) -> tuple[str, ...]:
    """The words of columns that hold something and are none of ours."""
    left = (Column(at, "", path) for at, path in enumerate(paths) if at not in chosen)
    told = ((each.title, _values(head, below, each.at)) for each in left)
    return tuple(
        title
        for title, values in told
        if title and values and not _counts(values) and not _measures(values)
    )


def _guess(head: Head, below: int, chosen: Chosen, name: str) -> None:
    """Let the values speak for a column that no header names."""
    width = max((len(row) for row in head.rows), default=0)
    likely: list[tuple[float, int]] = []
    for at in range(width):
        values = _values(head, below, at)
        hits = sum(bool(columns.guess(name).search(value)) for value in values)
        if at not in chosen and values and hits > LIKELY * len(values):
            likely.append((hits / len(values), -at))
    if likely:
        chosen[-max(likely)[1]] = (name, SURE)


def _paths(head: Head, top: int, depth: int) -> list[columns.Path_]:
    """The words above each column, top down; a merged or overhanging head counts for all below."""
    rows = [_spread(head, top + level, last=level == depth - 1) for level in range(depth)]
    width = max(len(row) for row in rows)
    paths: list[columns.Path_] = []
    for at in range(width):
        told: list[str] = []
        for row in rows:
            text = row[at] if at < len(row) else ""
            if text and (not told or told[-1] != text):
                told.append(text)
        paths.append(tuple(told))
    return paths


def _spread(head: Head, index: int, *, last: bool) -> list[str]:
    """A row's words, each repeated over its merged range, or over blanks that have words below."""
    row = head.rows[index]
    below = head.rows[index + 1] if not last else []
    width = max(len(row), len(below), 1 + max((c for r, c in head.merged if r == index), default=0))
    texts = [words(row[at]) if at < len(row) else "" for at in range(width)]
    merges = any(r == index for r, _ in head.merged)
    for at in range(width):
        if texts[at]:
            continue
        origin = head.merged.get((index, at))
        if origin is not None:
            texts[at] = words(_cell(head, origin))
        elif at and not merges and at < len(below) and words(below[at]):
            texts[at] = texts[at - 1]
    return texts


def _cell(head: Head, place: tuple[int, int]) -> Cell:
    row = head.rows[place[0]]
    return row[place[1]] if place[1] < len(row) else ""
