"""From the instruments' table to what the index keeps."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import card
from store.base import EPOCH, MICROSECOND
from store.county import County
from store.instrument import CatalogueChange, Instrument, Status
from store.organisation import Organisation
from store.search.entry import LISTED, Entry
from store.search.filters import short_place
from store.search.layout import Mark

PAGE = 1_000

I = Instrument  # noqa: E741 - a table's alias, read below as a column's
_EMPTY = literal("")
_TEXTS = (I.english, I.model, I.maker, I.nation, I.category, I.functions, I.fields, I.open_hours)
_ROW = (
    *(I.id, I.name),
    *(func.coalesce(text, _EMPTY) for text in _TEXTS),
    *(func.coalesce(I.fee, _EMPTY), cast(I.service_modes, Text), I.status),
    or_(I.vouchers.is_(True), I.on_provincial_platform.is_(True)),
    func.coalesce(I.address, Organisation.address, _EMPTY),
    func.coalesce(I.phone, Organisation.phone, _EMPTY),
    func.coalesce(I.latitude, County.latitude),
    func.coalesce(I.longitude, County.longitude),
    *(Organisation.name, Organisation.kind),
    *(func.coalesce(name, _EMPTY) for name in (County.name, County.city, County.province)),
)


_FEED = select(CatalogueChange.seq, CatalogueChange.at, CatalogueChange.instrument_id)


async def newest(session: AsyncSession) -> Mark:
    """How far the change feed has come."""
    row = (await session.execute(_FEED.order_by(CatalogueChange.seq.desc()).limit(1))).first()
    return _mark(row) if row else Mark()


async def holds(session: AsyncSession, mark: Mark) -> bool:
    """Whether the change feed has been at this place."""
    row = (await session.execute(_FEED.where(CatalogueChange.seq == mark.seq))).first()
    return mark == (_mark(row) if row else Mark())


async def changed(session: AsyncSession, after: Mark, limit: int) -> tuple[Mark, list[int]]:
    """The next instruments of the change feed, and how far that comes."""
    query = _FEED.where(CatalogueChange.seq > after.seq).order_by(CatalogueChange.seq)
    rows = (await session.execute(query.limit(limit))).all()
    return (_mark(rows[-1]) if rows else after), list(dict.fromkeys(row[2] for row in rows))


def _mark(row: Sequence[Any]) -> Mark:
    return Mark(row[0], (row[1] - EPOCH) // MICROSECOND)


async def load(session: AsyncSession, numbers: Iterable[int]) -> dict[int, Entry]:
    """The instruments that are to be found, of these; the others are missing from the answer."""
    rows = await session.execute(_select().where(Instrument.id.in_(list(numbers))))
    return {row[0]: _entry(row) for row in rows}


async def everything(session: AsyncSession) -> AsyncIterator[Sequence[Entry]]:
    """All instruments that are to be found, page by page."""
    last = 0
    while True:
        query = _select().where(Instrument.id > last).order_by(Instrument.id).limit(PAGE)
        page = [_entry(row) for row in await session.execute(query)]
        if not page:
            return
        yield page
        last = page[-1].id


async def scores(session: AsyncSession) -> list[tuple[int, int]]:
    """All instruments that are to be found with their standing rank, as `Entry.score` has it."""
    told = (I.fee, I.open_hours, I.functions, func.coalesce(I.phone, Organisation.phone))
    score: ColumnElement[int] = case((I.status == Status.LISTED, LISTED), else_=0)
    for column in told:
        score += case((func.length(column) > 0, 1), else_=0)
    score += case((or_(I.vouchers.is_(True), I.on_provincial_platform.is_(True)), 1), else_=0)
    query = select(I.id, score).join(Organisation, Organisation.id == I.organisation_id)
    rows = await session.execute(query.where(I.status != Status.WITHDRAWN))
    return [(number, rank) for number, rank in rows]


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(*_ROW)
        .join(Organisation, Organisation.id == Instrument.organisation_id)
        .outerjoin(County, County.id == Instrument.county_id)
        .where(Instrument.status != Status.WITHDRAWN)
    )


def _entry(row: Sequence[Any]) -> Entry:
    number, name, *texts, status, vouchers = row[:14]
    english, model, maker, nation, category, functions, fields, hours, fee, modes = texts
    address, phone, latitude, longitude, organisation, kind, *county = row[14:]
    codes, words = _modes(modes)
    return Entry(
        id=number,
        name=name,
        organisation=organisation,
        kind=str(kind),
        county=county[0],
        city=county[1],
        province=county[2],
        place=short_place(county[0]),
        english=english,
        model=model,
        maker=maker,
        nation=nation,
        category=category,
        functions=functions,
        fields=fields,
        address=address,
        modes=codes,
        modes_words=words,
        fee=fee,
        open_hours=hours,
        phone=phone,
        latitude=latitude,
        longitude=longitude,
        vouchers=bool(vouchers),
        paused=status is Status.PAUSED,
    )


@lru_cache(256)
def _modes(kept: str) -> tuple[tuple[str, ...], str]:
    """The ways to use it: codes, and words."""
    codes = json.loads(kept)
    return tuple(codes), card.modes(codes, form="short") or ""
