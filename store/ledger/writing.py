"""Writing a ledger into the catalogue: planned as a whole, written in short transactions.

An import that is cut off has written its first chunks; run again, it finds them unchanged and
goes on. Two imports at once, or a keeper's change in between, make a chunk fail: then all is
planned anew.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from store import county, organisation
from store.database import Database
from store.instrument import Instrument, Status, announce, lock_feed, remember, reserve
from store.ledger.plan import Step, plan
from store.ledger.reading import Ledger
from store.ledger.row import FACTS, Row
from store.missing import insert_missing
from store.organisation import Organisation

CHUNK = 500
"""Rows a transaction."""
BREATH = 0.005
"""Seconds between two transactions in which others may write."""
TRIES = 8
Progress = Callable[[int], None]


class Stale(Exception):  # noqa: N818 - not an error: the plan is made again
    """An instrument changed since the plan was made."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did."""

    imported: int
    updated: int
    unchanged: int
    refused: int

    def __str__(self) -> str:
        return (
            f"{self.imported} imported, {self.updated} updated, "
            f"{self.unchanged} unchanged, {self.refused} refused"
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """When, by whom and from which file an import is made."""

    now: datetime
    actor: int | None
    ledger: str


async def dry_run(database: Database, ledger: Ledger) -> Counts:
    """What `write` would do, without doing it."""
    async with database.read() as session:
        steps = await plan(session, ledger.rows)
    imported = sum(step.number is None for step in steps)
    updated = sum(bool(step.changed) for step in steps)
    return _counts(ledger, imported, updated)


async def write(
    database: Database,
    ledger: Ledger,
    now: datetime,
    progress: Progress | None = None,
    *,
    actor: int | None = None,
) -> Counts:
    """Bring the catalogue up to what the ledger says; `progress` hears how many rows were done."""
    origin = Origin(now, actor, ledger.name)
    imported = updated = done = 0
    for attempt in range(TRIES):
        async with database.read() as session:
            steps = await plan(session, ledger.rows)
        try:
            for chunk in _chunks([step for step in steps if not step.number or step.changed]):
                async with database.begin() as session:
                    added, changed = await _write(session, chunk, origin)
                imported, updated, done = imported + added, updated + changed, done + len(chunk)
                if progress:
                    progress(len(chunk))
                await asyncio.sleep(BREATH)
            break
        except (IntegrityError, Stale):
            if attempt == TRIES - 1:
                raise
    if progress:
        progress(len(ledger.rows) - done)
    return _counts(ledger, imported, updated)


def _counts(ledger: Ledger, imported: int, updated: int) -> Counts:
    unchanged = len(ledger.rows) - imported - updated
    return Counts(imported, updated, unchanged, len(ledger.problems))


def _chunks(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    for start in range(0, len(steps), CHUNK):
        yield steps[start : start + CHUNK]


async def _write(session: AsyncSession, steps: Sequence[Step], origin: Origin) -> tuple[int, int]:
    """One chunk: how many were added, and how many changed."""
    await lock_feed(session)
    places = {step.row.place for step in steps if step.row.place}
    found = await county.ensure(session, places)
    counties = {(at.city, at.name): number for at, number in found.items()}
    owners = await _owners(session, [step.row for step in steps], counties, origin)
    new = [step for step in steps if step.number is None]
    old = [step for step in steps if step.number is not None]
    values = [_new(step, owners, counties, origin) for step in new]
    numbers = await _add(session, values)
    await _change(session, old, counties, origin)
    changes: list[tuple[int, int, dict[str, Any]]] = [(number, 1, {}) for number in numbers]
    changes += [(step.number or 0, step.version + 1, step.changed or {}) for step in old]
    entry = {"at": origin.now, "actor_id": origin.actor, "verb": "import"}
    await remember(
        session,
        [
            entry | {"instrument_id": number, "version": version, "changed": changed}
            for number, version, changed in changes
        ],
    )
    await announce(session, [number for number, _, _ in changes], origin.now)
    return len(new), len(old)


Counties = dict[tuple[str, str], int]


def _county(row: Row, counties: Counties) -> int | None:
    return counties[row.place.city, row.place.name] if row.place else None


async def _owners(
    session: AsyncSession, rows: Sequence[Row], counties: Counties, origin: Origin
) -> dict[str, int]:
    """Numbers of the rows' organisations; the missing ones are added as their first row says."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.unit_key, row)
    keys = list(first)
    there = await organisation.numbers(session, keys)
    missing = [first[key] for key in keys if key not in there]
    values = [_owner(row, counties, origin) for row in missing]
    await insert_missing(session, Organisation, values, ("key",))
    return await organisation.numbers(session, keys) if missing else there


def _owner(row: Row, counties: Counties, origin: Origin) -> dict[str, Any]:
    return {
        "name": row.unit,
        "key": row.unit_key,
        "kind": row.unit_kind or organisation.kind_by_name(row.unit),
        "county_id": _county(row, counties),
        "address": row.unit_address,
        "contact": None,
        "phone": None,
        "ledger": origin.ledger,
        "version": 1,
        "changed_at": origin.now,
    }


def _new(step: Step, owners: dict[str, int], counties: Counties, origin: Origin) -> dict[str, Any]:
    facts = {name: getattr(step.row.facts, name) for name in FACTS}
    return facts | {
        "organisation_id": owners[step.row.unit_key],
        "county_id": _county(step.row, counties),
        "likeness": step.likeness,
        "copy": step.copy,
        "photos": [],
        "latitude": None,
        "longitude": None,
        "status": Status.LISTED,
        "reason": None,
        "ledger": origin.ledger,
        "version": 1,
        "changed_at": origin.now,
    }


async def _add(session: AsyncSession, values: list[dict[str, Any]]) -> list[int]:
    """Insert under numbers taken beforehand: one statement for all, in the ledger's order."""
    if not values:
        return []
    numbers = await reserve(session, len(values))
    table: Any = Instrument.__table__
    numbered = [{"id": number, **row} for number, row in zip(numbers, values, strict=True)]
    await session.execute(insert(table), numbered)
    return numbers


async def _change(
    session: AsyncSession, steps: Sequence[Step], counties: Counties, origin: Origin
) -> None:
    """Update what is as it was when the plan was made; raises Stale where something is not."""
    if not steps:
        return
    versions = {step.number: step.version for step in steps}
    held = select(Instrument.id, Instrument.version).where(Instrument.id.in_(versions))
    found = await session.execute(held.with_for_update())
    if {row.id: row.version for row in found} != versions:
        raise Stale
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for step in steps:
        values = _changed(step, counties, origin)
        alike[tuple(values)].append({"number": step.number, **values})
    table: Any = Instrument.__table__
    for names, rows in alike.items():
        setting: dict[Any, Any] = {table.c[name]: bindparam(f"new_{name}") for name in names}
        setting[table.c.version] = table.c.version + 1
        one = update(table).where(table.c.id == bindparam("number")).values(setting)
        await session.execute(one, [_bound(row) for row in rows])


def _changed(step: Step, counties: Counties, origin: Origin) -> dict[str, Any]:
    """The columns that an update sets, in the table's order."""
    changed = step.changed or {}
    values = {name: getattr(step.row.facts, name) for name in FACTS if name in changed}
    if "county" in changed:
        values["county_id"] = _county(step.row, counties)
    return values | {"likeness": step.likeness, "copy": step.copy, "changed_at": origin.now}


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    return {name if name == "number" else f"new_{name}": value for name, value in row.items()}
