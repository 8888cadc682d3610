"""One text with placeholders and taps, compiled once and filled in microseconds.

What vanishes depends only on which values are empty, so each such pattern is worked out once and
kept as a `%` format.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

_TOKEN = re.compile(r"\[\[(?P<tap>[^\[\]]+)\]\]|\{(?P<name>[a-z_][a-z0-9_]*)\}")
_STRAY = re.compile(r"[{}]|\[\[|\]\]")
BETWEEN = " · "
"""Between pieces of a line, each of which vanishes when it has nothing to say."""


class TemplateError(ValueError):
    """The text is not written as it must be."""


class Final(str):
    """Text that is ours and final; any other that fills a placeholder is somebody's words."""

    __slots__ = ()


def escaped(words: str) -> str:
    """Somebody's words, so that they never become a tag: the platform reads no entities."""
    return words.replace("<", "＜")


_Piece: TypeAlias = list[str | int]
"""Literal text, and the places of what fills it."""


class Template:
    """A text; `{name}` is a placeholder, `[[label|words]]` a tap.

    `tap` writes a tap, `in_words` a value that is neither text nor a whole number.
    """

    def __init__(
        self, source: str, tap: Callable[[str, str], str], in_words: Callable[[Any], str]
    ) -> None:
        self._tap, self._in_words = tap, in_words
        self._slots: list[str] = []
        self._taps: dict[str, tuple[Template, Template]] = {}
        self._lines = [self._line(line) for line in source.split("\n")]
        self._formats: dict[tuple[bool, ...], str] = {}
        self._full = self._format([True] * len(self._slots))

    @property
    def names(self) -> frozenset[str]:
        """The placeholders."""
        inside = [part.names for tap in self._taps.values() for part in tap]
        return frozenset(self._slots).difference(self._taps).union(*inside)

    @property
    def size(self) -> int:
        """Bytes of UTF-8 that it takes when nothing vanishes and every placeholder is empty."""
        return len((self._full % tuple("" for _ in self._slots)).encode())

    def fill(self, args: Mapping[str, Any]) -> str:
        """The text with its placeholders filled; what is empty vanishes."""
        values = self._values(args)
        if "" not in values:
            return self._full % tuple(values)
        there = tuple(map(bool, values))
        form = self._formats.get(there)
        if form is None:
            form = self._formats[there] = self._format(there)
        return form % tuple(filter(None, values))

    def _values(self, args: Mapping[str, Any]) -> list[str]:
        if self._taps:
            args = {**args, **{slot: self._tapped(*tap, args) for slot, tap in self._taps.items()}}
        values: list[str] = []
        for slot in self._slots:
            value = args.get(slot)
            if value.__class__ is str:
                if "<" in value:
                    value = escaped(value)
            elif value is None:
                value = ""
            elif value.__class__ is int:
                value = str(value)
            elif value.__class__ is not Final:
                value = self._in_words(value)
            values.append(value)
        return values

    def _tapped(self, label: "Template", words: "Template", args: Mapping[str, Any]) -> Final:
        said, typed = label.fill(args), words.fill(args)
        return Final(self._tap(said, typed) if said and typed else "")

    def _format(self, there: Sequence[bool]) -> str:
        """What is left, as a `%` format, when only some values are there."""
        lines = (_left_of_line(indent, pieces, there) for indent, pieces in self._lines)
        return "\n".join(line for line in lines if line is not None)

    def _line(self, line: str) -> tuple[str, list[_Piece]]:
        body = line.lstrip(" \u3000")
        return line[: len(line) - len(body)], [self._piece(part) for part in body.split(BETWEEN)]

    def _piece(self, source: str) -> _Piece:
        piece, end = list[str | int](), 0
        for match in _TOKEN.finditer(source):
            piece += [_literal(source[end : match.start()]), self._slot(match)]
            end = match.end()
        return [*piece, _literal(source[end:])]

    def _slot(self, match: re.Match[str]) -> str | int:
        """A new place for a value, or the literal that a tap without placeholders comes to."""
        slot = match["name"]
        if slot is None:
            label, _, words = match["tap"].partition("|")
            parts = [Template(part, self._tap, self._in_words) for part in (label, words or label)]
            if not parts[0].names | parts[1].names:
                return self._tap(parts[0].fill({}), parts[1].fill({})).replace("%", "%%")
            slot = match[0]
            self._taps[slot] = parts[0], parts[1]
        self._slots.append(slot)
        return len(self._slots) - 1


def _left_of_line(indent: str, pieces: Sequence[_Piece], there: Sequence[bool]) -> str | None:
    """What is left of a line, or None when all of its placeholders are empty."""
    slots = [part for piece in pieces for part in piece if isinstance(part, int)]
    if slots and not any(there[slot] for slot in slots):
        return None
    left = (_left_of_piece(piece, there) for piece in pieces)
    return indent + BETWEEN.join(piece for piece in left if piece is not None)


def _left_of_piece(piece: _Piece, there: Sequence[bool]) -> str | None:
    slots = [part for part in piece if isinstance(part, int)]
    if slots and not any(there[slot] for slot in slots):
        return None
    return "".join(part if isinstance(part, str) else "%s" if there[part] else "" for part in piece)


def _literal(text: str) -> str:
    if stray := _STRAY.search(text):
        raise TemplateError(f"{stray[0]} belongs to no placeholder or tap: {text}")
    return text.replace("%", "%%")
