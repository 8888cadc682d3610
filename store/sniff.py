"""What a file really is, by its content; what its name and its sender say must agree.

Pictures, PDF and spreadsheets only: nothing that runs in a page (SVG, HTML), no macros, nothing
that is two kinds at once, nothing that unpacks to more than a phone's picture or a year's ledger.
"""

import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from store.errors import Refused

PIXELS = 80_000_000
UNPACKED = 200_000_000
RATIO = 300
ENTRIES = 2_000
TAIL = 66_000


class Kind(StrEnum):
    """The kinds of files that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind is named and declared."""

    media: str
    endings: tuple[str, ...]


FORMS = {
    Kind.JPEG: Form("image/jpeg", ("jpg", "jpeg")),
    Kind.PNG: Form("image/png", ("png",)),
    Kind.WEBP: Form("image/webp", ("webp",)),
    Kind.PDF: Form("application/pdf", ("pdf",)),
    Kind.XLSX: Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
}
VAGUE = {"", "application/octet-stream"}
"""What some phones declare for anything."""


@dataclass(eq=False)
class FileUnfit(Refused):
    """Not a file of a kind that is taken here, or broken."""


@dataclass(eq=False)
class FileMismatch(Refused):
    """The content is not what the name or the sender says."""


@dataclass(eq=False)
class FileUnsafe(Refused):
    """Macros, scripts, two kinds in one, or far more inside than outside."""


def sniff(file: IO[bytes], *, name: str, declared: str) -> Kind:
    """The kind of a whole file. Raises FileUnfit, FileMismatch, FileUnsafe."""
    head = file.read(4096)
    kind = next((kind for kind, mark in MARKS.items() if mark.match(head)), None)
    if kind is None:
        raise FileUnfit
    _agree(kind, name, declared)
    tail = _tail(file)
    if ALIEN.search(head) or (kind != Kind.XLSX and b"PK\x05\x06" in tail):
        raise FileUnsafe
    try:
        LOOKS[kind](file, head, tail)
    except (struct.error, zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise FileUnfit from None
    return kind


def _agree(kind: Kind, name: str, declared: str) -> None:
    form = FORMS[kind]
    ending = name.rpartition(".")[2].lower()
    media = declared.partition(";")[0].strip().lower().replace("image/jpg", "image/jpeg")
    if ending not in form.endings or media not in VAGUE | {form.media}:
        raise FileMismatch


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    return file.read(TAIL)


MARKS = {
    Kind.JPEG: re.compile(rb"\xff\xd8\xff"),
    Kind.PNG: re.compile(rb"\x89PNG\r\n\x1a\n"),
    Kind.WEBP: re.compile(rb"RIFF....WEBP", re.DOTALL),
    Kind.PDF: re.compile(rb"%PDF-[12]\.\d"),
    Kind.XLSX: re.compile(rb"PK\x03\x04"),
}
ALIEN = re.compile(
    rb"<\s*(script|html|svg|!doctype|iframe|\?php)|.%PDF-", re.IGNORECASE | re.DOTALL
)
ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")


def _bounded(width: int, height: int) -> None:
    if not width or not height:
        raise FileUnfit
    if width * height > PIXELS:
        raise FileUnsafe


def _jpeg(file: IO[bytes], _head: bytes, _tail: bytes) -> None:
    file.seek(2)
    while True:
        mark, code, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or length < 2:
            raise FileUnfit
        if 0xC0 <= code <= 0xCF and code not in {0xC4, 0xC8, 0xCC}:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return _bounded(width, height)
        file.seek(length - 2, 1)


def _png(file: IO[bytes], head: bytes, tail: bytes) -> None:
    name, width, height = struct.unpack(">4sII", head[12:24])
    if name != b"IHDR" or not tail.endswith(b"IEND\xaeB`\x82"):
        raise FileUnfit
    _bounded(width, height)


def _webp(file: IO[bytes], head: bytes, _tail: bytes) -> None:
    size = file.seek(0, 2)
    (told,) = struct.unpack("<I", head[4:8])
    if told + 8 not in {size, size - 1}:
        raise FileUnfit
    match head[12:16]:
        case b"VP8X":
            width = int.from_bytes(head[24:27], "little") + 1
            height = int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[26:30]))
        case _:
            raise FileUnfit
    _bounded(width, height)


def _pdf(file: IO[bytes], _head: bytes, tail: bytes) -> None:
    if b"%%EOF" not in tail[-2048:]:
        raise FileUnfit
    file.seek(0)
    before = b""
    while piece := file.read(1 << 16):
        if ACTIVE.search(before + piece):
            raise FileUnsafe
        before = piece[-32:]


def _xlsx(file: IO[bytes], _head: bytes, _tail: bytes) -> None:
    file.seek(0)
    with zipfile.ZipFile(file) as box:
        entries = box.infolist()
        names = {entry.filename for entry in entries}
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
            raise FileUnfit
        if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED:
            raise FileUnsafe
        if len(names) < len(entries) or any(_suspect(entry) for entry in entries):
            raise FileUnsafe
        if entries[0].header_offset != 0 or b"macroEnabled" in box.read("[Content_Types].xml"):
            raise FileUnsafe


def _suspect(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    swollen = entry.file_size > RATIO * max(1, entry.compress_size) + 1_000_000
    climbing = name.startswith("/") or "\\" in name or ".." in name.split("/")
    running = name.lower().endswith((".bin", ".exe", ".js", ".vbs")) and "printer" not in name
    return swollen or climbing or running or bool(entry.flag_bits & 1)


LOOKS: dict[Kind, Callable[[IO[bytes], bytes, bytes], None]] = {
    Kind.JPEG: _jpeg,
    Kind.PNG: _png,
    Kind.WEBP: _webp,
    Kind.PDF: _pdf,
    Kind.XLSX: _xlsx,
}
