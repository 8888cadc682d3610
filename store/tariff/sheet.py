"""Which prices hold on a day, and how keepers change them from a day on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, listing, price
from store.errors import Refused
from store.instrument import Instrument
from store.lifecycle import NotYours
from store.listing import By
from store.prepared import Prepared
from store.tariff.table import ALL, COSTS, GROUPS, Part, PriceRow
from store.tariff.words import data, meanings
from store.workdays import HERE

HIGHEST = 100_000_000
"""A million yuan a unit: more is a slip of the finger."""
BETWEEN = re.compile(r"[\s:;,/()（）【】\[\]]+")
EVER = date(2000, 1, 1)
"""Since when what the ledger says holds."""


@dataclass(eq=False)
class PriceUnfit(Refused):
    """A price below nothing, above a million yuan, or from a day that is over."""


@dataclass(frozen=True, slots=True)
class Priced:
    """One price, without its day."""

    part: Part
    group: str
    """A `Group`, or `all`."""
    per: str
    fen: int | None
    to_fen: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a keeper sets: all prices of one group, or one component of the cost."""

    prices: tuple[Priced, ...]
    starts_on: date


async def in_force(session: AsyncSession, instrument_id: int, on: date) -> list[Priced]:
    """The prices of a day; those of the ledger while no keeper has set any."""
    rows = await _SET(session, instrument=instrument_id)
    return _latest(rows, on) if rows else await _told(session, instrument_id)


async def history(session: AsyncSession, instrument_id: int) -> Sequence[PriceRow]:
    """Every price ever set, oldest first."""
    mine = PriceRow.instrument_id == instrument_id
    return (await session.scalars(select(PriceRow).where(mine).order_by(PriceRow.id))).all()


_SET = Prepared(
    select(
        PriceRow.starts_on,
        PriceRow.sheet,
        PriceRow.part,
        PriceRow.group_key,
        PriceRow.per,
        PriceRow.fen,
        PriceRow.to_fen,
        PriceRow.label,
    )
    .where(PriceRow.instrument_id == bindparam("instrument"))
    .order_by(PriceRow.id)
)


def _latest(rows: Iterable[tuple[Any, ...]], on: date) -> list[Priced]:
    """Of each group, and of each component, the rows set last for a day not after this one."""
    sheets: dict[tuple[str, str], tuple[tuple[date, int], list[Priced]]] = {}
    for starts_on, sheet, *columns in rows:
        if starts_on > on:
            continue
        one = Priced(*columns)
        kind = one.part if one.part in COSTS else Part.USE
        age, key = (starts_on, sheet), (str(kind), one.group)
        best = sheets.get(key)
        if best is None or age > best[0]:
            best = sheets[key] = (age, [])
        if age == best[0]:
            best[1].append(one)
    return [each for _, found in sheets.values() for each in found]


async def _told(session: AsyncSession, instrument_id: int) -> list[Priced]:
    instrument = await session.get_one(Instrument, instrument_id)
    return from_ledger(instrument.fee)


def from_ledger(words: str | None) -> list[Priced]:
    """What a ledger's fee column says, with its labels understood."""
    fee = price.read(words or "")
    found = [_meant(each) for each in fee.prices]
    if not found and fee.free:
        found = [Priced(Part.USE, ALL, "", 0)]
    if fee.negotiable and not any(each.group == ALL for each in found):
        found.append(Priced(Part.USE, ALL, "", None))
    return list(dict.fromkeys(found))


def _meant(one: price.Price) -> Priced:
    """A label may name a group, a part, both or neither (校内开机费)."""
    part, group, left = Part.USE, ALL, " " + BETWEEN.sub(" ", one.label)
    for word, (means, names) in _longest():
        if names is None and word in left:
            part = means
        elif names is not None and f" {word}" in left:
            left, group = left.replace(f" {word}", " ", 1), names
    return Priced(part, group, one.per, one.fen, one.to_fen, " ".join(left.split()))


def _longest() -> list[tuple[str, tuple[Part, str | None]]]:
    return sorted(meanings().items(), key=lambda each: -len(each[0]))


async def change(
    session: AsyncSession, instrument_id: int, wanted: Change, by: By, now: datetime
) -> int:
    """Set prices from a day on; the number of the sheet. Raises NotYours, PriceUnfit."""
    instrument = await session.get(Instrument, instrument_id, with_for_update=True)
    if instrument is None:
        raise listing.NoSuchInstrument(number=f"YQ{instrument_id}")
    if "keeper" not in listing.hats(instrument, by.grants):
        raise NotYours(verb="price")
    _fit(wanted, now)
    last = select(func.max(PriceRow.sheet)).where(PriceRow.instrument_id == instrument_id)
    sheet: int | None = await session.scalar(last)
    if sheet is None:
        sheet = 1
        _add(session, instrument, Change(tuple(from_ledger(instrument.fee)), EVER), sheet, now)
    _add(session, instrument, wanted, sheet + 1, now, by.person_id)
    facts: dict[str, audit.Fact] = {"sheet": sheet + 1}
    audit.record(session, by.person_id, "price", f"instrument:{instrument_id}", facts, now)
    await session.flush()
    return sheet + 1


def _fit(wanted: Change, now: datetime) -> None:
    for each in wanted.prices:
        named = each.group in GROUPS and (not each.per or each.per in price.per_words().values())
        if not named or not all(0 <= fen <= HIGHEST for fen in (each.fen, each.to_fen) if fen):
            raise PriceUnfit
    if wanted.starts_on < now.astimezone(HERE).date():
        raise PriceUnfit


def _add(
    session: AsyncSession,
    instrument: Instrument,
    wanted: Change,
    sheet: int,
    now: datetime,
    by: int | None = None,
) -> None:
    session.add_all(
        PriceRow(
            instrument_id=instrument.id,
            sheet=sheet,
            part=each.part,
            group_key=each.group,
            per=each.per,
            fen=each.fen,
            to_fen=each.to_fen,
            label=each.label,
            starts_on=wanted.starts_on,
            made_at=now,
            by=by,
        )
        for each in wanted.prices
    )


def of_group(prices: Sequence[Priced], group: str) -> tuple[str, list[Priced]]:
    """The prices that somebody of a group pays, and the group that they are written for."""
    charged = [each for each in prices if each.part not in COSTS]
    for key in data()["groups"][group]["then"]:
        mine = [each for each in charged if each.group == key]
        if any(each.part is Part.USE for each in mine):
            common = [each for each in charged if each.group == ALL and each.part is not Part.USE]
            return key, [*mine, *(common if key != ALL else [])]
    return ALL, []


def costs(prices: Sequence[Priced]) -> list[Priced]:
    """The components that the unit publishes."""
    return [each for each in prices if each.part in COSTS]


async def next_change(session: AsyncSession, instrument_id: int, after: date) -> date | None:
    """The first day after this one on which other prices begin."""
    later = (PriceRow.instrument_id == instrument_id) & (PriceRow.starts_on > after)
    return await session.scalar(select(func.min(PriceRow.starts_on)).where(later))
