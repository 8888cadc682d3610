"""A long text cut into messages: at line ends where possible, never in a tag or a character."""

import re
from bisect import bisect_right
from unicodedata import combining

LIMIT = 2000
"""Bytes of UTF-8 in one message; the platform refuses a few more."""
_TAG = re.compile(r"<a\s[^<>]*>[^<]*</a>|<[^<>]*>")
_JOINER = "\u200d"


def cut(text: str, limit: int = LIMIT) -> list[str]:
    """The text in parts of at most `limit` (4 or more) bytes; line ends at a cut are left out.

    Only a tag, or a character as people see it, that alone is longer than the limit is cut.
    """
    parts = []
    while _size(text[: limit + 1]) > limit:
        end = _end(text, limit)
        parts.append(text[:end].strip("\n"))
        text = text[end:].lstrip("\n")
    return [part for part in parts if part] + ([text] if text or not parts else [])


def _end(text: str, limit: int) -> int:
    """Where the first part ends."""
    most = bisect_right(range(limit + 1), limit, key=lambda n: _size(text[:n])) - 1
    line_end = text.rfind("\n", 1, most + 1)
    if line_end > 0 and not _inside_tag(text, line_end, limit):
        return line_end
    end = _inside_tag(text, most, limit) or most
    while end > 0 and _joined(text, end):
        end -= 1
    return end or most


def _inside_tag(text: str, position: int, limit: int) -> int | None:
    """Where the tag begins that the position is inside of."""
    spans = (match.span() for match in _TAG.finditer(text, 0, position + limit))
    return next((start for start, end in spans if start < position < end), None)


def _joined(text: str, position: int) -> bool:
    """Whether the code points on both sides of a position are one character to people."""
    before, after = text[position - 1], text[position : position + 1]
    if not after or "\n" in (before, after):
        return False
    if _JOINER in (before, after) or _extends(after):
        return True
    flags = position - len(text[:position].rstrip(_FLAGS))
    return after in _FLAGS and flags % 2 == 1


_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def _extends(character: str) -> bool:
    """Combining marks, variation selectors, keycaps, skin tones and Korean endings."""
    code = ord(character)
    return (
        combining(character) > 0
        or 0xFE00 <= code <= 0xFE0F
        or 0x1F3FB <= code <= 0x1F3FF
        or 0x1160 <= code <= 0x11FF
        or 0xE0020 <= code <= 0xE007F
        or code == 0x20E3
    )


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
