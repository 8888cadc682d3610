"""How a column is told by its header: synonyms from columns.toml, scored from 0 to 100."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from store.wording import fold

Path_ = tuple[str, ...]
"""The words above a column from the top down, as written, each said once."""

JOINED, GROUPED, WHOLE, BARE, TRIMMED, PARENT, WEAK = 100.0, 98.0, 95.0, 92.0, 88.0, 70.0, 60.0
PART = (40.0, 40.0, 6.0)
BRACKETS = re.compile(r"[(\[【〔{<《][^()\[\]【】〔〕{}<>《》]*[)\]】〕}>》]?")
MARKS = re.compile(r"[()\[\]【】〔〕{}<>《》*※★:：。,;'\"]|必填|选填|必须填写")
BEFORE = re.compile(r"^(大型|科研|科学|共享|开放|入网)*(仪器设备|仪器|设备|设施)的?(?=..)")
BEHIND = re.compile(r"(?<=..)(情况|信息|说明|描述|简述|简介|介绍|明细)$")
MONEY = re.compile(r"(?<=..)[/,、:·]?(人民币)?[万千]?元([/·每].*)?$")
PARTED = re.compile(r"[-_—–:：|·]+")
NUMBERING = re.compile(r"^(\d+[.、)]|[一二三四五六七八九十]+[、.])")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text("utf-8"))


def label(field: str) -> str:
    """A field as the command line names it."""
    return str(_data()["columns"][field]["label"])


def weight(field: str) -> float:
    """How much it tells of a header that it names this field."""
    return float(_data()["columns"][field].get("weight", 1))


def many(field: str) -> bool:
    """Whether several columns may hold parts of the field."""
    return bool(_data()["columns"][field].get("many", False))


@cache
def cell_words(kind: str) -> frozenset[str]:
    """What cells say when they say nothing (`empty`), or what the cell above says (`same`)."""
    return frozenset(fold(word) for word in _data()["cells"][kind])


@cache
def guess(field: str) -> re.Pattern[str]:
    """How the field's values end."""
    return re.compile(_data()["guess"][field])


@lru_cache(maxsize=1 << 12)
def _folded(header: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", header).casefold().split())
    return NUMBERING.sub("", text)


def whole(header: str) -> str:
    """A header's words, those in brackets included."""
    return MARKS.sub("", _folded(header))


def bare(header: str) -> str:
    """A header's words without what stands in brackets."""
    return MARKS.sub("", BRACKETS.sub("", _folded(header)))


def _trimmed(header: str) -> str:
    """A header's words without 仪器设备 in front, and 情况 or `/元` behind."""
    return BEHIND.sub("", BEFORE.sub("", MONEY.sub("", bare(header))))


def aside(header: str) -> str:
    """What stands in a header's brackets: mostly a unit."""
    return "".join(BRACKETS.findall(_folded(header)))


@dataclass(frozen=True, slots=True)
class _Words:
    sure: dict[str, tuple[str, int]]
    weak: dict[str, tuple[tuple[str, int], ...]]
    parts: tuple[tuple[str, str], ...]
    heads: dict[str, dict[str, str]]


@cache
def _words() -> _Words:
    columns = _data()["columns"]
    placed = [
        (word, (field, place))
        for field, column in columns.items()
        for place, word in enumerate(column["words"])
    ]
    sure = {whole(word): meant for word, meant in reversed(placed)}
    for word, meant in placed:
        sure.setdefault(bare(word), meant)
    weak: dict[str, tuple[tuple[str, int], ...]] = {}
    for field, column in columns.items():
        for place, word in enumerate(column.get("weak", ())):
            weak[whole(word)] = (*weak.get(whole(word), ()), (field, place))
    parts = tuple((word, field) for word, (field, _) in sure.items() if len(word) > 1)
    groups = _data()["groups"].values()
    heads: dict[str, dict[str, str]] = {}
    for group in groups:
        for head in group["heads"]:
            heads[whole(head)] = {**group["leaves"], **heads.get(whole(head), {})}
    return _Words(sure, weak, tuple(sorted(parts, key=lambda part: -len(part[0]))), heads)


@lru_cache(maxsize=1 << 12)
def scores(path: Path_) -> tuple[tuple[str, float], ...]:
    """The fields that the words above a column may mean, the best first."""
    if not path:
        return ()
    parts = [part for part in PARTED.split(path[-1]) if bare(part)]
    leaf, parents = path[-1], path[:-1]
    if not parents and len(parts) > 1 and whole(leaf) not in _words().sure:
        leaf, parents = parts[-1], tuple(parts[:-1])
    found: dict[str, float] = {}
    for field, score in (*_in_context(leaf, parents), *_alone(leaf), *_above(leaf, parents)):
        found[field] = max(score, found.get(field, 0))
    return tuple(sorted(found.items(), key=lambda pair: -pair[1]))


def _in_context(leaf: str, parents: Sequence[str]) -> list[tuple[str, float]]:
    words, found = _words(), list[tuple[str, float]]()
    for parent in reversed(parents):
        for form in (whole(parent) + whole(leaf), bare(parent) + bare(leaf)):
            if form in words.sure and bare(leaf):
                field, place = words.sure[form]
                found.append((field, JOINED - place / 50))
        leaves = words.heads.get(whole(parent)) or words.heads.get(bare(parent)) or {}
        meant = leaves.get(whole(leaf)) or leaves.get(bare(leaf))
        if meant:
            found.append((meant, GROUPED))
    return found


def _alone(leaf: str) -> list[tuple[str, float]]:
    words = _words()
    forms = ((whole(leaf), WHOLE), (bare(leaf), BARE), (_trimmed(leaf), TRIMMED))
    for form, score in forms:
        if form in words.sure:
            field, place = words.sure[form]
            return [(field, score - place / 50)]
    for form in (whole(leaf), bare(leaf)):
        if form in words.weak:
            return [
                (field, WEAK - 5 * at - place) for at, (field, place) in enumerate(words.weak[form])
            ]
    return _in_part(bare(leaf))


def _in_part(form: str) -> list[tuple[str, float]]:
    """A synonym inside a longer header: worth more the more of it it is, and at its end."""
    base, share, end = PART
    found: dict[str, float] = {}
    for word, field in _words().parts:
        if word in form and len(form) <= 30:
            score = base + share * len(word) / len(form) + end * form.endswith(word)
            found[field] = max(score, found.get(field, 0))
    return list(found.items())


def _above(leaf: str, parents: Sequence[str]) -> list[tuple[str, float]]:
    """A leaf that says nothing known stands for what its parent says: `原值` over `（万元）`."""
    for parent in reversed(parents):
        form = next((form for form in (whole(parent), bare(parent)) if form in _words().sure), None)
        if form:
            field, place = _words().sure[form]
            return [(field, (PARENT if bare(leaf) else WHOLE) - place / 50)]
    return []
