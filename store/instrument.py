"""Instruments (科研设施和仪器): all that article （六） and the national standard name.

Every insert and update is followed by a row of the change feed, which the search index follows, and
by a row of history, which says who changed what, from what, to what.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.util import identity_key

from store.base import NUMBERED, Base, Key
from store.county import County
from store.organisation import Organisation
from store.wording import fold


class Status(StrEnum):
    """Whether an instrument can be asked for; moves stand in store/listing.py."""

    LISTED = "listed"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Instrument(Base):
    """One instrument; `YQ12` is number 12."""

    __tablename__ = "instrument"
    __table_args__ = (
        UniqueConstraint("organisation_id", "likeness", "copy"),
        Index("ix_instrument_asset", "organisation_id", "asset_number"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    county_id: Mapped[int | None] = mapped_column(Key, ForeignKey("county.id"), index=True)
    likeness: Mapped[str]
    """Name and model folded; with `copy` it keeps two imports from adding one thing twice."""
    copy: Mapped[int]
    """1 for the first of its likeness in the organisation, 2 for the next."""

    name: Mapped[str]
    english: Mapped[str | None]
    asset_number: Mapped[str | None]
    """The organisation's own number (所在单位仪器编号, 资产编号)."""
    serial_number: Mapped[str | None]
    """The maker's (出厂编号)."""
    model: Mapped[str | None]
    maker: Mapped[str | None]
    nation: Mapped[str | None]
    category: Mapped[str | None]
    """A national class by name, or the ledger's own word where it is none."""
    scheme: Mapped[str | None]
    """The classification and its version that `category` belongs to; nothing when it is none's."""
    subcategory: Mapped[str | None]
    kind: Mapped[str | None]
    """通用 or 专用 (仪器类别 of the national standard)."""
    source: Mapped[str | None]
    """How it was come by: 购置, 研制, 赠送…"""
    worth_fen: Mapped[int | None] = mapped_column(Key)
    """The original value (原值) in fen."""
    started_on: Mapped[date | None]
    """When use began; the first of the month or year where no more is known."""
    started_precision: Mapped[str | None]
    """`year`, `month` or `day`: how much of `started_on` is known."""
    quantity: Mapped[int | None]

    functions: Mapped[str | None]
    fields: Mapped[str | None]
    """Where it is applied (应用范围)."""
    subjects: Mapped[str | None]
    technical: Mapped[str | None]
    rules: Mapped[str | None]
    """What users must know or bring (对外开放共享规定)."""
    service_content: Mapped[str | None]
    achievements: Mapped[str | None]
    open_hours: Mapped[str | None]
    """When it is open, in the ledger's own words."""
    service_modes: Mapped[list[Any]]
    """`self`, `sample`, `joint`."""
    service_words: Mapped[str | None]
    fee: Mapped[str | None]
    """The fee in the ledger's own words."""
    prices: Mapped[list[Any]]
    """The fee read: rows as `store.price.Price.to_json` gives them."""

    address: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    department: Mapped[str | None]
    contact: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    postcode: Mapped[str | None]
    url: Mapped[str | None]

    funds: Mapped[str | None]
    customs_supervised: Mapped[bool | None]
    customs_declaration: Mapped[str | None]
    customs_released_on: Mapped[date | None]
    customs_item: Mapped[str | None]
    customs_form: Mapped[str | None]
    on_provincial_platform: Mapped[bool | None]
    vouchers: Mapped[bool | None]
    """Whether innovation vouchers may pay for it, where a ledger says so."""
    condition: Mapped[str | None]
    remarks: Mapped[str | None]
    photos: Mapped[list[Any]]

    status: Mapped[Status]
    reason: Mapped[str | None]
    """Why it is paused or withdrawn."""
    ledger: Mapped[str | None]
    """The file that it first came from."""
    version: Mapped[int]
    changed_at: Mapped[datetime]


class CatalogueChange(Base):
    """The feed that the search index follows: one row an insert or update."""

    __tablename__ = "catalogue_change"
    __table_args__ = (NUMBERED,)

    seq: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    at: Mapped[datetime]


