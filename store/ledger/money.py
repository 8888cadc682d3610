"""In which unit a ledger's bare amounts are, and amounts in fen."""

import re
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from store.ledger import cells
from store.ledger.header import Header
from store.ledger.sheets import Sheet, words

UNIT = re.compile(r"(亿|百万|十万|万|千)?元|\((万)\)|万$")
STATED = re.compile(
    r"(?:单位|原值|金额|价值|价格|计价|货币)[^。;；]{0,8}?[::为以是]?[^。;；\w]{0,3}(?:人民币)?(亿|万|千)?元"
)
TIMES = {"亿": 10**8, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 1000, "": 1}
WAN = 10**4
LIKELY_YUAN = 5_000
"""A bare median above this is yuan: no ledger's typical instrument costs 50,000,000."""
TOO_MANY_WAN = 100_000
TOO_FEW_YUAN = 1_000


def unit(sheet: Sheet, header: Header) -> int | None:
    """Yuan in a bare number of the value column: by its header, its cells, the title, the notes."""
    column = header.one("worth")
    if column is None:
        return None
    stated = UNIT.search(column.said)
    if stated:
        return TIMES[stated[1] or ("万" if "万" in stated[0] else "")]
    for text in (*header.above, "".join(header.above), *_notes(sheet, header)):
        if stated := STATED.search(text):
            return TIMES[stated[1] or ""]
    return _by_size(sheet, header.last, column.at)


def _notes(sheet: Sheet, header: Header) -> list[str]:
    """Rows below the header that hold a single cell."""
    told = [
        [words(cell) for cell in row if words(cell)] for row in sheet.head().rows[header.last :]
    ]
    return [row[0] for row in told if len(row) == 1]


def _by_size(sheet: Sheet, below: int, at: int) -> int | None:
    bare: list[Decimal] = []
    for row in sheet.head().rows[below:]:
        try:
            found = cells.amount(row[at] if at < len(row) else "")
        except cells.Unread:
            continue
        if not found.spoken and not found.sign:
            bare.append(found.number)
    return None if not bare else 1 if median(bare) > LIKELY_YUAN else WAN


def fen(found: cells.Amount, times: int | None) -> tuple[int, str | None]:
    """An amount in fen, and what is odd about it (a key of problems.SAID)."""
    number, odd = found.number, "about" if found.about else None
    if not found.spoken:
        number, strange = _weighed(found, times if times is not None else WAN)
        odd = strange or odd
    if 0 < number < TOO_FEW_YUAN:
        odd = odd or "little"
    return int((number * 100).to_integral_value(ROUND_HALF_UP)), odd


def _weighed(found: cells.Amount, times: int) -> tuple[Decimal, str | None]:
    if found.sign and times > 1:
        wan = 0 < found.number < TOO_FEW_YUAN
        return (found.number * times, "wan") if wan else (found.number, None)
    if times == WAN and found.number >= TOO_MANY_WAN:
        return found.number, "yuan"
    return found.number * times, None
