"""Whether copy and code fit: every step and refusal has its text, and no text is an orphan."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

from bot.kit.flow import Flow
from bot.kit.reading import number, steering
from bot.kit.route import Routes
from bot.kit.texts import Texts, key_of
from store.errors import Refused

Flows = Collection[type[Flow]]
Refusals = Collection[type[Refused]]

_KEY = re.compile(r"[a-z_]+(\.[\w*]+)+(:[a-z]+)?")
_TAP = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the code says."""

    said: frozenset[str]
    """Keys written out in `Say("…")`."""
    mentioned: frozenset[str]
    """Any string that could be a key; `*` where it is put together while running."""


def check(
    texts: Texts,
    flows: Flows,
    refusals: Refusals,
    routes: Routes,
    keys: Keys,
    known: Collection[str] = (),
) -> list[str]:
    """What does not fit, a line each; `known` are words that the desk itself understands."""
    wanted = {*keys.said, *_wanted(flows)}
    return [
        *(f"{key}: no text" for key in sorted(wanted) if texts.find(key) is None),
        *_once(texts, flows),
        *_refused(texts, refusals),
        *_placeholders(texts, flows, refusals),
        *_orphans(texts, wanted | keys.mentioned, refusals),
        *_taps(texts, flows, routes, known),
    ]


def refusals_under(base: type[Refused] = Refused) -> set[type[Refused]]:
    """Every kind of refusal in the modules that are loaded."""
    return {each for direct in base.__subclasses__() for each in (direct, *refusals_under(direct))}


def keys_in(folders: Iterable[Path]) -> Keys:
    """What the code in these folders says."""
    nodes = [
        node
        for folder in folders
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    ]
    return Keys(
        frozenset(key for key in map(_said, nodes) if key),
        frozenset(key for key in map(_pattern, nodes) if key and _KEY.fullmatch(key)),
    )


def _said(node: ast.AST) -> str | None:
    """The key of a `Say("…")` that is written out."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    if node.func.id != "Say" or not node.args or not isinstance(node.args[0], ast.Constant):
        return None
    return str(node.args[0].value)


def _pattern(node: ast.AST) -> str | None:
    """A string, with `*` where it is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) or "*" for part in node.values)
    return None


def _wanted(flows: Flows) -> Iterator[str]:
    """What the engine says of every flow."""
    for flow in flows:
        yield f"{flow.name}:title"
        if flow.confirm:
            yield f"{flow.name}.confirm"
        for step in flow.steps:
            yield from (f"{flow.name}.{step}", f"{flow.name}.{step}:title")


def _once(texts: Texts, flows: Flows) -> Iterator[str]:
    """A question is never put twice in the same words."""
    for key in (f"{flow.name}.{step}" for flow in flows for step in flow.steps):
        if texts.sources.get(f"{key}:again") in (None, texts.sources.get(key)):
            yield f"{key}: no other wording (again) for the second asking"


def _refused(texts: Texts, refusals: Refusals) -> Iterator[str]:
    worded = {path.rpartition(".")[2] for path in texts.sources}
    for name, count in Counter(refused.__name__ for refused in refusals).items():
        if count > 1:
            yield f"{name}: {count} refusals have this name"
        if name not in worded:
            yield f"refused.{name}: no text"


def _placeholders(texts: Texts, flows: Flows, refusals: Refusals) -> Iterator[str]:
    """Placeholders that nothing will ever fill."""
    facts = {refused.__name__: {field.name for field in fields(refused)} for refused in refusals}
    steps = {f"{flow.name}.{step}": flow.steps.keys() for flow in flows for step in flow.steps}
    for path in texts.sources:
        key, last = key_of(path), key_of(path).rpartition(".")[2]
        there = facts.get(last) if last in facts else steps.get(key)
        if there is None or path.endswith(":item"):
            continue
        for name in sorted(texts.placeholders(path) - {*there, "rest"}):
            yield f"{path}: nothing fills {{{name}}}"


def _orphans(texts: Texts, used: Collection[str], refusals: Refusals) -> Iterator[str]:
    exact = {key_of(key) for key in used}
    patterns = [key for key in used if "*" in key and not key.startswith("*")]
    names = {refused.__name__ for refused in refusals}
    for key in sorted(texts.keys() - exact):
        if key.rpartition(".")[2] in names:
            continue
        if not any(fnmatchcase(key, pattern) for pattern in patterns):
            yield f"{key}: nobody says it"


def _taps(texts: Texts, flows: Flows, routes: Routes, known: Collection[str]) -> Iterator[str]:
    """Taps that lead nowhere; those in a flow's questions answer them, and are let be."""
    asked = tuple(f"{flow.name}." for flow in flows)
    for path, source in texts.sources.items():
        for words in () if path.startswith(asked) else _TAP.findall(source):
            if "{" in words or words in known or steering(words) or number(words):
                continue
            if routes.command(words) is None:
                yield f"{path}: nobody understands {words}"
