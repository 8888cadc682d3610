"""Into the catalogue: once, again, changed, cut off half-way, and by two at once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from store.county import County
from store.database import Database
from store.instrument import CatalogueChange, Instrument, InstrumentChange, Status, history
from store.ledger import Counts, Ledger, dry_run, read, write
from store.ledger.plan import plan as plan_
from store.organisation import Kind, Organisation, by_name
from tests.store.ledger.specimens import csv
from tests.store.ledger.test_sample import EXPECTED, SAMPLE

HEADER = [
    "管理单位",
    "仪器名称",
    "型号",
    "厂家",
    "原值（万元）",
    "启用日期",
    "收费标准",
    "电话",
    "资产编号",
]


def ledger(folder: Path, *lines: list[Any], header: list[str] = HEADER) -> Ledger:
    return read(csv(folder / "a.csv", [header, *lines]))


def line(**changed: Any) -> list[Any]:
    facts = {"unit": "甲研究所", "name": "天平", "model": "X", "maker": "梅特勒", "wan": 25}
    facts |= {"started": "2018.6", "fee": "50元/样", "phone": "0354-5550137", "asset": ""}
    return list((facts | changed).values())


async def rows(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    picked = [Instrument.__table__.c[name] for name in columns]
    async with database.read() as session:
        return [
            tuple(row) for row in await session.execute(select(*picked).order_by(Instrument.id))
        ]


async def counted(database: Database, table: Any) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_the_sample(database: Database, now: datetime) -> None:
    told = read(SAMPLE)
    assert await dry_run(database, told) == Counts(181, 0, 0, 4)
    assert await counted(database, Instrument) == 0
    heard: list[int] = []
    counts = await write(database, told, now, heard.append)
    assert str(counts) == "181 imported, 0 updated, 0 unchanged, 4 refused"
    assert sum(heard) == 181
    assert await counted(database, Organisation) == 14
    async with database.read() as session:
        query = (
            select(Instrument, Organisation.name, County.name)
            .join(Organisation, Organisation.id == Instrument.organisation_id)
            .join(County, County.id == Instrument.county_id)
            .order_by(Instrument.id)
        )
        got = [
            {
                "name": one.name, "model": one.model, "maker": one.maker, "unit": unit,
                "county": place, "wan": (one.worth_fen or 0) / 1e6, "fee": one.fee,
                "started": f"{one.started_on:%Y-%m}",
            }
            for one, unit, place in await session.execute(query)
        ]  # fmt: skip
        kept = await session.get_one(Instrument, 1)
        home = await by_name(session, " 晋中农业工程学院 分析测试中心")
    good = [{key: one[key] for key in one if key != "row"} for one in EXPECTED["good"]]
    assert got[:180] == good
    assert (kept.status, kept.version, kept.ledger) == (Status.LISTED, 1, SAMPLE.name)
    assert home is not None
    assert home.kind is Kind.UNIVERSITY


async def test_again_nothing_changes(database: Database, now: datetime) -> None:
    await write(database, read(SAMPLE), now)
    before = await rows(database, "id", "version", "changed_at", "copy")
    feed = await counted(database, CatalogueChange)
    counts = await write(database, read(SAMPLE), now + timedelta(days=1))
    assert counts == Counts(0, 0, 181, 4)
    assert await rows(database, "id", "version", "changed_at", "copy") == before
    assert await counted(database, CatalogueChange) == feed == 181
    assert await counted(database, InstrumentChange) == 181


async def test_a_changed_row_updates_and_is_logged(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(database, ledger(tmp_path, line(), line(model="Y")), now)
    changed = ledger(tmp_path, line(fee="60元/样", wan="26.5"), line(model="Y"))
    assert await dry_run(database, changed) == Counts(0, 1, 1, 0)
    later = now + timedelta(days=1)
    assert await write(database, changed, later, actor=5) == Counts(0, 1, 1, 0)
    assert await rows(database, "fee", "worth_fen", "version") == [
        ("60元/样", 26_500_000, 2),
        ("50元/样", 25_000_000, 1),
    ]
    async with database.read() as session:
        *_, last = await history(session, 1)
        feed = await session.scalars(select(CatalogueChange.instrument_id))
        assert list(feed) == [1, 2, 1]
    assert (last.verb, last.actor_id, last.version, last.at) == ("import", 5, 2, later)
    assert last.changed["fee"] == ["50元/样", "60元/样"]
    assert last.changed["worth_fen"] == [25_000_000, 26_500_000]


@pytest.mark.parametrize(
    "change",
    [
        {"fee": "60元/样"},
        {"phone": "13900000757"},
        {"wan": 30},
        {"started": "2019.7"},
        {"maker": "赛多利斯"},
        {"model": "XS"},
        {"name": "电子天平"},
        {"asset": "ZC-1"},
    ],
)
async def test_the_right_one_of_two_alike_is_updated(
    sqlite_database: Database, now: datetime, tmp_path: Path, change: dict[str, Any]
) -> None:
    other = line(started="2020.1", wan=40, phone="0354-5550199")
    await write(sqlite_database, ledger(tmp_path, other, line()), now)
    counts = await write(sqlite_database, ledger(tmp_path, line(**change), other), now)
    assert counts == Counts(0, 1, 1, 0)
    assert await rows(sqlite_database, "id", "version") == [(1, 1), (2, 2)]


async def test_two_identical_instruments_stay_two(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    twins = ledger(tmp_path, line(), line(), line())
    assert len(twins.warnings) == 2
    assert await write(database, twins, now) == Counts(3, 0, 0, 0)
    assert await write(database, twins, now) == Counts(0, 0, 3, 0)
    one_changed = ledger(tmp_path, line(), line(fee="70元/样"), line())
    assert await write(database, one_changed, now) == Counts(0, 1, 2, 0)
    assert await write(database, one_changed, now) == Counts(0, 0, 3, 0)
    assert await rows(database, "copy") == [(1,), (2,), (3,)]


async def test_asset_numbers_decide(database: Database, now: datetime, tmp_path: Path) -> None:
    first = ledger(tmp_path, line(asset="ZC1"), line(asset="ZC2"))
    assert first.warnings == []
    await write(database, first, now)
    moved = ledger(
        tmp_path,
        line(asset="ZC2", name="分析天平", model="Z", wan=99, started="2022.2"),
        line(asset="ZC3"),
        line(asset="ZC1"),
    )
    assert await write(database, moved, now) == Counts(1, 1, 1, 0)
    assert await rows(database, "asset_number", "name") == [
        ("ZC1", "天平"),
        ("ZC2", "分析天平"),
        ("ZC3", "天平"),
    ]


async def test_a_second_batch_adds_and_does_not_overwrite(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(database, ledger(tmp_path, line(), line(name="电镜", model="J")), now)
    batch = ledger(tmp_path, line(wan=31, started="2024.5"))
    assert await write(database, batch, now) == Counts(1, 0, 0, 0)


async def test_a_new_edition_updates_what_changed_in_value_and_date(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(database, ledger(tmp_path, line(), line(name="电镜", model="J")), now)
    edition = ledger(tmp_path, line(wan=31, started="2024.5"), line(name="电镜", model="J"))
    assert await write(database, edition, now) == Counts(0, 1, 1, 0)


async def test_columns_that_a_ledger_lacks_are_left_alone(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(database, ledger(tmp_path, line()), now)
    short = ledger(tmp_path, ["甲研究所", "天平", "X"], header=HEADER[:3])
    assert await write(database, short, now) == Counts(0, 0, 1, 0)
    assert await rows(database, "fee", "phone") == [("50元/样", "0354-5550137")]


async def test_what_is_paused_stays_paused(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(database, ledger(tmp_path, line()), now)
    async with database.begin() as session:
        one = await session.get_one(Instrument, 1)
        one.status, one.version = Status.PAUSED, one.version + 1
    await write(database, ledger(tmp_path, line(fee="1元/样")), now)
    assert await rows(database, "status", "fee") == [(Status.PAUSED, "1元/样")]


async def test_two_imports_at_once_add_everything_once(
    database_url: str, now: datetime, tmp_path: Path
) -> None:
    told = read(SAMPLE)
    both = [Database(database_url), Database(database_url)]
    counts = await asyncio.gather(*(write(one, told, now) for one in both))
    assert sum(count.imported for count in counts) == 181
    assert await counted(both[0], Instrument) == 181
    for one in both:
        await one.close()


async def test_a_change_in_between_is_not_overwritten_unseen(
    database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(database, ledger(tmp_path, line()), now)
    plan, seen = plan_, 0

    async def disturbed(session: Any, told: Any) -> Any:
        nonlocal seen
        steps = await plan(session, told)
        if not seen:
            seen += 1
            async with database.begin() as other:
                one = await other.get_one(Instrument, 1)
                one.rules, one.version = "自带样品", one.version + 1
        return steps

    monkeypatch.setattr("store.ledger.writing.plan", disturbed)
    assert await write(database, ledger(tmp_path, line(fee="9元/样")), now) == Counts(0, 1, 0, 0)
    assert await rows(database, "fee", "rules", "version") == [("9元/样", "自带样品", 3)]


SLOW = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from store.database import Database
from store.ledger import read, writing

async def main():
    writing.CHUNK, writing.BREATH = 20, 0.05
    ledger = read(Path(sys.argv[1]))
    said = lambda rows: print(rows, flush=True)
    await writing.write(Database(sys.argv[2]), ledger, datetime.now(UTC), said)

asyncio.run(main())
"""


