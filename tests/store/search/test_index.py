"""The index follows the catalogue, on either database."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from store.database import Database
from store.instrument import CatalogueChange, Instrument, Status
from store.search import index as module
from store.search import rebuild as rebuilding
from store.search.index import FILE, Index
from store.search.rebuild import RebuildFailed
from tests.store.search.catalogue import Shelf


@pytest.fixture
def shelf(database: Database, now: datetime) -> Shelf:
    return Shelf(database, now)


async def test_it_follows_every_change(shelf: Shelf, tmp_path: Path) -> None:
    index = Index.open(tmp_path)
    assert not index.ready
    number = await shelf.add("扫描电镜", model="KYKY-EM6900", fee="100元/样", phone="0354-1")
    assert await index.follow(shelf.database) == 1
    assert index.ready
    assert index.find("电镜").ids == (number,)
    shown = index.facts(number)
    assert shown is not None
    assert (shown["number"], shown["place"], shown["modes"]) == (f"YQ{number}", "平遥", "送样")
    before = index.version
    await shelf.change(number, name="透射电镜")
    assert index.find("扫描").ids == (number,)
    await index.follow(shelf.database)
    assert index.version > before
    assert index.find("扫描").ids == ()
    assert index.find("透射").ids == (number,)
    await shelf.change(number, status=Status.WITHDRAWN)
    await index.follow(shelf.database)
    assert index.find("透射").ids == ()
    assert index.facts(number) is None
    assert await index.follow(shelf.database) == 0
    await index.close()


async def test_it_is_kept_on_disk(shelf: Shelf, tmp_path: Path) -> None:
    numbers = [await shelf.add(f"离心机{n}", copy=n) for n in range(5)]
    gone = await shelf.add("离心机", county="太谷区")
    await shelf.change(gone, status=Status.WITHDRAWN)
    index = Index.open(tmp_path)
    await index.rebuild(shelf.database)
    assert index.find("离心机").ids == tuple(numbers)
    await index.close()
    await shelf.change(numbers[2], status=Status.PAUSED)
    again = Index.open(tmp_path)
    assert again.ready
    assert again.find("离心机").ids == tuple(numbers)
    await again.follow(shelf.database)
    assert again.find("离心机").ids == (*numbers[:2], *numbers[3:], numbers[2])
    shown = again.facts(numbers[2])
    assert shown is not None
    assert shown["paused"]
    await again.close()


async def test_a_damaged_file_is_made_anew(shelf: Shelf, tmp_path: Path) -> None:
    number = await shelf.add("离心机")
    (tmp_path / FILE).write_bytes(b"nonsense")
    index = Index.open(tmp_path)
    await index.follow(shelf.database)
    assert index.find("离心机").ids == (number,)
    await index.close()


async def test_the_index_of_another_catalogue_is_thrown_away(
    shelf: Shelf, tmp_path: Path, now: datetime
) -> None:
    number = await shelf.add("离心机")
    index = Index.open(tmp_path)
    await index.rebuild(shelf.database)
    await index.close()
    async with shelf.database.begin() as session:
        await session.execute(update(CatalogueChange).values(at=now + timedelta(seconds=1)))
        await session.execute(update(Instrument).values(name="冻干机"))
    again = Index.open(tmp_path)
    await again.follow(shelf.database)
    assert again.find("离心机").ids == ()
    assert again.find("冻干机").ids == (number,)
    await again.close()


async def test_many_changes_are_taken_by_making_it_anew(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 3)
    numbers = [await shelf.add(f"离心机{n}", copy=n) for n in range(6)]
    index = Index.open(tmp_path)
    assert await index.follow(shelf.database) == 0
    assert not index.ready
    assert index.rebuilding
    async with asyncio.timeout(60):
        while index.rebuilding:
            assert index.find("离心机").ids == ()
            await asyncio.sleep(0.05)
    assert index.ready
    assert index.find("离心机").ids == tuple(numbers)
    await index.close()


async def test_what_changes_while_it_is_made_anew_is_not_lost(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shelf.add("离心机")
    made = rebuilding.rebuild

    async def meanwhile(database: Database, path: Path) -> None:
        await made(database, path)
        await shelf.change(number, name="冻干机")

    monkeypatch.setattr(module, "rebuild", meanwhile)
    index = Index.open(tmp_path)
    await index.follow(shelf.database)
    await index.rebuild(shelf.database)
    assert index.find("离心机").ids == ()
    assert index.find("冻干机").ids == (number,)
    await index.close()


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_failed_rebuild_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    number = await shelf.add("离心机")
    index = Index.open(tmp_path / "index")
    await index.follow(shelf.database)
    (tmp_path / "index" / FILE).mkdir(parents=True)
    with pytest.raises(RebuildFailed):
        await index.rebuild(shelf.database)
    assert index.find("离心机").ids == (number,)
    assert left_in(tmp_path / "index") == [FILE]
    await index.close()


async def test_closing_stops_making_it_anew(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 0)
    await shelf.add("离心机")
    index = Index.open(tmp_path / "index")
    await index.follow(shelf.database)
    await asyncio.sleep(0.1)
    await index.close()
    assert not index.rebuilding


async def test_the_loop_goes_on_while_it_follows(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    shelf = Shelf(sqlite_database, now)
    for n in range(60):
        await shelf.add(f"离心机{n}", copy=n, functions="分离、纯化、鉴定" * 8)
    index = Index.open(tmp_path / "index")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await index.follow(sqlite_database)
    task.cancel()
    assert turns > 60 // module.SLICE
    await index.close()


async def test_answers_are_kept_until_something_changes(shelf: Shelf, tmp_path: Path) -> None:
    index = Index.open(tmp_path)
    await shelf.add("离心机")
    await index.follow(shelf.database)
    assert index.find("离心机") is index.find(" 离心机".strip())
    first = index.find("离心机")
    await shelf.add("离心机", copy=2)
    await index.follow(shelf.database)
    assert index.find("离心机").total == 2
    assert first.total == 1
    for n in range(module.KEPT + 10):
        index.find(f"离心机{n}")
    await index.close()
