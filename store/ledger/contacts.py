"""Phones, people and choices as ledgers write them: kept as words, in one form each."""

import re
import unicodedata
from functools import lru_cache

from store.instrument import vocabulary
from store.ledger.cells import Unread, text
from store.ledger.sheets import Cell, words
from store.wording import fold

PHONE = re.compile(
    r"(?<![\d.])(?:\+?86[- ]?)?(?:"
    r"(?P<mobile>1[3-9]\d[- ]?\d{4}[- ]?\d{4})"
    r"|(?P<service>[48]00[- ]?\d{3,4}[- ]?\d{3,4})"
    r"|\(?(?P<area>0(?:10|2\d|[3-9]\d\d))\)?[-— ]?(?P<local>[2-8]\d{2,3}[- ]?\d{4})"
    r"|(?P<alone>[2-8]\d{6,7}))(?!\d)"
    r"(?:\s*(?:转|ext\.?|分机|-|#|x|\(转)\s*(?P<extension>\d{1,6})\)?)?",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"^[\s、,;/:()|和及或转\-。]+|[\s、,;/:()|和及或\-。]+$")
LABELS = re.compile(r"(?i:(联系)?(电话|手机|座机|固话|tel|phone|mobile|办|宅)[号码]*[:：]?)")
CONTACT_LABEL = re.compile(r"^(联系人|姓名|负责人)[:：]?")


def _dialled(cell: Cell) -> str:
    """A phone cell as text: a number may have lost the nought in front of its area code."""
    told = unicodedata.normalize("NFKC", words(cell))
    if isinstance(cell, float | int) and re.fullmatch(r"[2-9]\d{8,10}", told):
        return f"0{told}"
    return told


@lru_cache(maxsize=1 << 15)
def _phones(told: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_one(found) for found in PHONE.finditer(told)))


def _one(found: re.Match[str]) -> str:
    digits = {name: re.sub(r"\D", "", part or "") for name, part in found.groupdict().items()}
    number = digits["mobile"] or digits["service"] or digits["alone"]
    number = number or f"{digits['area']}-{digits['local']}"
    return f"{number}转{digits['extension']}" if digits["extension"] else number


def phone(cell: Cell) -> str | None:
    """All phones of a cell, joined by `、`; raises Unread where there are words but no phone."""
    if text(cell) is None:
        return None
    found = _phones(_dialled(cell))
    if not found:
        raise Unread("phone")
    return "、".join(found)


def contact_and_phone(cell: Cell) -> tuple[str | None, str | None]:
    """`王老师 0354-5550137` apart: who, and how to call."""
    if text(cell) is None:
        return None, None
    told = _dialled(cell)
    found = "、".join(_phones(told)) or None
    rest = LABELS.sub(" ", PHONE.sub(" ", told))
    who = CONTACT_LABEL.sub("", BETWEEN.sub("", " ".join(rest.split())))
    return who or None, found


def name_beside(cell: Cell) -> str | None:
    """The name that stands beside a phone, where one does."""
    who, phone = contact_and_phone(cell)
    return who if phone else None


@lru_cache(maxsize=1 << 12)
def modes(told: str) -> tuple[str, ...]:
    """The ways to use an instrument that words name, in the order of the vocabulary."""
    said = fold(told)
    return tuple(
        code
        for code, mode in vocabulary()["modes"].items()
        if any(word in said for word in mode["words"])
    )


def yes(cell: Cell) -> bool | None:
    """Yes, no, or nothing said; raises Unread."""
    if isinstance(cell, bool):
        return cell
    told = fold(words(cell))
    if not told or told in {"/", "-", "—"}:
        return None
    if told in vocabulary()["yes"]["words"]:
        return True
    if told in vocabulary()["no"]["words"] or told in {"无", "没有"}:
        return False
    if told.startswith(("不", "未", "否", "非")):
        return False
    if told.startswith(("是", "已", "可", "支持", "有")):
        return True
    raise Unread("choice")


def count(cell: Cell) -> int | None:
    """How many: `2`, `2台`; raises Unread."""
    told = text(cell)
    if told is None:
        return None
    found = re.fullmatch(
        r"(\d{1,5})(?:\.0*)?\s*(?:台|套|台套|台/套|台\(套\)|台（套）|个|件|部|组)?", told
    )
    if not found:
        raise Unread("count")
    return int(found[1])
