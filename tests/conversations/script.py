"""Transcripts as people read them: who says what, what is done, what comes back.

    # 说明
    她   三坐标
    仪享 按「三坐标测量机」为您找到 2 台：
         1. …

    —— 他 扫码 YQ53 ——
    仪享 …

Everything up to the next speaker, deed or remark belongs to what stands before it; what goes over
several lines is indented by the width of a speaker. A deed without a name is that of who spoke
last.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import east_asian_width

PEOPLE = {"她": "researcher", "他": "engineer", "机主": "keeper", "局": "bureau"}
ANSWERS = ("仪享", "推送", "网页", "文件")
MARGIN = 5
"""Columns before what is said."""
HEAD = re.compile(rf"({'|'.join((*PEOPLE, *ANSWERS))})[ ]+(\S.*)")
DEED = re.compile(rf"—— (?:({'|'.join(PEOPLE)}) )?(.+?) ——")


@dataclass
class Line:
    """One entry: something said, done, answered, or a remark (`who` is `#`, of a deed `——`)."""

    who: str
    text: str

    @property
    def answer(self) -> bool:
        """Whether it is the account's."""
        return self.who in ANSWERS


def read(source: str) -> list[Line]:
    """The entries of a transcript."""
    lines: list[Line] = []
    for raw in source.splitlines():
        entry = _entry(raw)
        if entry is not None:
            lines.append(entry)
        elif lines:
            lines[-1].text += "\n" + raw.removeprefix(" " * MARGIN)
    for line in lines:
        line.text = line.text.rstrip()
    return lines


def _entry(raw: str) -> Line | None:
    if raw.startswith("#"):
        return Line("#", raw)
    if raw.startswith("——"):
        return Line("——", raw)
    head = HEAD.fullmatch(raw)
    return Line(head[1], head[2]) if head else None


def write(lines: Iterable[Line]) -> str:
    """A transcript as a file holds it."""
    return "\n".join(_written(lines)).strip("\n") + "\n"


def _written(lines: Iterable[Line]) -> Iterator[str]:
    before = ""
    for line in lines:
        if not line.answer and not (line.who == before == "#"):
            yield ""
        before = line.who
        if line.who in "#——":
            yield line.text
        else:
            yield from _said(line)


def _said(line: Line) -> Iterator[str]:
    width = sum(2 if east_asian_width(letter) == "W" else 1 for letter in line.who)
    first, *rest = line.text.split("\n")
    yield line.who + " " * (MARGIN - width) + first
    for each in rest:
        yield " " * MARGIN + each if each else ""
