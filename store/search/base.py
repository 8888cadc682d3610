"""The index on disk, read by position."""

import json
import os
import sys
from array import array
from bisect import bisect_left, bisect_right
from contextlib import suppress
from mmap import ACCESS_READ, MADV_DONTNEED, mmap
from pathlib import Path
from typing import Self
from zlib import crc32

from pyroaring import BitMap

from store.search.entry import ANY, SCORES, Shown, unpack
from store.search.filters import MOST, fees_up_to
from store.search.layout import (
    BLOCK,
    END,
    LONGEST_ENTRY,
    MAGIC,
    SPANS,
    TIERS,
    Damaged,
    Trailer,
    slot_of,
)
from store.search.spell import EMPTY, Shelf
from store.search.vocabulary import fingerprint

NOTHING = BitMap()
KEPT_BYTES = 12_000_000
"""Serialised bytes of bitmaps kept ready."""
FACTS_READ = 512

Spans = tuple[int, ...]


class Base:
    """All instruments of one moment, numbered in standing order."""

    def __init__(self, file: int, trailer: Trailer) -> None:
        self._file = file
        self.trailer = trailer
        self._table = self._array("table")
        self._mask = len(self._table) - 1
        self._entries = trailer.sections["entries"][0]
        self._postings = trailer.sections["postings"][0]
        self._facts = trailer.sections["facts"][0]
        self.ids = self._array("ids")
        """Instrument by document."""
        self._sorted = self._array("sorted")
        self._docs = self._array("docs")
        self._at = self._array("at")
        self.latitudes = self._array("latitudes", "f")
        self.longitudes = self._array("longitudes", "f")
        """Spots where instruments stand, in degrees."""
        self.spot_of = self._array("spot_of")
        """The spot of each document, plus one; 0 where it is not known."""
        self.listed = trailer.bands[SCORES // 2]
        """Documents before this one are listed, the others paused."""
        self._mapped = mmap(file, 0, access=ACCESS_READ)
        self.shelf = self._shelf()
        """Words of names and plates, to choose from when one is not known."""
        self._kept: dict[str, list[BitMap | None]] = {}
        self._spans: dict[str, Spans] = {}
        self._bytes = 0

    @classmethod
    def open(cls, path: Path, *, check: bool = True) -> Self:
        """Open an index; raises Damaged when it is not a whole one of this version."""
        try:
            file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as why:
            raise Damaged(str(why)) from why
        try:
            return cls(file, _trailer(file, check=check))
        except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as why:
            os.close(file)
            raise Damaged(str(why)) from why
        except Damaged:
            os.close(file)
            raise

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
        self.shelf = EMPTY
        with suppress(BufferError):  # somebody still looks at it; it goes when they do
            self._mapped.close()

    def rest(self) -> None:
        """Let go of the pages looked at; the page cache has them still."""
        self._mapped.madvise(MADV_DONTNEED)

    def __len__(self) -> int:
        return self.trailer.count

    def bits(self, token: str, tier: int) -> BitMap:
        """The documents that have a token: in the name (0), also beside it (1), anywhere (2)."""
        kept = self._kept.get(token)
        if kept is None:
            if token.startswith(MOST):
                return self._up_to(token)
            spans = self._find(token)
            if spans is None:
                return NOTHING
            kept = self._kept[token] = [None, None, None]
            self._spans[token] = spans
        found = kept[tier]
        if found is None:
            found = kept[tier] = self._bitmap(self._spans[token], tier)
            self._bytes += self._spans[token][2 * tier + 1] + LONGEST_ENTRY
            if self._bytes > KEPT_BYTES:
                self._forget()
        return found

    def document(self, number: int) -> int | None:
        """The document of an instrument."""
        at = bisect_left(self._sorted, number)
        if at == len(self._sorted) or self._sorted[at] != number:
            return None
        document = self._docs[at]
        return document if self._at[document] else None

    def score(self, document: int) -> int:
        """The standing rank of a document."""
        return SCORES - bisect_right(self.trailer.bands, document)

    def shown(self, document: int) -> Shown:
        """What lists show of a document."""
        at = self._facts + self._at[document]
        data = os.pread(self._file, FACTS_READ, at)
        size = int.from_bytes(data[:2], "little")
        if size + 2 > len(data):
            data = os.pread(self._file, size + 2, at)
        return unpack(self.ids[document], data[2 : size + 2])

    def _up_to(self, most: str) -> BitMap:
        """Those whose fee is at most so much; kept for a while."""
        fees = fees_up_to(most, self.trailer.figures)
        found = BitMap.union(NOTHING, *[self.bits(fee, ANY) for fee in fees])
        self._kept[most], self._spans[most] = [found] * TIERS, ()
        self._bytes += len(found.serialize()) + LONGEST_ENTRY
        return found

    def _shelf(self) -> Shelf:
        whole = memoryview(self._mapped)
        at, size = self.trailer.sections["spelling"]
        words, length = self.trailer.sections["words"]
        slots, text = whole[at : at + size].cast("Q"), whole[words : words + length]

        def word(at: int) -> str:
            return str(text[at + 1 : at + 1 + text[at]], "utf-8")

        return Shelf(slots, word)

    def _find(self, token: str) -> Spans | None:
        raw = token.encode()
        slot = slot_of(raw, self._mask)
        while at := self._table[slot]:
            entry = os.pread(self._file, LONGEST_ENTRY, self._entries + at - 1)
            end = entry[0] + 1
            if entry[1:end] == raw:
                return SPANS.unpack_from(entry, end)
            slot = (slot + 1) & self._mask
        return None

    def _bitmap(self, spans: Spans, tier: int) -> BitMap:
        at, size = spans[2 * tier], spans[2 * tier + 1]
        if not size:
            return NOTHING
        return BitMap.deserialize(os.pread(self._file, size, self._postings + at))

    def _forget(self) -> None:
        """Let go of the half that was read first."""
        for token in list(self._kept)[: len(self._kept) // 2]:
            del self._kept[token], self._spans[token]
        self._bytes //= 2

    def _array(self, name: str, code: str = "I") -> "array[int]":
        at, size = self.trailer.sections[name]
        values: array[int] = array(code)
        values.frombytes(os.pread(self._file, size, at))
        if len(values) * values.itemsize != size:
            raise Damaged(f"{name} is cut short")
        return values


def _trailer(file: int, *, check: bool) -> Trailer:
    whole = os.fstat(file).st_size
    if whole < len(MAGIC) + END.size:
        raise Damaged("too short")
    size, checksum, magic = END.unpack(os.pread(file, END.size, whole - END.size))
    data = os.pread(file, size, max(0, whole - END.size - size))
    if magic != MAGIC or len(data) != size or crc32(data) != checksum:
        raise Damaged("no trailer")
    trailer = Trailer.from_json(json.loads(data))
    if (trailer.fingerprint, trailer.order) != (fingerprint(), sys.byteorder):
        raise Damaged("made by another version")
    if trailer.size + size + END.size != whole:
        raise Damaged("not of the size it says")
    if check and _checksum(file, trailer.size) != trailer.checksum:
        raise Damaged("checksum")
    return trailer


def _checksum(file: int, size: int) -> int:
    found = 0
    for at in range(0, size, BLOCK):
        found = crc32(os.pread(file, min(BLOCK, size - at), at), found)
    return found