class InstrumentChange(Base):
    """History: who changed what of an instrument, from what, to what."""

    __tablename__ = "instrument_change"
    __table_args__ = (Index("ix_instrument_change_instrument", "instrument_id", "id"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(Key)
    """The person who did it; nothing for an import from the command line."""
    verb: Mapped[str]
    version: Mapped[int]
    """The instrument's version that the change made."""
    changed: Mapped[dict[str, Any]]
    """`{"fee": ["80元/样", "100元/样"]}`; dates as ISO words."""


@cache
def vocabulary() -> dict[str, Any]:
    """The words of store/instruments.toml."""
    return tomllib.loads(Path(__file__).with_name("instruments.toml").read_text("utf-8"))


@lru_cache(maxsize=1 << 12)
def national_class(words: str) -> str | None:
    """The national class that a ledger's words mean, if they mean one."""
    classes = vocabulary()["classes"]
    names, also = classes["names"].values(), classes["also"]
    head = fold(words).split("/")[0].split("-")[0].split(">")[0]
    name = also.get(head, head)
    return str(name) if name in names else None


@cache
def scheme() -> str:
    """The classification in use, with its version."""
    classes = vocabulary()["classes"]
    return f"{classes['scheme']}/{classes['version']}"


def likeness(name: str, model: str | None) -> str:
    """What two instruments of the same name and model share."""
    return f"{fold(name)}|{fold(model or '')}"


NEXT = """
SELECT nextval(pg_get_serial_sequence('instrument', 'id')) FROM generate_series(1, :count)
"""


async def reserve(session: AsyncSession, count: int) -> list[int]:
    """Numbers for new instruments, never given again; the session's transaction must write."""
    if session.get_bind().dialect.name == "postgresql":
        return list((await session.execute(text(NEXT), {"count": count})).scalars())
    last = text("SELECT seq FROM sqlite_sequence WHERE name = 'instrument'")
    first = ((await session.execute(last)).scalar_one_or_none() or 0) + 1
    return list(range(first, first + count))


FEED_LOCK = 5_914_001
"""Advisory lock on PostgreSQL: feed numbers become visible in order, so no follower skips one."""


async def lock_feed(session: AsyncSession) -> None:
    """Let nobody else add to the feed until this transaction ends (SQLite has one writer)."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"SELECT pg_advisory_xact_lock({FEED_LOCK})"))


async def announce(session: AsyncSession, numbers: Iterable[int], now: datetime) -> None:
    """Tell the feed that these instruments were added or changed."""
    rows = [{"instrument_id": number, "at": now} for number in numbers]
    if rows:
        await lock_feed(session)
        table: Any = CatalogueChange.__table__
        await session.execute(insert(table), rows)


async def remember(session: AsyncSession, changes: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of history (columns of InstrumentChange)."""
    if changes:
        table: Any = InstrumentChange.__table__
        await session.execute(insert(table), [dict(change) for change in changes])


async def history(session: AsyncSession, number: int) -> Sequence[InstrumentChange]:
    """All that happened to an instrument, oldest first."""
    mine = InstrumentChange.instrument_id == number
    return (
        await session.scalars(select(InstrumentChange).where(mine).order_by(InstrumentChange.id))
    ).all()


Row: TypeAlias = tuple[Instrument, Organisation, County | None]
"""An instrument, who keeps it, and where it is."""


async def load(session: AsyncSession, number: int) -> Row | None:
    """An instrument with its organisation and county, for its card."""
    if identity_key(Instrument, number) in session.identity_map:
        return await _held(session, number)
    found = await several(session, [number])
    return found[0] if found else None


async def _held(session: AsyncSession, number: int) -> Row:
    """What the session has read already: by number it is not read again."""
    first = await session.get_one(Instrument, number)
    unit = await session.get_one(Organisation, first.organisation_id)
    return first, unit, await session.get(County, first.county_id) if first.county_id else None


async def several(session: AsyncSession, numbers: Sequence[int]) -> list[Row]:
    """Instruments with their organisations and counties, in the order asked for."""
    found = await session.execute(_SEVERAL, {"numbers": numbers})
    rows = {row[0].id: (row[0], row[1], row[2]) for row in found}
    return [rows[number] for number in numbers if number in rows]


_SEVERAL = (
    select(Instrument, Organisation, County)
    .join(Organisation, Organisation.id == Instrument.organisation_id)
    .outerjoin(County, County.id == Instrument.county_id)
    .where(Instrument.id.in_(bindparam("numbers", expanding=True)))
)


async def homes(session: AsyncSession, numbers: Sequence[int]) -> dict[int, int]:
    """The organisation of each of these instruments that are in the ledger."""
    if not numbers:
        return {}
    in_ledger = Instrument.id.in_(numbers) & (Instrument.status != Status.WITHDRAWN)
    found = await session.execute(
        select(Instrument.id, Instrument.organisation_id).where(in_ledger)
    )
    return {row.id: row.organisation_id for row in found}
