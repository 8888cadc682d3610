"""Pure readers of single cells: amounts, days, phones, counts, yes and no.

Each takes a cell as the file holds it and gives a value, or raises Unread with the reason's key.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from store.ledger.columns import cell_words
from store.ledger.sheets import Cell, words
from store.wording import fold

FIRST_YEAR, LAST_YEAR = 1900, 2100
SERIAL_ZERO = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_415
MOST_YUAN = Decimal(10) ** 12


@dataclass(eq=False)
class Unread(Exception):  # noqa: N818 - a cell's refusal, turned into a row's problem
    """The cell can't be read; `why` is a key of store.ledger.problems.SAID."""

    why: str


@lru_cache(maxsize=1 << 16)
def _nothing(text: str) -> bool:
    return fold(text) in cell_words("empty") or not fold(text)


def text(cell: Cell) -> str | None:
    """A cell's words; nothing where it says nothing (`—`, `/`, `无`, `#N/A`)."""
    told = words(cell)
    return None if _nothing(told) else told


# --- amounts -------------------------------------------------------------------------------------

UNITS = {
    "亿": Decimal(10**8),
    "千万": Decimal(10**7),
    "百万": Decimal(10**6),
    "十万": Decimal(10**5),
}
UNITS |= {
    "万": Decimal(10**4),
    "千": Decimal(1000),
    "百": Decimal(100),
    "": Decimal(1),
    "k": Decimal(1000),
}
UNITS |= {"w": Decimal(10**4)}
AMOUNT = re.compile(
    r"(?P<about>约|大约|近|≈|~)?(?:人民币|rmb|cny|¥)*"
    r"(?P<minus>[-\u2212\u2010-\u2015负(])?(?:人民币|rmb|cny|¥)*"
    r"(?P<number>\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?|\.\d+)"
    r"(?P<more>余|多)?(?P<unit>亿|千万|百万|十万|万|千|百|k|w)?(?P<yuan>元|圆|块)?(?:钱)?"
    r"(?P<odd>(?P<rest>\d+(?:\.\d+)?)(?P<small>万|千|百)?(?:元|圆))?"
    r"(?:整|人民币|rmb|cny|/台|/套|每台|/台套)*(?P<around>左右|上下|以上)?\)?"
)
GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,4}(?:,\d{4})+(?!\d)")
FOREIGN = re.compile(r"usd|us\$|\$|美元|美金|欧元|eur|€|日元|jpy|英镑|gbp|£|港币|港元|hkd")
DIGITS = {char: at for at, char in enumerate("零一二三四五六七八九")}
DIGITS |= {char: at for at, char in enumerate("〇壹贰叁肆伍陆柒捌玖")} | {"两": 2}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a cell says it: in yuan where the cell says its unit, else as a bare number."""

    number: Decimal
    spoken: bool
    """Whether the cell names its own unit (`万元`, `元`)."""
    sign: bool = False
    """Whether a currency's sign stands before it."""
    about: bool = False


