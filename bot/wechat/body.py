"""Reading what comes over the network, XML or JSON, without trusting it.

The platform pushes whichever format its console is set to. XML goes through expat: no document
type (so no entities, no bombs), no foreign encodings, bounded depth and number of elements; the
whole body is given at once, so that expat's rescanning of one giant token never becomes quadratic.

Nearly every body has one flat shape, which one expression reads in half of expat's time. It takes
only what expat would read the same (a test compares them); for all else it gives up at once.
Measured: a quarter of xmltodict's time.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from bot.wechat.turned_away import Unreadable

Fields = Mapping[str, Any]
"""A message's fields: text, lists, or fields again."""

DEEPEST = 8
MOST_ELEMENTS = 2000
MOST_FIELDS = 64
"""More in a flat body are left to expat."""
FIELD = re.compile(
    r"[ \t\n]*+<([A-Za-z][A-Za-z0-9_]*+)>"
    r"(?:<!\[CDATA\[([^]\x00-\x08\x0b-\x1f\ufffe\uffff]*+"
    r"(?:\](?!\]>)[^]\x00-\x08\x0b-\x1f\ufffe\uffff]*+)*+)\]\]>"
    r"|([^]<&\x00-\x08\x0b-\x1f\ufffe\uffff]*+))</\1>"
)
ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class _Reader:
    """Builds nested fields from expat's events; a field that comes twice becomes a list."""

    __slots__ = ("_above", "_count", "_here", "_text")

    def __init__(self) -> None:
        self._above: list[dict[str, Any]] = []
        self._here: dict[str, Any] = {}
        self._text: list[str] = []
        self._count = 0

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        above = self._above
        if self._count > MOST_ELEMENTS or len(above) >= DEEPEST:
            raise Unreadable("too many or too deep elements")
        above.append(self._here)
        self._here = {}
        self._text.clear()

    def end(self, name: str) -> None:
        outer = self._above.pop()
        value: Any = self._here or "".join(self._text)
        if name in outer:
            before = outer[name]
            if type(before) is list:
                before.append(value)
            else:
                outer[name] = [before, value]
        else:
            outer[name] = value
        self._here = outer
        self._text.clear()

    def read(self, body: bytes) -> dict[str, Any]:
        parser = ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by place only
        return self._here


def _no_doctype(*_: object) -> None:
    raise Unreadable("a document type is refused")


def is_json(body: bytes) -> bool:
    """Whether the body is meant as JSON."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read(body: bytes) -> Fields:
    """The fields of a body in either format. Raises Unreadable and nothing else."""
    try:
        return _json(body) if is_json(body) else _xml(body)
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    except ExpatError as error:
        raise Unreadable("not XML") from error


def _json(body: bytes) -> Fields:
    fields = json.loads(body.decode("utf-8-sig"), strict=False)
    if type(fields) is not dict or _count(fields, 0) > MOST_ELEMENTS:
        raise Unreadable("not an object of moderate size")
    return fields


def _count(value: object, depth: int) -> int:
    """How many values there are within; too many where they nest too deep."""
    if not isinstance(value, dict | list):
        return 1
    if depth >= DEEPEST or len(value) > MOST_ELEMENTS:
        return MOST_ELEMENTS + 1
    count = 1
    for one in value.values() if isinstance(value, dict) else value:
        count += _count(one, depth + 1)
        if count > MOST_ELEMENTS:
            break
    return count


def _xml(body: bytes) -> Fields:
    return _flat(body.decode()) or _nested(body)


def _flat(text: str) -> Fields | None:
    """The fields of a body of the usual shape: flat, none twice, no references."""
    fields: dict[str, str] = {}
    at = 5 if text.startswith("<xml>") else len(text)
    while found := FIELD.match(text, at):
        name, section, bare = found.groups()
        if name in fields or len(fields) == MOST_FIELDS:
            return None
        fields[name] = bare if section is None else section
        at = found.end()
    return fields if text[at:].strip(" \t\n") == "</xml>" else None


def _nested(body: bytes) -> Fields:
    try:
        fields = _Reader().read(body)
    except ExpatError:
        # Followers do send control characters, which XML cannot carry: better heard than refused.
        if not ILLEGAL.search(body):
            raise
        fields = _Reader().read(ILLEGAL.sub(b"", body))
    inner = fields.get("xml")
    if type(inner) is not dict:
        raise Unreadable("not <xml> with fields")
    return inner