@contextmanager
def begun(url: str) -> "Iterator[subprocess.Popen[str]]":
    """An import that has written its first chunks and goes on."""
    slow = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(SAMPLE), url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert slow.stdout is not None
        assert [slow.stdout.readline() for _ in range(3)] == ["20\n"] * 3
        yield slow
    finally:
        slow.kill()
        slow.communicate()


async def test_cut_off_half_way_it_is_simply_run_again(
    database: Database, database_url: str, now: datetime
) -> None:
    with begun(database_url) as slow:
        os.kill(slow.pid, signal.SIGKILL)
    there = await counted(database, Instrument)
    assert 60 <= there < 181
    counts = await write(database, read(SAMPLE), now)
    assert counts == Counts(181 - there, 0, there, 4)
    assert await counted(database, Instrument) == 181
    assert await counted(database, CatalogueChange) == 181
    assert await write(database, read(SAMPLE), now) == Counts(0, 0, 181, 4)


async def test_others_read_and_write_while_it_goes_on(
    database: Database, database_url: str, now: datetime
) -> None:
    grown = list[int]()
    with begun(database_url) as slow:
        while slow.poll() is None:
            grown.append(await counted(database, Instrument))
            async with database.begin() as session:
                session.add(County(name=f"区{len(grown)}", city="", province=""))
            await asyncio.sleep(0.03)
        assert slow.returncode == 0
    assert grown == sorted(grown)
    assert len(set(grown)) > 2
    assert await counted(database, Instrument) == 181


async def test_the_feed_and_the_history_are_json(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    await write(sqlite_database, ledger(tmp_path, line(), line(started="")), now)
    told = ledger(tmp_path, line(started="2019-05-06", fee=""), line(started=""))
    told = replace(told, name="b.csv")
    await write(sqlite_database, told, now)
    async with sqlite_database.read() as session:
        *_, last = await history(session, 1)
    assert json.loads(json.dumps(last.changed)) == last.changed
    assert last.changed["started_on"] == ["2018-06-01", "2019-05-06"]
    assert last.changed["prices"][1] == []
