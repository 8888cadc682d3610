"""What is wrong with a row, or odd about it, and how the command line says it."""

from dataclasses import dataclass

from store.ledger import columns

SAID = {
    "missing": "{column} is missing",
    "amount": "{column}: {content} can't be read as an amount",
    "foreign": "{column}: {content} is in a foreign currency",
    "negative": "{column}: {content} is negative",
    "day": "{column}: {content} can't be read as a date",
    "long": "{column}: {content} is too long",
    # Odd, but kept:
    "twin": "organisation, name, model, original value and date are those of {other}; kept",
    "yuan": "{column}: {content} is too much for 万元; read as yuan",
    "wan": "{column}: {content} is too little for yuan; read as 万元",
    "little": "{column}: {content} makes less than 1,000 yuan; kept as it stands",
    "about": "{column}: {content} is an estimate; kept as the number it names",
    "january": "{column}: {content} is read as January; a lost nought would make it October",
    "phone": "{column}: {content} is no phone number; kept as it stands",
    "digits": "{column}: {content} has lost its digits; left empty",
    "choice": "{column}: {content} is neither yes nor no; left empty",
    "count": "{column}: {content} is no count; left empty",
    "several": "{column}: {content} instruments in one row; kept as one",
    "fee": "{column}: {content} can't be read as a price; kept as words",
    "mode": "{column}: {content} names no known mode; kept as words",
    "odd_day": "{column}: {content} can't be read as a date; left empty",
    "stray": "{content} stands alone; taken for a note and left out",
    "unknown": "no known column is called {content}; left out",
    "hidden": "the sheet is hidden; left out",
}
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong or odd: a key of SAID, the field, its header, and what the cell holds."""

    why: str
    field: str = ""
    header: str = ""
    content: str = ""
    other: str = ""

    def __str__(self) -> str:
        name = columns.label(self.field) if self.field else ""
        column = f"{name} ({self.header})" if self.header and self.header != name else name
        content = self.content if len(self.content) <= LONGEST else f"{self.content[:LONGEST]}…"
        return SAID[self.why].format(column=column, content=f'"{content}"', other=self.other)


@dataclass(frozen=True, slots=True)
class Problem:
    """All that is wrong with one row (`refused`), or odd about it."""

    sheet: str
    row: int
    troubles: tuple[Trouble, ...]
    refused: bool = True

    def line(self, *, sheets: bool) -> str:
        """As the command line says it; the sheet is named where several hold data."""
        sheet, row = f"sheet {self.sheet}", f"row {self.row}"
        where = sheet if not self.row else f"{sheet}, {row}" if sheets else row
        told = "; ".join(map(str, self.troubles))
        return f"{where}: {told}" if self.refused else f"{where}: warning: {told}"
