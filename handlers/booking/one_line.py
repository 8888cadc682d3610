"""The lines that begin a booking: `预约 YQ12 下周二9点到11点`, `送样 YQ12 3个`, `预约` alone."""

from dataclasses import dataclass
from typing import Any

from bot.kit import intents
from bot.kit.flow import Begin
from bot.kit.heard import Heard
from bot.kit.route import Router
from handlers.booking import instruments, reading
from handlers.booking.instruments import Chosen
from handlers.booking.reading import Line
from handlers.booking.request import Book
from store.context import Context
from store.errors import Refused

router = Router("booking")


@dataclass(eq=False)
class NoSamples(Refused):
    """The instrument takes no samples; how it can be used instead."""

    title: str
    number: str
    how: list[str]


@router.words("预约", "我要预约", "预约仪器")
async def anything(context: Context, heard: Heard) -> Begin:
    """Begin with nothing known."""
    del context, heard
    return Begin(Book)


@router.words("送样", "我要送样", "寄样")
async def samples_anywhere(context: Context, heard: Heard) -> Begin:
    """Begin with samples, and nothing else known."""
    del context, heard
    return Begin(Book, {"mode": "sample"})


@router.words("预约 {number:YQ}", "预约 {number:YQ} {said}")
@router.words("约 {number:YQ}", "约 {number:YQ} {said}")
async def book(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Book one instrument, with all that the line says. Raises NoSuchInstrument, Paused."""
    del heard
    value, line = await _value(context, number), reading.line(said)
    wanted = reading.mode(said) or ("self" if line.when else None)
    return Begin(Book, _answers(value, wanted), _said(line, wanted))


@router.words("送样 {number:YQ}", "送样 {number:YQ} {said}")
async def send(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Send samples to one instrument. Raises NoSamples, NoSuchInstrument, Paused."""
    del heard
    value = await _value(context, number)
    modes = Chosen.of(value).modes
    if "sample" not in modes:
        row, *_ = await instruments.one(context, number)
        how = [instruments.mode_label(code) for code in modes]
        raise NoSamples(instruments.title(row), f"YQ{number}", how)
    return Begin(Book, _answers(value, "sample"), _said(reading.line(said), "sample"))


@router.words("预约 {said}", apart=True)
async def book_named(context: Context, heard: Heard, said: str) -> Begin:
    """Book what the words find: one goes on, several are listed to pick from."""
    del context, heard
    return _found(said, reading.mode(said))


@router.words("送样 {said}", apart=True)
async def send_named(context: Context, heard: Heard, said: str) -> Begin:
    """Send samples to what the words find."""
    del context, heard
    return _found(said, "sample")


async def _value(context: Context, number: int) -> str:
    row, *_ = await instruments.one(context, number)
    await instruments.refuse_closed(context, row)
    return instruments.value_of(row)


def _answers(value: str, wanted: str | None) -> dict[str, Any]:
    """What is known as values; a mode that the instrument does not have is left out."""
    modes = Chosen.of(value).modes
    mode = {"mode": wanted} if wanted in modes and len(modes) > 1 else {}
    return {"instrument": value, **mode}


def _said(line: Line, wanted: str | None) -> dict[str, str]:
    """What is known in words."""
    words = {
        "period": line.when,
        "samples": line.samples,
        "what" if wanted == "sample" else "purpose": line.thing,
    }
    return {name: text for name, text in words.items() if text}


def _found(said: str, wanted: str | None) -> Begin:
    parts, line = intents.reader().parts(said), reading.line(said)
    thing = reading.besides(parts.thing, said)  # what is left names the instrument
    words = {name: text for name, text in _said(line, wanted).items() if text != line.thing}
    if thing and parts.when and line.when:
        words["period"] = parts.when
    return Begin(Book, {"mode": wanted} if wanted else {}, words | {"instrument": thing or said})
