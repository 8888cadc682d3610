"""Sorted runs of tokens with their bitmaps, and how they are merged into one."""

import heapq
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import BinaryIO, TypeAlias

from pyroaring import BitMap

from store.search.entry import FIELDS, value_tokens
from store.search.layout import TIERS

HEAD = struct.Struct("<B3I")
"""Sizes of the token and of its three bitmaps."""
SAME = 0xFFFF_FFFF
"""Instead of a size: this bitmap is the one before it."""

Values: TypeAlias = Mapping[tuple[str, str], Sequence[int]]
"""By field and text, the documents that have it; any other field's text is itself a token."""
Postings: TypeAlias = tuple[bytes, ...]
"""Three serialised bitmaps, each within the next; one that equals its forerunner is that object."""


def write_run(values: Values, path: Path) -> None:
    """Write one run."""
    tiers: list[defaultdict[str, list[int]]] = [defaultdict(list) for _ in range(TIERS)]
    for (field, text), those in values.items():
        documents = tiers[FIELDS.get(field, TIERS - 1)]
        for token in _tokens(field, text) if field in FIELDS else (text,):
            documents[token].extend(those)
    every = set[str]().union(*tiers)
    with path.open("wb") as run:
        for raw, token in sorted((token.encode(), token) for token in every):
            run.write(_record(raw, _nested([documents.get(token, ()) for documents in tiers])))


def merged(runs: Iterable[Path]) -> Iterator[tuple[bytes, Postings]]:
    """All tokens in order."""
    with ExitStack() as open_files:
        files = [open_files.enter_context(run.open("rb")) for run in runs]
        records = heapq.merge(*map(_records, files), key=itemgetter(0))
        for token, same in groupby(records, key=itemgetter(0)):
            postings = [postings for _, postings in same]
            yield token, postings[0] if len(postings) == 1 else _united(postings)


@lru_cache(1 << 14)
def _tokens(field: str, text: str) -> tuple[str, ...]:
    return tuple(map(intern, value_tokens(field, text)))


def _nested(tiers: Sequence[Sequence[int]]) -> Postings:
    if not tiers[0] and not tiers[1]:
        return b"", b"", BitMap(tiers[2]).serialize()
    bits = BitMap()
    found: list[bytes] = []
    for those in tiers:
        before = len(bits)
        bits.update(those)
        fresh = len(bits) > before
        found.append(bits.serialize() if fresh else found[-1] if found else b"")
    return tuple(found)


def _united(postings: Sequence[Postings]) -> Postings:
    found: list[bytes] = []
    size = 0
    for tier in zip(*postings, strict=True):
        bits = BitMap.union(*[BitMap.deserialize(blob) for blob in tier if blob] or [BitMap()])
        if len(bits) > size:
            bits.run_optimize()
        found.append(bits.serialize() if len(bits) > size else found[-1] if found else b"")
        size = len(bits)
    return tuple(found)


def _record(token: bytes, postings: Postings) -> bytes:
    parts = [postings[0]]
    sizes = [len(postings[0])]
    for before, blob in pairwise(postings):
        sizes.append(SAME if blob is before else len(blob))
        if blob is not before:
            parts.append(blob)
    return b"".join((HEAD.pack(len(token), *sizes), token, *parts))


def _records(run: BinaryIO) -> Iterator[tuple[bytes, Postings]]:
    while head := run.read(HEAD.size):
        length, *sizes = HEAD.unpack(head)
        token = run.read(length)
        postings: list[bytes] = []
        for size in sizes:
            postings.append(postings[-1] if size == SAME else run.read(size))
        yield token, tuple(postings)
