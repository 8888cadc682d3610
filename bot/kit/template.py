"""One text with placeholders and taps, compiled once and filled in microseconds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

_TOKEN = re.compile(r"\[\[(?P<tap>[^\[\]]+)\]\]|\{(?P<name>[a-z_][a-z0-9_]*)\}")
_STRAY = re.compile(r"[{}]|\[\[|\]\]")
BETWEEN = " · "
"""Between pieces of a line, each of which vanishes when it has nothing to say."""


class TemplateError(ValueError):
    """The text is not written as it must be."""


@dataclass(frozen=True, slots=True)
class _Tap:
    """A tap whose label or words are placeholders."""

    label: "Template"
    words: "Template"


_Slot: TypeAlias = str | _Tap


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a line: a `%` format, and what fills it."""

    format: str
    slots: tuple[_Slot, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, its indent apart."""

    indent: str
    pieces: tuple[_Piece, ...]


class Template:
    """A text; `{name}` is a placeholder, `[[label|words]]` a tap."""

    def __init__(
        self, source: str, tap: Callable[[str, str], str], in_words: Callable[[Any], str]
    ) -> None:
        self._tap, self._in_words = tap, in_words
        self._lines = [self._line(line) for line in source.split("\n")]
        pieces = [piece for line in self._lines for piece in line.pieces]
        slots = [slot for piece in pieces for slot in piece.slots]
        self.names = frozenset(name for slot in slots for name in _names(slot))
        """The placeholders."""
        plain = [slot for slot in slots if isinstance(slot, str)]
        self._all = plain if len(plain) == len(slots) else None
        self._format = "\n".join(
            line.indent + BETWEEN.join(piece.format for piece in line.pieces)
            for line in self._lines
        )

    def fill(self, args: Mapping[str, Any]) -> str:
        """The text with its placeholders filled; what is empty vanishes."""
        if self._all is None:
            return self._carefully(args)
        values = []
        for name in self._all:
            value = args.get(name)
            if value.__class__ is not str and value.__class__ is not int:
                return self._carefully(args)
            if value == "" or (value.__class__ is str and "<" in value):
                return self._carefully(args)
            values.append(value)
        return self._format % tuple(values)

    def _carefully(self, args: Mapping[str, Any]) -> str:
        lines = (self._fill_line(line, args) for line in self._lines)
        return "\n".join(line for line in lines if line is not None)

    def _fill_line(self, line: _Line, args: Mapping[str, Any]) -> str | None:
        parts, empty = [], False
        for piece in line.pieces:
            values = tuple(self._value(slot, args) for slot in piece.slots)
            if values and not any(values):
                empty = True
            else:
                parts.append((piece.format % values, bool(values)))
        if empty and not any(filled for _, filled in parts):
            return None
        return line.indent + BETWEEN.join(part for part, _ in parts)

    def _value(self, slot: _Slot, args: Mapping[str, Any]) -> str:
        if isinstance(slot, _Tap):
            label, words = slot.label.fill(args), slot.words.fill(args)
            return self._tap(label, words) if label and words else ""
        value = args.get(slot)
        return escaped(value if isinstance(value, str) else self._in_words(value))

    def _line(self, line: str) -> _Line:
        body = line.lstrip(" \u3000")
        pieces = tuple(self._piece(part) for part in body.split(BETWEEN))
        return _Line(line[: len(line) - len(body)], pieces)

    def _piece(self, source: str) -> _Piece:
        form, slots, end = "", list[_Slot](), 0
        for match in _TOKEN.finditer(source):
            slot = match["name"] or self._tapped(match["tap"])
            form += _literal(source[end : match.start()])
            if isinstance(slot, _Literal):
                form += slot.replace("%", "%%")
            else:
                form, slots = form + "%s", [*slots, slot]
            end = match.end()
        return _Piece(form + _literal(source[end:]), tuple(slots))

    def _tapped(self, inside: str) -> "_Tap | _Literal":
        label, _, words = inside.partition("|")
        tap = _Tap(*(Template(part, self._tap, self._in_words) for part in (label, words or label)))
        if tap.label.names or tap.words.names:
            return tap
        return _Literal(self._tap(tap.label.fill({}), tap.words.fill({})))


class _Literal(str):
    """Text that is final."""

    __slots__ = ()


def _literal(text: str) -> str:
    if stray := _STRAY.search(text):
        raise TemplateError(f"{stray[0]} belongs to no placeholder or tap: {text}")
    return text.replace("%", "%%")


def _names(slot: _Slot) -> frozenset[str]:
    return frozenset({slot}) if isinstance(slot, str) else slot.label.names | slot.words.names


def escaped(value: str) -> str:
    """Words of people's, so that they never become a tag: the platform reads no entities."""
    return value.replace("<", "＜")
