"""Making an index file: bounded memory whatever the number of instruments.

Instruments come in any order; their documents' numbers are known beforehand. Tokens are gathered by
value, because values repeat, spilled in sorted runs and merged at the end.
"""

import json
import os
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO
from zlib import crc32

from store.search.entry import SCORES, Entry
from store.search.filters import figure
from store.search.layout import END, FULL, MAGIC, SPANS, Mark, Trailer, slot_of
from store.search.runs import Postings, Values, merged, write_run
from store.search.spell import known_words, table, units_and_places, words_of
from store.search.vocabulary import fingerprint

MOST_WORDS = 60_000
SPILL = 40_000
"""Instruments gathered before a run is written."""


class Writer:
    """Writes one index; `add` every instrument, then `finish`."""

    def __init__(self, path: Path, scores: Iterable[tuple[int, int]], mark: Mark) -> None:
        """`scores` are all instruments' numbers with their standing rank."""
        self._path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self._mark = mark
        self.ids, self.bands = _order(scores)
        self._document = {number: at for at, number in enumerate(self.ids)}
        self._at = array("I", bytes(4 * len(self.ids)))
        self._spot_of = array("I", bytes(4 * len(self.ids)))
        self._spots: dict[tuple[float, float], int] = {}
        self._places: set[str] = set()
        self._units: set[str] = set()
        self._figures: set[int] = set()
        self._words: Counter[str] = Counter()
        self._values: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._gathered = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._runs = Runs(path.parent)
        self._out = Output(self._part)
        self._out.write(b"\x02\x00[]")  # what a document shows that never came

    def add(self, entry: Entry) -> None:
        """Take one instrument; one whose score was not told is left to those who follow changes."""
        document = self._document.get(entry.id)
        if document is None:
            return
        shown = entry.shown()
        self._at[document] = self._out.at - len(MAGIC)
        self._out.write(len(shown).to_bytes(2, "little") + shown)
        self._remember(entry)
        if entry.latitude is not None and entry.longitude is not None:
            spot = (round(entry.latitude, 4), round(entry.longitude, 4))
            number = self._spots.setdefault(spot, len(self._spots))
            self._spot_of[document] = number + 1
            self._values["@", f"@spot/{number}"].append(document)
        for value in entry.values():
            self._values[value].append(document)
        for tag in entry.tags():
            self._values["@", tag].append(document)
        self._gathered += 1
        if self._gathered >= SPILL:
            self._runs.put_aside(dict(self._values))
            self._values.clear()
            self._gathered = 0

    def _remember(self, entry: Entry) -> None:
        """Keep what questions are understood by."""
        self._places.update((entry.county, entry.city, entry.province))
        self._units.add(entry.organisation)
        fee = figure(entry.fee)
        if fee is not None:
            self._figures.add(fee)
        self._words.update(words_of(entry.name, entry.model, entry.maker, entry.english))

    def finish(self) -> None:
        """Merge, write, and put the new file in the old one's place at once."""
        self._runs.put(self._values)
        sections = {"facts": (len(MAGIC), self._out.at - len(MAGIC))}
        with TemporaryFile(dir=self._path.parent) as entries:
            slots = self._write_postings(entries, sections)
            self._copy_entries(entries, sections)
        self._write_arrays(_table(slots), sections)
        self._write_words(sections)
        self._out.finish(self._trailer(sections))
        self._runs.close()
        self._part.replace(self._path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._out.close()
        self._runs.close()
        self._part.unlink(missing_ok=True)

    def _write_postings(
        self, entries: BinaryIO, sections: dict[str, tuple[int, int]]
    ) -> list[tuple[bytes, int]]:
        """Write the merged bitmaps; entries go aside. Gives each token's entry's offset."""
        start, at = self._out.at, 0
        slots: list[tuple[bytes, int]] = []
        for token, postings in merged(self._runs.paths()):
            entry = bytes([len(token)]) + token + SPANS.pack(*self._spans(postings, start))
            entries.write(entry)
            slots.append((token, at))
            at += len(entry)
        sections["postings"] = (start, self._out.at - start)
        return slots

    def _spans(self, postings: Postings, start: int) -> list[int]:
        """Write three bitmaps, each only if it differs from the one before it."""
        spans: list[int] = []
        for tier, blob in enumerate(postings):
            if tier and blob is postings[tier - 1]:
                spans += spans[-2:]
                continue
            spans += (self._out.at - start, len(blob))
            self._out.write(blob)
        return spans

    def _copy_entries(self, entries: BinaryIO, sections: dict[str, tuple[int, int]]) -> None:
        start = self._out.at
        entries.seek(0)
        while block := entries.read(1 << 20):
            self._out.write(block)
        sections["entries"] = (start, self._out.at - start)

    def _write_arrays(self, table: "array[int]", sections: dict[str, tuple[int, int]]) -> None:
        by_number = sorted(self._document.items())
        arrays: dict[str, array[Any]] = {
            "table": table,
            "ids": array("I", self.ids),
            "sorted": array("I", [number for number, _ in by_number]),
            "docs": array("I", [document for _, document in by_number]),
            "at": self._at,
            "latitudes": array("f", [latitude for latitude, _ in self._spots]),
            "longitudes": array("f", [longitude for _, longitude in self._spots]),
            "spot_of": self._spot_of,
        }
        for name, values in arrays.items():
            data = values.tobytes()
            sections[name] = (self._out.at, len(data))
            self._out.write(data)

    def _write_words(self, sections: dict[str, tuple[int, int]]) -> None:
        """The words to choose from when one is not known: those that stand on most plates."""
        text = bytearray()
        places: list[tuple[str, int]] = []
        known = known_words() | units_and_places(self._units, self._places)
        plates = [word for word, _ in self._words.most_common(MOST_WORDS)]
        for word in sorted(known.union(plates)):
            raw = word.encode()
            places.append((word, len(text)))
            text += bytes([len(raw)]) + raw
        for name, data in (("words", bytes(text)), ("spelling", table(places).tobytes())):
            sections[name] = (self._out.at, len(data))
            self._out.write(data)

    def _trailer(self, sections: dict[str, tuple[int, int]]) -> Trailer:
        return Trailer(
            fingerprint=fingerprint(),
            mark=self._mark,
            count=len(self.ids),
            bands=self.bands,
            places=tuple(sorted(self._places - {""})),
            units=tuple(sorted(self._units)),
            figures=tuple(sorted(self._figures)),
            sections=sections,
            size=self._out.at,
            checksum=self._out.checksum,
        )


class Runs:
    """The runs written so far; full ones are written by a process beside this one."""

    def __init__(self, folder: Path) -> None:
        self._folder = TemporaryDirectory(dir=folder, prefix="runs-")
        self._paths: list[Path] = []
        self._beside: ProcessPoolExecutor | None = None
        self._last: Future[None] | None = None

    def put(self, values: Values) -> None:
        """Write a run here."""
        write_run(values, self._next())

    def put_aside(self, values: Values) -> None:
        """Have a run written; waits only while the one before is not."""
        if self._beside is None:
            self._beside = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        if self._last is not None:
            self._last.result()
        self._last = self._beside.submit(write_run, values, self._next())

    def paths(self) -> list[Path]:
        """Every run, once all are written."""
        if self._last is not None:
            self._last.result()
        return self._paths

    def close(self) -> None:
        """Throw the runs away."""
        if self._beside is not None:
            self._beside.shutdown()
        self._folder.cleanup()

    def _next(self) -> Path:
        self._paths.append(Path(self._folder.name) / f"{len(self._paths)}.run")
        return self._paths[-1]


class Output:
    """A file being written, with its checksum so far."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.at = 0
        self.checksum = 0
        self.write(MAGIC)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)
        self.at += len(data)
        self.checksum = crc32(data, self.checksum)

    def finish(self, trailer: Trailer) -> None:
        """Add the trailer and bring all of it to the disk."""
        data = json.dumps(trailer.to_json(), ensure_ascii=False).encode()
        self._file.write(data + END.pack(len(data), crc32(data), MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def close(self) -> None:
        """Stop writing."""
        self._file.close()


def _order(scores: Iterable[tuple[int, int]]) -> tuple["array[int]", tuple[int, ...]]:
    """Instruments in standing order, and where each score begins."""
    by_score = [array("I") for _ in range(SCORES)]
    for number, score in scores:
        by_score[SCORES - 1 - score].append(number)
    ids = array("I")
    for band in by_score:
        ids.extend(sorted(band))
    return ids, (0, *accumulate(len(band) for band in by_score))


def _table(slots: Sequence[tuple[bytes, int]]) -> "array[int]":
    """The open-addressed table of the entries' offsets plus one."""
    size = 1 << (len(slots) * FULL).bit_length()
    table = array("I", bytes(4 * size))
    for token, at in slots:
        slot = slot_of(token, size - 1)
        while table[slot]:
            slot = (slot + 1) & (size - 1)
        table[slot] = at + 1
    return table