def amount(cell: Cell) -> Amount:
    """An amount; raises Unread for words, ranges, foreign currencies and what is below nought."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Unread("amount")
    if isinstance(cell, str):
        return _spoken(cell)
    return _kept(Amount(_decimal(repr(cell)), spoken=False))


@lru_cache(maxsize=1 << 14)
def _spoken(cell: str) -> Amount:
    told = unicodedata.normalize("NFKC", words(cell)).casefold().replace(" ", "")
    if FOREIGN.search(told):
        raise Unread("foreign")
    told = GROUPS.sub(lambda found: found[0].replace(",", ""), told.replace("，", ","))
    found = AMOUNT.fullmatch(told)
    if not found:
        return _kept(_in_characters(told))
    if found["minus"] and found["minus"] != "(" and found["rest"]:
        raise Unread("amount")
    number = _decimal(found["number"]) * UNITS[found["unit"] or ""]
    if found["rest"]:
        number += _decimal(found["rest"]) * UNITS[found["small"] or ""]
    spoken = bool(found["unit"] or found["yuan"])
    about = bool(found["about"] or found["more"] or found["around"])
    sign = "¥" in told or "rmb" in told or "cny" in told or "人民币" in told
    return _kept(Amount(-number if found["minus"] else number, spoken, sign, about))


def _kept(found: Amount) -> Amount:
    if found.number < 0:
        raise Unread("negative")
    if found.number > MOST_YUAN:
        raise Unread("amount")
    return found


def _decimal(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise Unread("amount") from None
    if not number.is_finite():
        raise Unread("amount")
    return number


def _in_characters(told: str) -> Amount:
    """`五十万元`, `壹佰贰拾万元整`; raises Unread."""
    body = re.fullmatch(
        r"(约)?(?:人民币)?([零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖两十拾百佰千仟万萬亿]+)(元|圆)?整?",
        told,
    )
    if not body or not re.search("[十拾百佰千仟万萬亿]", body[2]):
        raise Unread("amount")
    total = section = digit = 0
    for char in body[2].replace("萬", "万"):
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in TENS:
            section, digit = section + (digit or 1) * TENS[char], 0
        else:
            total, section, digit = (total + section + digit) * int(UNITS[char]), 0, 0
    return Amount(Decimal(total + section + digit), spoken=True, about=bool(body[1]))


# --- days ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """A day as far as it is known: `year`, `month` or `day`."""

    on: date
    precision: str = "day"
    doubtful: bool = False
    """2018.1 as a number may have been 2018.10."""


YMD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:[t,]?\d{1,2}[:时].*)?")
YM = re.compile(r"(\d{4})[-/.年](\d{1,2})月?份?")
Y = re.compile(r"(\d{4})年?(?:度)?")
SHORT = re.compile(r"'?(\d{2})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})?日?)?")
AMERICAN = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?:[t,]?\d{1,2}:.*)?")
MY = re.compile(r"(\d{1,2})[-/.](\d{4})")
NAMED = re.compile(r"(?:(\d{1,2})[-/.,]*)?([a-z]{3})[a-z]*[-/.,]*(?:(\d{1,2}),)?(\d{4}|\d{2})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CHINESE_DAY = re.compile(r"[零〇○o0一二三四五六七八九十]{4}年[一二三四五六七八九十]{1,3}月.*")


def day(cell: Cell, *, since_1904: bool = False) -> Day:
    """The day that a cell names; raises Unread."""
    if isinstance(cell, datetime):
        return _whole(cell.date())
    if isinstance(cell, date):
        return _whole(cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Unread("day")
    if isinstance(cell, str):
        return _written(cell)
    found = _counted(cell)
    shift = timedelta(days=1462) if since_1904 and isinstance(cell, float) else timedelta()
    return Day(found.on + shift, found.precision, found.doubtful)


def _whole(on: date) -> Day:
    if not FIRST_YEAR <= on.year < LAST_YEAR:
        raise Unread("day")
    return Day(on)


def _counted(number: float) -> Day:
    """A number is a serial (42630), a month (2018.6, 201806), a day (20180615) or a year."""
    if not FIRST_YEAR <= number < 10**8:
        raise Unread("day")
    if number < LAST_YEAR and number != int(number):
        found = _written(repr(float(number)))
        return Day(found.on, found.precision, doubtful=found.on.month == 1)
    if FIRST_SERIAL <= number <= LAST_SERIAL:
        return _whole(SERIAL_ZERO + timedelta(days=int(number)))
    if number != int(number):
        raise Unread("day")
    return _written(str(int(number)))


@lru_cache(maxsize=1 << 15)
def _written(cell: str) -> Day:
    told = unicodedata.normalize("NFKC", words(cell)).casefold().strip()
    told = re.sub(r"\s+(?=\d{1,2}:)", "t", told)
    told = re.sub(r"\s+", "," if re.search("[a-z]{3}", told) else "", told)
    told = told.replace("—", "-").replace("–", "-").replace("。", ".").rstrip(".-/,起")
    if CHINESE_DAY.fullmatch(told):
        told = _chinese(told)
    return _numbered(told) or _patterned(told)


def _numbered(told: str) -> Day | None:
    """Digits alone: 201806, 20180615, 180615, 42630 as words."""
    if not told.isascii() or not told.replace(".", "", 1).isdigit():
        return None
    if told.isdigit() and len(told) == 8:
        return _made(int(told[:4]), int(told[4:6]), int(told[6:]))
    if told.isdigit() and len(told) == 6:
        whole = FIRST_YEAR <= int(told[:4]) < LAST_YEAR and 1 <= int(told[4:]) <= 12
        if whole:
            return _made(int(told[:4]), int(told[4:]))
        return _made(_century(int(told[:2])), int(told[2:4]), int(told[4:]))
    if len(told.partition(".")[0]) == 5 and FIRST_SERIAL <= float(told) <= LAST_SERIAL:
        return _whole(SERIAL_ZERO + timedelta(days=int(float(told))))
    return None


def _patterned(told: str) -> Day:
    if found := YMD.fullmatch(told):
        return _made(*(int(part) for part in found.groups()))
    if found := YM.fullmatch(told) or Y.fullmatch(told):
        return _made(*(int(part) for part in found.groups()))
    if found := AMERICAN.fullmatch(told):
        first, second, year = (int(part) for part in found.groups())
        return _made(year, second, first) if first > 12 else _made(year, first, second)
    if found := MY.fullmatch(told):
        return _made(int(found[2]), int(found[1]))
    if found := NAMED.fullmatch(told):
        return _with_name(found)
    if found := SHORT.fullmatch(told):
        return _made(_century(int(found[1])), int(found[2]), int(found[3]) if found[3] else None)
    raise Unread("day")


def _with_name(found: re.Match[str]) -> Day:
    before, name, after, year = found.groups()
    if name not in MONTHS:
        raise Unread("day")
    on = before or after
    full = int(year) if len(year) == 4 else _century(int(year))
    return _made(full, MONTHS.index(name) + 1, int(on) if on else None)


def _century(short: int) -> int:
    return short + (2000 if short <= 50 else 1900)


def _made(year: int, month: int | None = None, on: int | None = None) -> Day:
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise Unread("day")
    try:
        made = date(year, 1 if month is None else month, 1 if on is None else on)
    except ValueError:
        raise Unread("day") from None
    return Day(made, "year" if month is None else "month" if on is None else "day")


def _chinese(told: str) -> str:
    """`二〇一八年十二月` in digits."""
    digits = {**{char: str(at) for char, at in DIGITS.items()}, "○": "0", "o": "0", "0": "0"}
    year, _, rest = told.partition("年")
    month, _, on = rest.partition("月")
    parts = [
        "".join(digits.get(char, char) for char in year),
        _small(month),
        _small(on.rstrip("日号")),
    ]
    return ".".join(part for part in parts if part)


def _small(told: str) -> str:
    """Up to thirty-one, in characters."""
    if "十" not in told:
        return "".join(str(DIGITS.get(char, char)) for char in told)
    tens, _, ones = told.partition("十")
    return str(DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0))
