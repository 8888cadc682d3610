"""A week of an instrument as a picture that reads on a phone: free, taken, out of use, closed."""

import io
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from store.fonts import SONG
from store.week import Day
from store.workdays import HERE

WIDTH, TOP, LEFT, RIGHT, BOTTOM = 1080, 200, 96, 24, 84
HOUR = 60
TALL = 60
"""Pixels of one hour, fewer where it is open for longer than `MOST` hours."""
MOST = 12
USUAL = (8 * HOUR, 18 * HOUR)
INK, FAINT, LINE, PAPER = "#1f2933", "#7b8794", "#e4e7eb", "#ffffff"
FREE, TAKEN, OUT, CLOSED, PASSED = "#3aa76d", "#c3cbd6", "#e0a458", "#f3f4f6", "#dcefe4"
COLOURS = {"free": FREE, "taken": TAKEN, "out": OUT, "passed": PASSED, "closed": CLOSED}
LONGEST = 26
"""Characters of a name that the title shows."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn."""

    name: str
    number: int
    days: Sequence[Day]
    now: datetime
    unsure: bool = False
    """Whether only the unit knows when it is open."""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(SONG), size)


def draw(sheet: Sheet) -> bytes:
    """The picture, as PNG."""
    first, last = _span(sheet.days)
    tall = min(TALL, TALL * MOST * HOUR // (last - first))
    height = TOP + (last - first) * tall // HOUR + BOTTOM
    image = Image.new("RGB", (WIDTH, height), PAPER)
    board = _Board(ImageDraw.Draw(image), sheet, first, last, tall)
    board.head()
    board.hours()
    for n, day in enumerate(sheet.days):
        board.column(n, day)
    board.legend(height - BOTTOM + 24)
    packed = io.BytesIO()
    image.quantize(64).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _span(days: Sequence[Day]) -> tuple[int, int]:
    """From which hour to which is shown, in minutes."""
    spans = [span for day in days for span in (*day.open, *day.free)]
    first = min([start for start, _ in spans], default=USUAL[0])
    last = min(max([end for _, end in spans], default=USUAL[1]), 24 * HOUR)
    return first // HOUR * HOUR, -(-last // HOUR) * HOUR


class _Board:
    """The parts of one picture."""

    def __init__(
        self, pen: ImageDraw.ImageDraw, sheet: Sheet, first: int, last: int, tall: int
    ) -> None:
        self.pen, self.sheet = pen, sheet
        self.first, self.last, self.tall = first, last, tall
        self.wide = (WIDTH - LEFT - RIGHT) // max(1, len(sheet.days))

    def text(self, at: tuple[float, float], words: str, size: int, ink: str = INK) -> None:
        """Words, centred on a point."""
        self.pen.text(at, words, font=_font(size), fill=ink, anchor="mm")

    def down(self, minute: int) -> int:
        """How far down a minute lies."""
        inside = min(max(minute, self.first), self.last)
        return TOP + (inside - self.first) * self.tall // HOUR

    def head(self) -> None:
        """Which instrument, which days, and when this was so."""
        told, sheet = _words(), self.sheet
        name = sheet.name if len(sheet.name) <= LONGEST else f"{sheet.name[: LONGEST - 1]}…"
        title = told["title"].format(name=name, number=f"YQ{sheet.number}")
        here = sheet.now.astimezone(HERE)
        now = told["moment"].format(here, month=here.month, day=here.day)
        ends = (_named(told["day"], day.date) for day in (sheet.days[0], sheet.days[-1]))
        span = told["span"].format(**dict(zip(("first", "last"), ends, strict=True)), now=now)
        self.text((WIDTH / 2, 44), title, 40)
        self.text((WIDTH / 2, 92), span, 26, FAINT)

    def hours(self) -> None:
        """Lines of the hours."""
        step = HOUR if (self.last - self.first) // HOUR <= MOST else 2 * HOUR
        for minute in range(self.first, self.last + 1, step):
            y = self.down(minute)
            self.pen.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=LINE, width=1)
            self.text((LEFT - 46, y), f"{minute // HOUR}:00", 24, FAINT)

    def column(self, n: int, day: Day) -> None:
        """One day."""
        told, left = _words(), LEFT + n * self.wide
        centre = left + self.wide / 2
        self.text((centre, 140), told["days"][day.date.weekday()], 28)
        self.text((centre, 174), _named(told["date"], day.date), 22, FAINT)
        self._block(left, (self.first, self.last), CLOSED)
        for colour, spans in (
            (PASSED, day.open),
            (FREE, day.free),
            (TAKEN, day.taken),
            (OUT, day.out),
        ):
            for span in spans:
                self._block(left, span, colour)
        for start, end in day.free:
            self._times(left, start, end)

    def _block(self, left: int, span: tuple[int, int], colour: str) -> None:
        top, bottom = self.down(span[0]), self.down(span[1])
        if bottom > top:
            self.pen.rectangle([left + 4, top + 1, left + self.wide - 4, bottom - 1], fill=colour)

    def _times(self, left: int, start: int, end: int) -> None:
        """When a free stretch begins and ends, where there is room for it."""
        top, bottom, centre = self.down(start), self.down(end), left + self.wide / 2
        if bottom - top >= 62:
            self.text((centre, top + 20), _clock(start), 24, PAPER)
            self.text((centre, bottom - 20), _clock(end), 24, PAPER)
        elif bottom - top >= 26:
            self.text((centre, (top + bottom) / 2), f"{_clock(start)}–{_clock(end)}", 20, PAPER)

    def legend(self, y: int) -> None:
        """What the colours mean."""
        told, x = _words(), LEFT
        for kind, colour in COLOURS.items():
            self.pen.rectangle([x, y, x + 28, y + 28], fill=colour, outline=LINE)
            words = told[kind]
            self.pen.text((x + 38, y + 14), words, font=_font(24), fill=INK, anchor="lm")
            x += 38 + len(words) * 24 + 36
        if self.sheet.unsure:
            self.pen.text((x, y + 14), told["unsure"], font=_font(22), fill=FAINT, anchor="lm")


def _clock(minutes: int) -> str:
    return f"{minutes // HOUR}:{minutes % HOUR:02}"


def _named(form: str, day: date) -> str:
    return form.format(month=day.month, day=day.day)
