"""Chinese set into lines: no line begins with a comma, none ends with a bracket, numbers whole."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Width = Callable[[str], float]
NOT_FIRST = frozenset("，。、；：？！）〕】》」』”’…·,.;:?!)]}%％℃")
NOT_LAST = frozenset("（〔【《「『“‘([{￥")
ATOM = re.compile(r"[0-9A-Za-z@._/+#:–-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Set:
    """One line as it is set."""

    text: str
    last: bool
    """Whether it ends its paragraph, and so is not stretched."""


def lines(text: str, width: Width, measure: float, indent: float = 0) -> Iterator[Set]:
    """A paragraph in lines of `measure`, the first one shorter by `indent`."""
    line, room = "", measure - indent
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > room:
            yield Set(line.rstrip(), last=False)
            line, room = piece.lstrip(" "), measure
            continue
        line += piece
    yield Set(line.rstrip(), last=True)


def _pieces(text: str) -> Iterator[str]:
    """What must not be parted: a word, a character with the punctuation that clings to it."""
    held = ""
    for atom in ATOM.findall(text):
        if held and not _clings(held, atom):
            yield held
            held = ""
        held += atom
    if held:
        yield held


def _clings(before: str, atom: str) -> bool:
    return atom[0] in NOT_FIRST or before[-1] in NOT_LAST or atom.isspace()


def stretch(text: str, width: Width, measure: float) -> float:
    """How much each gap grows for a line to fill its measure; nothing where that would show."""
    gaps = len(text) - 1
    missing = measure - width(text)
    return missing / gaps if gaps > 0 and 0 < missing < measure * 0.12 else 0.0


def block(texts: Sequence[str], width: Width, measure: float) -> list[str]:
    """Several short paragraphs as lines."""
    return [line.text for text in texts for line in lines(text, width, measure)]
