"""`yixiang labels`: a sheet of codes to stick on instruments, ten on an A4 page, to be cut."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import segno
from fpdf import FPDF

from store import scene_code
from store.database import Database
from store.fonts import SONG
from store.scene_code import Labelled

ACROSS, DOWN = 2, 5
WIDTH, HEIGHT = 210 / ACROSS, 297 / DOWN
"""A label in millimetres."""
MARGIN, CODE = 6.0, 44.0
QUIET = 2
"""Modules of white around a code; the label itself is white beyond."""
DASH = {"dash": 1.5, "gap": 1.5}
FONT = "song"

Make = Callable[[str], Awaitable[str]]
"""Has the platform make a code for a scene; gives what it says."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what its code says, and what stands beside it."""

    about: Labelled
    code: str
    steps: tuple[str, ...]


@cache
def words() -> Mapping[str, Any]:
    """What stands on a label."""
    return tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))


async def addresses(
    database: Database,
    account: str,
    wanted: Sequence[Labelled],
    make: Make,
    now: datetime,
) -> dict[str, str]:
    """What the platform's codes say, by scene; those that are missing are made and kept."""
    async with database.read() as session:
        known = await scene_code.known(session, account)
    for one in wanted:
        if one.number not in known:
            known[one.number] = await make(one.number)
            async with database.begin() as session:
                await scene_code.keep(session, account, one.number, known[one.number], now)
    return known


def labels(wanted: Sequence[Labelled], known: Mapping[str, str], name: str) -> list[Label]:
    """The labels; where the platform made no code, the code says the number itself."""
    made = []
    for one in wanted:
        kind = "scene" if one.number in known else "plain"
        steps = [line.format(account=name, number=one.number) for line in words()[kind]["steps"]]
        made.append(Label(one, known.get(one.number, one.number), tuple(steps)))
    return made


def sheet(labelled: Sequence[Label], name: str) -> bytes:
    """The PDF; it carries the letters that it uses."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.set_title(words()["title"].format(account=name))
    pdf.add_font(FONT, fname=SONG)
    for n, label in enumerate(labelled):
        place = n % (ACROSS * DOWN)
        if place == 0:
            pdf.add_page()
            _cut(pdf)
        _put(pdf, label, (place % ACROSS * WIDTH, place // ACROSS * HEIGHT))
    return bytes(pdf.output())


def _cut(pdf: FPDF) -> None:
    """Where to cut."""
    pdf.set_draw_color(150)
    pdf.set_line_width(0.15)
    pdf.set_dash_pattern(**DASH)
    for n in range(1, ACROSS):
        pdf.line(n * WIDTH, 0, n * WIDTH, 297)
    for n in range(1, DOWN):
        pdf.line(0, n * HEIGHT, 210, n * HEIGHT)
    pdf.set_dash_pattern()


def _put(pdf: FPDF, label: Label, at: tuple[float, float]) -> None:
    left, top = at
    _code(pdf, label.code, (left + MARGIN, top + (HEIGHT - CODE) / 2))
    x, width = left + MARGIN + CODE + 4, WIDTH - CODE - 2 * MARGIN - 4
    y = _write(pdf, label.about.name, (x, top + (HEIGHT - CODE) / 2), width, size=12, most=3)
    y = _write(pdf, label.about.number, (x, y + 1), width, size=20, most=1)
    y = _write(pdf, label.about.organisation, (x, y + 1), width, size=8.5, most=2)
    for step in label.steps:
        y = _write(pdf, step, (x, y + 0.8), width, size=7.5, most=2)


def _code(pdf: FPDF, text: str, at: tuple[float, float]) -> None:
    """A code out of rectangles: sharp in any size."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=QUIET))
    module = CODE / len(rows)
    pdf.set_fill_color(0)
    for down, row in enumerate(rows):
        start = None
        for across, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                x, y = at[0] + start * module, at[1] + down * module
                pdf.rect(x, y, (across - start) * module, module, style="F")
                start = None


def _write(
    pdf: FPDF, text: str, at: tuple[float, float], width: float, *, size: float, most: int
) -> float:
    """Words over at most so many lines, the last one cut; gives where the next may begin."""
    pdf.set_font(FONT, size=size)
    height = size * 0.46
    for n, line in enumerate(_lines(pdf, text, width, most)):
        pdf.text(at[0], at[1] + (n + 1) * height - height * 0.18, line)
        last = n + 1
    return at[1] + last * height


def _lines(pdf: FPDF, text: str, width: float, most: int) -> list[str]:
    lines = [""]
    for letter in text:
        if pdf.get_string_width(lines[-1] + letter) > width:
            lines.append("")
        lines[-1] += letter
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = lines[-1][:-1] + "…"
    return [line.strip() for line in lines]
