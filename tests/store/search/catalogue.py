"""Small catalogues for tests."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from store.county import County
from store.database import Database
from store.instrument import Instrument, Status, announce, likeness
from store.organisation import Kind, Organisation
from store.search.base import Base
from store.search.entry import Entry
from store.search.index import FILE
from store.search.layout import Mark
from store.search.parts import Parts
from store.search.write import Writer

PLACES = {"平遥县": (37.19, 112.18), "太谷区": (37.42, 112.55), "昔阳县": (37.61, 113.71)}


def entry(number: int, name: str, **facts: Any) -> Entry:
    """One instrument as the index keeps it."""
    return Entry(id=number, name=name, **{"organisation": "晋中理工学院", **facts})


def fresh(entries: Iterable[Entry]) -> Parts:
    """An index in memory alone."""
    parts = Parts()
    for one in entries:
        parts.put(one.id, one)
    return parts


def written(entries: Iterable[Entry], folder: Path, seq: int = 1) -> Path:
    """An index file."""
    entries = list(entries)
    path = folder / FILE
    writer = Writer(path, [(one.id, one.score) for one in entries], Mark(seq))
    for one in entries:
        writer.add(one)
    writer.finish()
    return path


def on_disk(entries: Iterable[Entry], folder: Path) -> Parts:
    """An index on disk alone."""
    base = Base.open(written(entries, folder))
    return Parts(base, base.trailer.mark)


class Shelf:
    """Instruments in a database."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now

    async def add(
        self, name: str, county: str = "平遥县", unit: str = "晋中理工学院", **facts: Any
    ) -> int:
        """Add one; its number."""
        async with self.database.begin() as session:
            there = await session.scalar(select(County).where(County.name == county))
            if there is None:
                north, east = PLACES[county]
                there = County(
                    name=county, city="晋中市", province="山西省", latitude=north, longitude=east
                )
                session.add(there)
                await session.flush()
            owner = await session.scalar(select(Organisation).where(Organisation.name == unit))
            if owner is None:
                owner = Organisation(
                    name=unit, key=unit, kind=Kind.OTHER, version=1, changed_at=self.now
                )
                session.add(owner)
                await session.flush()
            row = Instrument(
                organisation_id=owner.id,
                county_id=there.id,
                name=name,
                likeness=likeness(name, facts.get("model")),
                copy=facts.pop("copy", 1),
                service_modes=facts.pop("modes", ["sample"]),
                prices=facts.pop("prices", []),
                photos=[],
                status=Status.LISTED,
                version=1,
                changed_at=self.now,
                **facts,
            )
            session.add(row)
            await session.flush()
            await announce(session, [row.id], self.now)
            return row.id

    async def change(self, number: int, **facts: Any) -> None:
        """Change one."""
        async with self.database.begin() as session:
            await session.execute(update(Instrument).where(Instrument.id == number).values(**facts))
            await announce(session, [number], self.now)
