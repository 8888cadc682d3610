"""Files that lie encrypted: written in one stream, read from any place.

A file is `YX1`, seven random bytes, then chunks of 64 KiB, each sealed with AES-256-GCM under a
nonce made of those bytes, the chunk's number and whether it is the last: no chunk can be changed,
moved or cut off unseen.
"""

import hashlib
import io
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.privacy import Unopenable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"YX1"
PREFIX = 7
HEAD = len(MAGIC) + PREFIX
CHUNK = 64 * 1024
TAG = 16


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4) + bytes([last])


class Sealer:
    """Writes one sealed file; `digest` is the SHA-256 of what was written."""

    def __init__(self, out: BinaryIO, key: bytes) -> None:
        self._out = out
        self._cipher = AESGCM(key)
        self._prefix = secrets.token_bytes(PREFIX)
        self._held = bytearray()
        self._number = 0
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes of plain content so far."""
        self._put(MAGIC + self._prefix)

    def write(self, plain: bytes) -> None:
        """Add content."""
        self.size += len(plain)
        self._held += plain
        while len(self._held) > CHUNK:
            self._chunk(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]

    def finish(self) -> str:
        """Write the last chunk; the digest in hexadecimal."""
        self._chunk(bytes(self._held), last=True)
        self._held.clear()
        return self._hash.hexdigest()

    def _chunk(self, plain: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._put(self._cipher.encrypt(nonce, plain, None))
        self._number += 1

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._out.write(data)


class Unsealer(io.RawIOBase):
    """Reads one sealed file, from any place; raises Unopenable where it is not as written."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._at = 0
        self._loaded: tuple[int, bytes] = (-1, b"")
        head = file.read(HEAD)
        if len(head) != HEAD or not head.startswith(MAGIC):
            raise Unopenable("no sealed file")
        self._prefix = head[len(MAGIC) :]
        body = file.seek(0, io.SEEK_END) - HEAD
        self._last = max(0, -(-body // (CHUNK + TAG)) - 1)
        self.size = body - TAG * (self._last + 1)
        """Bytes of plain content."""

    def chunks(self) -> Iterator[bytes]:
        """The content from the beginning, piece by piece."""
        for number in range(self._last + 1):
            yield self._chunk(number)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the content."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill from the present place, at most to the end of its chunk."""
        into = memoryview(buffer).cast("B")
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, CHUNK)
        piece = self._chunk(number)[start : start + len(into)]
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file beneath."""
        self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._loaded[0] != number:
            self._file.seek(HEAD + number * (CHUNK + TAG))
            sealed = self._file.read(CHUNK + TAG)
            nonce = _nonce(self._prefix, number, last=number == self._last)
            try:
                self._loaded = (number, self._cipher.decrypt(nonce, sealed, None))
            except InvalidTag:
                raise Unopenable("a sealed file was changed") from None
        return self._loaded[1]
