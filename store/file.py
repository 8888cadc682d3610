"""Files that people hand up: encrypted under a key each, outside the database, by their SHA-256.

The key stands in the row, wrapped by the owner's key where the file is personal (it dies with it)
and by the account's where it is a record that must stay.
"""

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import audit, personal, privacy
from store.base import NUMBERED, Base, Key
from store.errors import Refused
from store.link import Purpose
from store.policies import Policy
from store.sealed import Sealer, Unsealer
from store.sniff import Kind, sniff

LARGEST = 10 * 1024 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")
PICTURES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be handed up for a purpose."""

    kinds: frozenset[Kind]
    personal: bool


TERMS = {
    Purpose.PROOF: Terms(PICTURES | {Kind.PDF}, personal=True),
    Purpose.VOUCHER: Terms(PICTURES | {Kind.PDF}, personal=False),
    Purpose.REPORT: Terms(PICTURES | {Kind.PDF, Kind.XLSX}, personal=False),
}


@dataclass(eq=False)
class FileTooLarge(Refused):
    """More than is taken."""

    megabytes: int = LARGEST // 1024 // 1024


@dataclass(eq=False)
class FileEmpty(Refused):
    """Nothing was in it."""


@dataclass(eq=False)
class KindNotTaken(Refused):
    """A good file, but not of a kind that this purpose takes."""


@dataclass(eq=False)
class FileGone(Refused):
    """The file was removed, or its owner is forgotten."""


class StoredFile(Base):
    """One file handed up."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_due", "removed_at", "ends_at"),
        Index("ix_stored_file_subject", "subject"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose]
    subject: Mapped[str]
    kind: Mapped[Kind]
    size: Mapped[int]
    """Bytes of its content."""
    digest: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of what lies on the disk, and its name there."""
    personal: Mapped[bool]
    key: Mapped[bytes | None]
    handed_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    unlinked_at: Mapped[datetime | None]


class Vault:
    """Where the files lie."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """The place of a file; raises ValueError for what is no digest."""
        if not DIGEST.fullmatch(digest):
            raise ValueError("no digest")
        return self.root / digest[:2] / digest[2:4] / digest

    def receive(self) -> "Incoming":
        """Begin to take a file in."""
        folder = self.root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return Incoming(self, folder / secrets.token_hex(16))

    def open(self, digest: str, key: bytes) -> Unsealer:
        """Read a file; raises FileGone, privacy.Unopenable."""
        try:
            return Unsealer(self.path(digest).open("rb"), key)
        except FileNotFoundError:
            raise FileGone from None

    def tidy(self, before: datetime) -> None:
        """Remove what a process that was killed had begun to take in."""
        for part in (self.root / "incoming").glob("*"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < before.timestamp():
                    part.unlink()

    def remove(self, digest: str) -> None:
        """Take a file off the disk."""
        self.path(digest).unlink(missing_ok=True)


class Incoming:
    """A file on its way in: sealed as it comes, never in the clear on the disk."""

    def __init__(self, vault: Vault, path: Path) -> None:
        self._vault = vault
        self._path = path
        self._out = path.open("xb")
        path.chmod(0o600)
        self.key = privacy.new_key()
        self._sealer = Sealer(self._out, self.key)
        self.digest = ""

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._sealer.size

    def write(self, piece: bytes) -> None:
        """Take a piece; raises FileTooLarge."""
        if self.size + len(piece) > LARGEST:
            raise FileTooLarge
        self._sealer.write(piece)

    def finish(self, *, name: str, declared: str, taken: frozenset[Kind]) -> Kind:
        """The last piece is here: look at it and give it its name. Raises File… refusals."""
        if not self.size:
            raise FileEmpty
        self.digest = self._sealer.finish()
        self._out.close()
        with BufferedReader(Unsealer(self._path.open("rb"), self.key)) as whole:
            kind = sniff(whole, name=name, declared=declared)
        if kind not in taken:
            raise KindNotTaken
        path = self._vault.path(self.digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(path)
        return kind

    def drop(self) -> None:
        """Leave nothing behind: neither the part nor the whole."""
        self._out.close()
        self._path.unlink(missing_ok=True)
        if self.digest:
            self._vault.remove(self.digest)


@dataclass(frozen=True, slots=True)
class Paper:
    """Whose a file is, and what for."""

    owner_id: int
    purpose: Purpose
    subject: str
    kind: Kind


async def keep(
    session: AsyncSession,
    policy: Policy,
    secret: bytes,
    incoming: Incoming,
    paper: Paper,
    now: datetime,
) -> int:
    """Write down a file that is whole and in its place."""
    own = TERMS[paper.purpose].personal
    outer = await personal.key_of(session, secret, paper.owner_id) if own else secret
    row = StoredFile(
        owner_id=paper.owner_id,
        purpose=paper.purpose,
        subject=paper.subject,
        kind=paper.kind,
        size=incoming.size,
        digest=incoming.digest,
        personal=own,
        key=privacy.seal(privacy.derive(outer, "file"), incoming.key, incoming.digest),
        handed_at=now,
        ends_at=now + policy.file_kept.value if own else None,
    )
    session.add(row)
    await session.flush()
    facts: dict[str, audit.Fact] = {"about": paper.subject or None}
    audit.record(session, paper.owner_id, "hand_up", f"file:{row.id}", facts, now)
    return row.id


async def key_of(session: AsyncSession, secret: bytes, row: StoredFile) -> bytes:
    """The key of one file; raises FileGone when it was destroyed."""
    outer = await personal.key_if_any(session, secret, row.owner_id) if row.personal else secret
    if row.key is None or row.removed_at is not None or outer is None:
        raise FileGone
    return privacy.unseal(privacy.derive(outer, "file"), row.key, row.digest)


def rekeyed(old: bytes, new: bytes, row: StoredFile) -> None:
    """Lock the key of a record with another account key; a personal file's hangs on its owner's."""
    if row.key is not None and not row.personal:
        key = privacy.unseal(privacy.derive(old, "file"), row.key, row.digest)
        row.key = privacy.seal(privacy.derive(new, "file"), key, row.digest)


async def find(session: AsyncSession, number: int) -> StoredFile:
    """One file's row; raises FileGone."""
    row = await session.get(StoredFile, number)
    if row is None or row.removed_at is not None:
        raise FileGone
    return row


async def about(session: AsyncSession, subject: str) -> list[StoredFile]:
    """Files that belong to something, newest first."""
    there = (StoredFile.subject == subject) & StoredFile.removed_at.is_(None)
    query = select(StoredFile).where(there).order_by(StoredFile.id.desc())
    return list(await session.scalars(query))
