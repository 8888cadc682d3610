"""The index on disk: one file, written whole, replaced at once, checked when opened.

    magic · facts · postings · entries · table · arrays … · words · trailer (JSON) · size, checksum,
    magic

A token is found by its checksum in an open-addressed table of offsets of entries; an entry is the
token and where its three bitmaps stand. Only table and arrays are held in memory: bitmaps and facts
are read by position, which leaves them to the system's page cache.
"""

import struct
import sys
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from zlib import crc32

MAGIC = b"YXINDEX2"
END = struct.Struct("<II8s")
"""Size and checksum of the trailer, and the magic again."""
SPANS = struct.Struct("<6I")
"""Offset and size of three bitmaps."""
LONGEST_ENTRY = 1 + 255 + SPANS.size
TIERS = 3
FULL = 2
"""The table has at least this many slots a token."""
BLOCK = 1 << 20


class Damaged(Exception):  # noqa: N818 - a state of the file, answered by making it anew
    """The file is not a whole index of this version."""


class Mark(NamedTuple):
    """A place in the catalogue's change feed; of another catalogue's feed, the moment differs."""

    seq: int = 0
    at: int = 0
    """When that change was made, in microseconds since 1970."""


BEGINNING = Mark()


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the file says of itself."""

    fingerprint: str
    mark: Mark
    """How far it is complete."""
    count: int
    """Documents; they are numbered in their standing order, best first."""
    bands: tuple[int, ...]
    """The first document of each score, best score first, and at the end `count`."""
    places: tuple[str, ...]
    """Counties, cities and provinces where instruments stand."""
    units: tuple[str, ...]
    """Organisations that have some."""
    figures: tuple[int, ...]
    """Figures of fees, in fen."""
    sections: dict[str, tuple[int, int]]
    """Offset and size in bytes."""
    size: int
    checksum: int
    """Size and checksum of all before the trailer."""
    order: str = sys.byteorder

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Trailer":
        """Back from what was kept."""
        sections = {name: (at, size) for name, (at, size) in kept.pop("sections").items()}
        lists = {name: tuple(kept[name]) for name in ("bands", "places", "units", "figures")}
        return cls(**kept | lists | {"mark": Mark(*kept["mark"]), "sections": sections})


def slot_of(token: bytes, mask: int) -> int:
    """Where in the table a token is first looked for."""
    return crc32(token) & mask
