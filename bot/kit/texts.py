r"""Copy: what the account says stands in `texts/<topic>.toml`; code holds keys only.

    [card]                              # the key `search.card`, in search.toml
    text = "{name}（{number}）\n  {organisation} · {county}"
    item = "{n}. {label}"               # one numbered line, from the facts of an item
    tail = "回复序号看详情，[[下一页]]看其余。"

A line whose every placeholder is empty vanishes, and so does a piece between ` · `.
`[[label|words]]` is a tap that types the words for people; `[[words]]` is its own label.

A step of a flow (`[bind.code]` for `Flow(name="person.bind")`) has `text`, `again` for the second
asking, and may have `third`, `brief` (asked again below something else), `offer` (above what is
listed instead of an answer that was refused) and `title` (two words for it in lists). A refusal is
looked for nearest first: `person.bind.code.Wrong`, `person.bind.Wrong`, `person.Wrong`,
`refused.Wrong`.

In a key, a field other than `text` stands behind a colon: `person.bind:title`. What fills a
placeholder may be a text itself: `{"key": "person.role.keeper", "args": {…}}`; a list is joined.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, TypeAlias

from bot.kit.moments import show_day, show_moment
from bot.kit.reading import VOCABULARY
from bot.kit.say import Say
from bot.kit.template import Template, TemplateError, escaped
from store.errors import Refused

Tap: TypeAlias = Callable[[str, str], str]
"""A label and the words that a tap on it types, as the platform writes that."""
LIMIT = 2000
"""Bytes of UTF-8 that a message holds."""
UNASKED = {"notifications": "notice."}
"""What is said unasked has names of its own: `notice.booking.approved`."""
FIELDS = ("text", "item", "tail", "title", "again", "third", "brief", "offer", "changed")


class TextError(ValueError):
    """The copy has mistakes; one a line."""


def untapped(label: str, words: str) -> str:
    """A tap where there are none: its label."""
    del words
    return label


def refusal(near: str, why: Refused) -> Say:
    """A refusal as an answer; `near` is the topic, the flow or the step that refuses.

    Its `about` is what it speaks of, for words that name nothing.
    """
    facts = {name: _fact(value) for name, value in vars(why).items() if not name.startswith("_")}
    about = facts.pop("about", None)
    return Say(f"{near}.{type(why).__name__}", facts, about=about or None)


def _fact(value: Any) -> Any:  # noqa: ANN401 - whatever a refusal holds, as JSON
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, date):
        return show_day(value)
    if isinstance(value, Mapping):
        return {str(key): _fact(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [_fact(each) for each in value]
    return str(value)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands under one key."""

    text: Template
    item: Template | None
    tail: Template | None


class Texts:
    """All copy, compiled."""

    def __init__(self, sources: Mapping[str, str], tap: Tap, link: Tap) -> None:
        self.sources = sources
        """Every field as it stands in its file, by its path (`search.card:item`)."""
        self._link = link
        self._templates = {
            path: Template(source, tap, self._in_words) for path, source in sources.items()
        }
        self._entries: dict[str, _Entry] = {}

    @classmethod
    def load(cls, dirs: Iterable[Path], tap: Tap = untapped, link: Tap = untapped) -> Self:
        """Read every `.toml` of the folders; raises `TextError` naming each mistake.

        `tap(label, words)` writes a tap, `link(title, address)` a link.
        """
        sources: dict[str, str] = {}
        problems: list[str] = []
        for file in sorted(file for folder in dirs for file in folder.glob("*.toml")):
            for path, source in _read(file, tap, problems):
                if path in sources:
                    problems.append(f"{file.name}: {path} is there twice")
                sources[path] = source
        if problems:
            raise TextError("\n".join(problems))
        return cls(sources, tap, link)

    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(key_of(path) for path in self.sources)

    def find(self, key: str) -> str | None:
        """The path of the text that a key comes to, or None."""
        return next((path for path in _candidates(key) if path in self._templates), None)

    def placeholders(self, path: str) -> frozenset[str]:
        """What one field is filled with."""
        return self._templates[path].names

    def compose(self, say: Say) -> str:
        """A `Say` in words; raises `KeyError` for a key that has none."""
        entry = self._entries.get(say.key) or self._enter(say.key)
        parts = [entry.text.fill(say.args)]
        if say.items and entry.item is not None:
            fill = entry.item.fill
            parts += [fill({**item, "n": n}) for n, item in enumerate(say.items, say.first)]
        if entry.tail is not None:
            parts.append(entry.tail.fill(say.args))
        if say.link is not None:
            parts.append(self._link(self.compose(Say(say.link.title)), say.link.address))
        text = "\n".join([part for part in parts if part])
        return text if say.then is None else f"{text}\n\n{self.compose(say.then)}"

    def refusal(self, topic: str, why: Refused) -> Say:
        """A refusal as an answer, in the topic's words if it has its own, else the house's."""
        return refusal(topic, why)

    def _enter(self, key: str) -> _Entry:
        path = self.find(key)
        if path is None:
            raise KeyError(f"no text for {key}")
        home = key_of(key) if key_of(key) in self._templates else key_of(path)
        item = self._templates.get(f"{home}:item") or self._templates.get("talk.item")
        tail = self._templates.get(f"{home}:tail")
        entry = self._entries[key] = _Entry(self._templates[path], item, tail)
        return entry

    def _in_words(self, value: Any) -> str:  # noqa: ANN401 - JSON
        """A placeholder's value that is no plain text: a list, a fraction, another text."""
        if value is None:
            return ""
        if isinstance(value, str):
            return escaped(value)
        if isinstance(value, Mapping):
            return self.compose(Say(value["key"], value.get("args", {})))
        if isinstance(value, list | tuple):
            return str(VOCABULARY["show"]["between"]).join(map(self._in_words, value))
        if isinstance(value, bool):
            return str(VOCABULARY["show"]["yes" if value else "no"])
        return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def key_of(path: str) -> str:
    """The key that a field's path, or a key's variant, belongs to."""
    return path.partition(":")[0]


def _candidates(key: str) -> Iterator[str]:
    """Where the text of a key may stand, nearest first."""
    yield key
    asked, _, field = key.partition(":")
    near, _, last = asked.rpartition(".")
    if field in ("third", "changed"):
        yield f"talk.{field}"
    elif field in ("again", "brief", "offer"):
        yield asked
    elif not field and last[:1].isupper():
        while "." in near:
            near = near.rpartition(".")[0]
            yield f"{near}.{last}"
        yield f"refused.{last}"


def _read(file: Path, tap: Tap, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Every field of a file by its path; what is wrong goes to `problems`."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        problems.append(f"{file.name}: {why}")
        return
    under = UNASKED.get(file.parent.parent.name, "")
    for path, value in _leaves(under + file.stem, table):
        key, _, field = path.rpartition(".")
        if field not in FIELDS or not isinstance(value, str):
            problems.append(f"{file.name}: {path} is no text; a key has {', '.join(FIELDS)}")
        elif problem := _mistake(value, tap):
            problems.append(f"{file.name}: {path}: {problem}")
        else:
            yield key if field == "text" else f"{key}:{field}", value.strip("\n")


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - TOML
    if not isinstance(value, dict):
        yield path, value
        return
    for name, inner in value.items():
        yield from _leaves(f"{path}.{name}", inner)


def _mistake(source: str, tap: Tap) -> str | None:
    try:
        size = Template(source, tap, str).size
    except TemplateError as why:
        return str(why)
    return f"{size} bytes, {LIMIT} is the most" if size > LIMIT else None
