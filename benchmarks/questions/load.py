"""The labelled questions: what people write, what it means, and whether an answer is right."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
NONE = "none"
# A condition of a search, and the column of a row that it is put to.
COLUMNS = {
    "name": "name",
    "model": "model",
    "maker": "maker",
    "unit": "unit",
    "county": "county",
    "mode": "mode",
    "hours": "open_hours",
    "fee": "fee",
    "nation": "nation",
}
# The hours at which a part of a day may begin: from the first, before the second.
PARTS = {"morning": (5, 12), "noon": (11, 14), "afternoon": (12, 18), "evening": (17, 24)}
EXACT = ("number", "count", "score")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Search:
    """Words typed to find an instrument, and the conditions that a right one meets."""

    ask: str
    kind: str
    wants: tuple[tuple[str, tuple[str, ...]], ...]
    foreign_to: str | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Words that say when, the moment at which they are said, and what they mean."""

    say: str
    base: datetime
    start: date | None
    end: date | None
    part: str | None
    ask: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Words that want something done, the intents that are right, and the slots they fill."""

    say: str
    intents: tuple[str, ...]
    slots: Mapping[str, str | int]


@cache
def searches() -> tuple[Search, ...]:
    """All questions put to the catalogue."""
    kinds = _read("searches").items()
    return tuple(_search(kind, line) for kind, lines in kinds for line in lines)


@cache
def moments() -> tuple[Moment, ...]:
    """All words that say when."""
    tables = _read("moments").values()
    return tuple(_moment(table["base"], line) for table in tables for line in table["lines"])


@cache
def intents() -> tuple[Said, ...]:
    """All words that want something done."""
    lines = _read("intents")["lines"].items()
    return tuple(_said(intent, line) for intent, said in lines for line in said)


@cache
def commands() -> Mapping[str, str]:
    """Each intent's name, with the line of the interface that it stands for."""
    return dict(_read("intents")["commands"])


def right(question: Search, row: Row) -> bool:
    """Whether the instrument in the row answers the question."""
    if question.kind == NONE:
        return False
    return (
        all(_holds(row[COLUMNS[column]], some) for column, some in question.wants)
        and (question.foreign_to is None or row["nation"] != question.foreign_to)
        and (question.most is None or _figure(row["fee"]) <= question.most)
    )


def timed(question: Moment, start: datetime | None, end: datetime | None) -> bool:
    """Whether a reading (nothing, where it asks back) is what the words mean."""
    if question.ask or start is None:
        return question.ask and start is None
    if isinstance(question.start, datetime):
        return start == question.start and question.end in (None, end)
    return start.date() == question.start and _ends(question, end) and _begins(question, start)


def meant(said: Said, intent: str) -> bool:
    """Whether the intent is one that the words may have."""
    return intent in said.intents


def filled(said: Said, slots: Mapping[str, object]) -> bool:
    """Whether the slots hold what the words give; of words, one must hold the other."""
    return all(_fits(name, value, slots.get(name)) for name, value in said.slots.items())


def counts() -> dict[str, Counter[str]]:
    """How many questions there are of each kind, file by file."""
    return {
        "searches": Counter(question.kind for question in searches()),
        "moments": Counter(f"{moment.base:%Y-%m-%d %H:%M}" for moment in moments()),
        "intents": Counter(said.intents[0] for said in intents()),
    }


def mislabelled(rows: Iterable[Row]) -> Iterator[str]:
    """Searches that no row answers, though they are not labelled so."""
    held = tuple(rows)
    for question in searches():
        if question.kind != NONE and not any(right(question, row) for row in held):
            yield question.ask


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _search(kind: str, line: dict[str, Any]) -> Search:
    wants = tuple((key, _some(line[key])) for key in COLUMNS if key in line)
    unknown = line.keys() - COLUMNS.keys() - {"ask", "foreign_to", "most"}
    asks_for_nothing = line.keys() == {"ask"}
    if unknown or asks_for_nothing != (kind == NONE):
        raise ValueError(f"{kind}: {line}")
    return Search(line["ask"], kind, wants, line.get("foreign_to"), line.get("most"))


def _some(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _moment(base: datetime, line: dict[str, Any]) -> Moment:
    ask = line.get("ask", False)
    if ask == ("start" in line) or line.get("part", "morning") not in PARTS:
        raise ValueError(str(line))
    start, end = _here(line.get("start")), _here(line.get("end"))
    return Moment(line["say"], base.replace(tzinfo=ZONE), start, end, line.get("part"), ask)


def _here(moment: date | None) -> date | None:
    return moment.replace(tzinfo=ZONE) if isinstance(moment, datetime) else moment


def _said(intent: str, line: dict[str, Any]) -> Said:
    named = (intent, line["also"]) if "also" in line else (intent,)
    if not commands().keys() >= set(named):
        raise ValueError(str(line))
    slots = {key: value for key, value in line.items() if key not in {"say", "also"}}
    return Said(line["say"], named, slots)


def _holds(field: str, some: tuple[str, ...]) -> bool:
    return any(one.casefold() in field.casefold() for one in some)


def _figure(fee: str) -> float:
    found = re.match(r"\d+(?:\.\d+)?", fee)
    return float(found[0]) if found else float("inf")


def _ends(question: Moment, end: datetime | None) -> bool:
    last = question.end or question.start
    if end is None:
        return question.end is None
    return (end - timedelta(microseconds=1)).date() == last


def _begins(question: Moment, start: datetime) -> bool:
    if question.part is None:
        return True
    first, last = PARTS[question.part]
    return first <= start.hour < last


def _fits(name: str, wanted: str | int, got: object) -> bool:
    if name in EXACT or got is None:
        return wanted == got
    one, other = _bare(str(wanted)), _bare(str(got))
    return bool(other) and (one in other or other in one)


def _bare(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).casefold()
