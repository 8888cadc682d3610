from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store import file
from store.database import Database
from store.file import (
    LARGEST,
    PICTURES,
    FileEmpty,
    FileGone,
    FileTooLarge,
    Incoming,
    KindNotTaken,
    Paper,
    Vault,
    find,
    keep,
    key_of,
)
from store.link import Purpose
from store.policies import load
from store.retention import forget, sweep
from store.sniff import FileMismatch, Kind
from tests.store import samples
from tests.store.people import SECRET, person

POLICY = load("jinzhong")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "files")


def arrived(vault: Vault, data: bytes, name: str = "x.png") -> tuple[Incoming, Kind]:
    incoming = vault.receive()
    for at in range(0, len(data), 1000):
        incoming.write(data[at : at + 1000])
    return incoming, incoming.finish(name=name, declared="", taken=PICTURES | {Kind.PDF})


async def kept(database: Database, vault: Vault, now: datetime) -> tuple[int, int]:
    incoming, kind = arrived(vault, samples.png())
    async with database.begin() as session:
        her = await person(session, now)
        paper = Paper(her, Purpose.PROOF, "affiliation:1", kind)
        return her, await keep(session, POLICY, SECRET, incoming, paper, now)


async def content(database: Database, vault: Vault, number: int) -> bytes:
    async with database.read() as session:
        row = await find(session, number)
        key = await key_of(session, SECRET, row)
    with vault.open(row.digest, key) as whole:
        return b"".join(whole.chunks())


def left(vault: Vault) -> list[Path]:
    return [path for path in vault.root.rglob("*") if path.is_file()]


async def test_kept_sealed_and_read_again(database: Database, vault: Vault, now: datetime) -> None:
    _, number = await kept(database, vault, now)
    assert await content(database, vault, number) == samples.png()
    (path,) = left(vault)
    assert b"PNG" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    async with database.read() as session:
        row = await find(session, number)
        assert (row.kind, row.size, row.digest) == (Kind.PNG, len(samples.png()), path.name)
        assert [each.id for each in await file.about(session, "affiliation:1")] == [number]
        with pytest.raises(FileGone):
            await find(session, number + 1)


async def test_gone_with_its_owner(database: Database, vault: Vault, now: datetime) -> None:
    her, number = await kept(database, vault, now)
    async with database.begin() as session:
        row = await find(session, number)
        await forget(session, her, now)
        await session.refresh(row)
        with pytest.raises(FileGone):
            await key_of(session, SECRET, row)
    with pytest.raises(FileGone):
        await content(database, vault, number)
    async with database.begin() as session:
        assert (await sweep(session, POLICY, now + timedelta(minutes=1), vault)).unlinked == 1
        assert (await sweep(session, POLICY, now + timedelta(minutes=2), vault)).unlinked == 0
    assert left(vault) == []


async def test_gone_when_its_time_is_over(database: Database, vault: Vault, now: datetime) -> None:
    _, number = await kept(database, vault, now)
    end = now + POLICY.file_kept.value
    async with database.begin() as session:
        assert (await sweep(session, POLICY, end - timedelta(seconds=1), vault)).files == 0
        assert (await sweep(session, POLICY, end, vault)).files == 1
    with pytest.raises(FileGone):
        await content(database, vault, number)


async def test_a_file_lost_from_the_disk(database: Database, vault: Vault, now: datetime) -> None:
    _, number = await kept(database, vault, now)
    left(vault)[0].unlink()
    with pytest.raises(FileGone):
        await content(database, vault, number)


@pytest.mark.parametrize(
    ("data", "name", "refused"),
    [
        (b"", "x.png", FileEmpty),
        (samples.xlsx(), "x.xlsx", KindNotTaken),
        (samples.png(), "x.pdf", FileMismatch),
    ],
)
def test_what_is_refused_leaves_nothing(
    vault: Vault, data: bytes, name: str, refused: type[Exception]
) -> None:
    incoming = vault.receive()
    incoming.write(data)
    with pytest.raises(refused):
        incoming.finish(name=name, declared="", taken=PICTURES)
    incoming.drop()
    assert left(vault) == []


def test_too_large(vault: Vault) -> None:
    incoming = vault.receive()
    for _ in range(LARGEST // 65_536):
        incoming.write(b"\0" * 65_536)
    with pytest.raises(FileTooLarge):
        incoming.write(b"\0")
    incoming.drop()
    assert left(vault) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/x"])
def test_no_path_but_a_digest(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="no digest"):
        vault.path(name)
