"""One pattern of words with slots, and how typed words are held against it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from bot.kit.reading import NUMERAL, clean, number, plain

_SLOT = re.compile(r"\{(?P<name>[a-z_][a-z0-9_]*)(?::(?P<type>int|[A-Z]+))?\}")
_END = r"[ .。,!?~～、;…」』]*"


@dataclass(frozen=True, slots=True)
class Slot:
    """A part that people fill: any words, a whole number, or a number with its letters."""

    name: str
    type: str
    """`""` any words to the end, `"int"`, or the letters before a number, as `"YQ"`."""

    @property
    def regex(self) -> str:
        """What fills it, in plain text."""
        if not self.type:
            return rf"(?P<{self.name}>\S.*)"
        if self.type == "int":
            return f"(?P<{self.name}>{NUMERAL})"
        return rf"{self.type.lower()} ?[-–—_:#.]? ?0*(?P<{self.name}>[0-9]{{1,9}})(?![0-9])"


@dataclass(frozen=True, slots=True)
class Filled:
    """What filled the slots of a pattern."""

    slots: dict[str, Any]
    loose: bool
    """Whether the last words ran on without a blank."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal words and slots; no slots: an exact command."""

    source: str
    head: str
    """What the typed words begin with, without blanks; all of them, if there are no slots."""
    slots: tuple[Slot, ...]
    regex: re.Pattern[str]

    @classmethod
    def of(cls, source: str, handler: Callable[..., Any], *, apart: bool = False) -> Self:
        """Compile; raises ValueError when the handler can't take the slots.

        `apart`: any words must stand apart from what is before them.
        """
        slots = tuple(_slots(source, handler))
        literals = [bare_literal(part) for part in _SLOT.split(source)[::3]]
        if any(slot.type == "" for slot in slots[:-1]) or (
            slots and not slots[-1].type and literals[-1]
        ):
            raise ValueError(f"{source}: a slot for any words must come last")
        letters = slots[0].type.lower() if slots and slots[0].type != "int" else ""
        if not literals[0] and not letters:
            raise ValueError(f"{source}: a pattern begins with words or letters")
        regex = "".join(
            _spaced(part) + _joint(slot, apart) + slot.regex
            for part, slot in zip(literals, slots, strict=False)
        )
        tail = "" if slots and not slots[-1].type else " ?" + _spaced(literals[-1]) + _END
        return cls(source, literals[0] + letters, slots, re.compile(regex + tail, re.DOTALL))

    @property
    def shape(self) -> str:
        """What two patterns for the same words share."""
        return re.sub(r"\?P<\w+>", "", self.regex.pattern)

    def fill(self, text: str, typed: str) -> Filled | None:
        """Hold `text`, which is `typed` made plain, against the pattern."""
        match = self.regex.fullmatch(text)
        if match is None:
            return None
        values: dict[str, Any] = {}
        for slot in self.slots:
            value = (
                number(match[slot.name]) if slot.type else rest(typed, text, match.start(slot.name))
            )
            if value is None:
                return None
            values[slot.name] = value
        return Filled(values, loose=self._ran_on(match))

    def _ran_on(self, match: re.Match[str]) -> bool:
        if len(self.slots) != 1 or self.slots[0].type:
            return False
        return match.string[match.start(self.slots[0].name) - 1] not in " :,"


def bare_literal(text: str) -> str:
    """The literal part of a pattern as it is compared."""
    return plain(text).replace(" ", "")


def _slots(source: str, handler: Callable[..., Any]) -> list[Slot]:
    parameters = list(inspect.signature(handler).parameters.values())[2:]
    by_name = {parameter.name: parameter for parameter in parameters}
    slots = []
    for match in _SLOT.finditer(source):
        parameter = by_name.pop(match["name"], None)
        if parameter is None and not any(p.kind is p.VAR_KEYWORD for p in parameters):
            raise ValueError(f"{source}: {handler.__qualname__} takes no {match['name']}")
        whole = parameter is not None and parameter.annotation in (int, "int")
        slots.append(Slot(match["name"], match["type"] or ("int" if whole else "")))
    missing = [
        p.name for p in by_name.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    if missing:
        raise ValueError(f"{source}: {handler.__qualname__} needs {', '.join(missing)}")
    return slots


def _spaced(literal: str) -> str:
    return " ?".join(map(re.escape, literal))


def _joint(slot: Slot, apart: bool) -> str:  # noqa: FBT001 - passed on
    if slot.type:
        return " ?"
    return "(?: ?[:,] ?| )" if apart else " ?[:,]? ?"


def rest(typed: str, text: str, start: int) -> str:
    """The words from `start` of `text` on, as they were typed."""
    ahead = len(text[:start].replace(" ", ""))
    position = 0
    while ahead > 0 and position < len(typed):
        ahead -= len(bare_literal(typed[position]))
        position += 1
    return clean(typed[position:].lstrip(" \u3000:：,，")) or text[start:]
