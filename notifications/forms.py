"""The account's templates: which there is for a kind, and its fields filled within their limits.

`YIXIANG_TEMPLATES` names a file such as

    [booking.approved]
    template = "id of a template message"
    subscription = "id of a subscription message"   # either or both
    fields = { thing1 = "instrument", time2 = "period", character_string3 = "YY{number}" }

A field is filled with a fact, or with words that have facts in them. Which facts a kind has stands
in `kinds.toml`; `title` is its one line, `planned_at` when it was to be told. `[default]` serves
kinds without a row of their own, `[digest]` several notices in one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.kit.facts import Fen
from notifications.notice import Kind
from store.money import yuan

TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))
FIELDS: dict[str, dict[str, Any]] = TABLE["field"]
PREFIX = re.compile(r"([a-z_]+?)_?[0-9]*\Z")
SLOT = re.compile(r"\{([a-z_]+)\}")
PARENTHESES = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
PIECES = re.compile(r"[\s，,;；、：:·]+")
TIMES = frozenset({"time", "date"})
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
DIGEST, DEFAULT = "digest", "default"
"""The template of several notices in one, with `title` and `count`; of kinds without their own."""
ALWAYS = frozenset({"title", "planned_at"})
"""Facts that every notice has."""


class FormsBroken(ValueError):  # noqa: N818 - said of the operator's file
    """The templates' file has mistakes; one a line."""


@dataclass(frozen=True, slots=True)
class Form:
    """The account's templates for one kind."""

    template: str = ""
    subscription: str = ""
    fields: Mapping[str, str] | None = None
    """By the template's field: the fact, or words with facts in them."""

    def filled(self, facts: Mapping[str, Any], title: str) -> dict[str, str]:
        """Every field within its limits."""
        known = {**facts, "title": title}
        return {name: fill(name, source, known) for name, source in (self.fields or {}).items()}


def load(path: Path | None, kinds: Mapping[str, Kind]) -> dict[str, Form]:
    """The account's templates by kind; none where there is no file. Raises FormsBroken."""
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise FormsBroken(f"{path.name}: {why}") from None
    rows = dict(_rows(table))
    problems = [f"{path.name}: {each}" for each in _problems(rows, kinds)]
    if problems:
        raise FormsBroken("\n".join(problems))
    forms = {name: Form(**row) for name, row in rows.items()}
    if usual := forms.pop(DEFAULT, None):
        forms = dict.fromkeys([*kinds, DIGEST], usual) | forms
    return forms


def _rows(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables that name a template, by their path."""
    for name, value in table.items():
        at = f"{path}.{name}".strip(".")
        if not isinstance(value, dict):
            yield at, {"": value}
        elif {"template", "subscription", "fields"} & set(value):
            yield at, value
        else:
            yield from _rows(value, at)


def _problems(rows: Mapping[str, dict[str, Any]], kinds: Mapping[str, Kind]) -> Iterator[str]:
    for name, row in rows.items():
        if name not in {*kinds, DIGEST, DEFAULT}:
            yield f"{name}: no such kind of notice"
            continue
        if unknown := sorted(set(row) - {"template", "subscription", "fields"}):
            yield f"{name}: unknown {', '.join(map(repr, unknown))}"
            continue
        more = kinds[name].fields if name in kinds else ("count",) if name == DIGEST else ()
        there = ALWAYS.union(more)
        fields = row.get("fields")
        if not isinstance(fields, dict) or not fields:
            yield f"{name}: no fields"
            continue
        for field, source in fields.items():
            if prefix(field) not in FIELDS:
                yield f"{name}: {field} is no kind of field"
            for fact in sorted(_facts(str(source)) - there):
                yield f"{name}: {field}: no fact {fact!r}; there are {', '.join(sorted(there))}"


def _facts(source: str) -> set[str]:
    return set(SLOT.findall(source)) or ({source} if source.isascii() and source else set())


def prefix(field: str) -> str:
    """`thing` of `thing1`, `character_string` of `character_string3`."""
    found = PREFIX.match(field)
    return found[1] if found else field


def fill(field: str, source: str, facts: Mapping[str, Any]) -> str:
    """One field's value: a fact, or words with facts in them, as its kind takes it."""
    kind = prefix(field)
    if SLOT.search(source):
        return fitted(kind, SLOT.sub(lambda slot: written(kind, facts.get(slot[1])), source))
    value = facts.get(source) if source.isascii() else source
    if kind in TIMES and not isinstance(value, datetime | tuple):
        value = facts.get("planned_at")
    return fitted(kind, written(kind, value))


def written(kind: str, value: Any) -> str:  # noqa: ANN401 - a fact
    """A fact as a field of this kind writes it."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return _period(kind, *value)
    if isinstance(value, datetime):
        return _moment("day" if kind == "date" else "moment", value)
    if isinstance(value, Fen):
        return f"{yuan(value).replace(',', '')}{TABLE['yuan']}"
    return str(value)


def _period(kind: str, start: datetime, end: datetime) -> str:
    if kind == "date":
        return _moment("day", start)
    last = "until" if start.date() == end.date() else "moment"
    return f"{_moment('moment', start)}{TABLE['between']}{_moment(last, end)}"


def _moment(form: str, at: datetime) -> str:
    said: str = TABLE[form]
    return said.format(year=at.year, month=at.month, day=at.day, hour=at.hour, minute=at.minute)


def fitted(kind: str, text: str) -> str:
    """Within what the field takes: of what is too long, what says least goes first."""
    rule = FIELDS.get(kind, FIELDS["thing"])
    text = " ".join(CONTROLS.sub(" ", text).split())
    if only := rule.get("only"):
        text = "".join(re.findall(only, text))
    if pattern := rule.get("like"):
        found = re.search(pattern, text)
        text = found[0] if found else ""
    return shortened(text, rule["longest"]) or str(rule.get("empty", TABLE["empty"]))


def shortened(text: str, longest: int) -> str:
    """At most so many characters: without what stands in brackets, then without its last pieces."""
    if len(text) <= longest:
        return text
    bare = PARENTHESES.sub("", text).strip() or text
    if len(bare) <= longest:
        return bare
    mark = str(TABLE["ellipsis"])
    if longest <= len(mark) + 4:
        return bare[:longest]
    cut = bare[: longest - len(mark)]
    pieces = [match.start() for match in PIECES.finditer(cut)]
    if pieces and pieces[-1] >= longest * 2 // 3:
        cut = cut[: pieces[-1]]
    return cut + mark
