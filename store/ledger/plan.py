"""What an import will do, row by row, told by reading only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.county import County
from store.instrument import Instrument, likeness
from store.ledger.match import Known, Pairing, as_kept, fact
from store.ledger.row import FACTS, Row
from store.organisation import Organisation

OWNERS_AT_ONCE = 100
COLUMNS = ("id", "version", "likeness", "copy", "county_id", *FACTS)


@dataclass(slots=True)
class Step:
    """One row's fate: new where nothing is known, unchanged where nothing changed."""

    row: Row
    likeness: str
    copy: int
    number: int | None = None
    """The instrument that the row speaks of; nothing when it is new."""
    version: int = 0
    changed: dict[str, list[Any]] | None = None
    """What changes, from what, to what, as JSON."""


async def plan(session: AsyncSession, rows: Sequence[Row]) -> list[Step]:
    """A step for every row, in the ledger's order."""
    places = await _counties(session)
    owned: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        owned[row.unit_key].append(at)
    steps: dict[int, Step] = {}
    keys = list(owned)
    for start in range(0, len(keys), OWNERS_AT_ONCE):
        some = keys[start : start + OWNERS_AT_ONCE]
        known = await _known(session, some)
        for key in some:
            mine = [rows[at] for at in owned[key]]
            made = _steps(mine, known.get(key, []), places)
            steps.update(zip(owned[key], made, strict=True))
    return [steps[at] for at in range(len(rows))]


async def _counties(session: AsyncSession) -> dict[int, tuple[str, str]]:
    found = await session.execute(select(County.id, County.city, County.name))
    return {number: (city, name) for number, city, name in found}


async def _known(session: AsyncSession, keys: Sequence[str]) -> dict[str, list[Known]]:
    columns = [Instrument.__table__.c[name] for name in COLUMNS]
    query = (
        select(Organisation.key, *columns)
        .join(Instrument, Instrument.organisation_id == Organisation.id)
        .where(Organisation.key.in_(keys))
        .order_by(Instrument.id)
    )
    known: defaultdict[str, list[Known]] = defaultdict(list)
    for key, *values in await session.execute(query):
        number, version, alike, copy, county_id, *facts = values
        known[key].append(Known(number, version, alike, copy, county_id, tuple(facts)))
    return known


def _steps(
    rows: Sequence[Row], known: Sequence[Known], places: dict[int, tuple[str, str]]
) -> Iterable[Step]:
    """One organisation's steps; copies of a likeness are numbered on from those it has."""
    pairing = Pairing(rows, known)
    pairs = pairing.run()
    copies: defaultdict[str, int] = defaultdict(int)
    for one in known:
        copies[one.likeness] = max(copies[one.likeness], one.copy)
    for at, row in enumerate(rows):
        mine, pair = likeness(row.facts.name, row.facts.model), pairs.get(at)
        if pair and pair.likeness == mine:
            copy = pair.copy
        else:
            copies[mine] += 1
            copy = copies[mine]
        if pair:
            changed = _changes(row, pair, places, same=at in pairing.same)
            yield Step(row, mine, copy, pair.id, pair.version, changed or None)
        else:
            yield Step(row, mine, copy)


def _changes(
    row: Row, known: Known, places: dict[int, tuple[str, str]], *, same: bool
) -> dict[str, list[Any]]:
    changed: dict[str, list[Any]] = {}
    for name in () if same else row.spoken:
        old, new = as_kept(fact(known, name)), as_kept(fact(row, name))
        if old != new:
            changed[name] = [_json(old), _json(new)]
    if row.place:
        old_place = places.get(known.county_id or 0)
        if old_place != (row.place.city, row.place.name):
            changed["county"] = [old_place[1] if old_place else None, row.place.name]
    return changed


def _json(value: Any) -> Any:  # noqa: ANN401 - any column's
    return value.isoformat() if isinstance(value, date) else value
