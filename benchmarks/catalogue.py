"""Catalogues of any size and the questions put to them: realistic in kind, the same for a seed."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from store.county import County
from store.database import Database
from store.instrument import Instrument, Status, announce
from store.organisation import Kind as Kinds
from store.organisation import Organisation

WORDS = Path(__file__).with_name("catalogue.toml")
ORGANISATIONS = 900
BATCH = 2_000
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of instrument, as the words file describes it."""

    name: str
    category: str
    makes: tuple[tuple[str, str], ...]
    functions: tuple[str, ...]
    fields: tuple[str, ...]
    fee: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One organisation."""

    name: str
    county: str
    address: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Made:
    """One instrument."""

    id: int
    kind: Kind
    unit: Unit
    name: str
    maker: str
    model: str
    functions: str
    fields: str
    fee: str
    modes: tuple[str, ...]
    open_hours: str
    worth_fen: int
    paused: bool


@cache
def words() -> dict[str, Any]:
    """The words file."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of instrument."""
    return tuple(_kind(line) for line in words()["kinds"])


def _kind(line: str) -> Kind:
    name, category, makes, functions, fields, fee = line.replace("x|ray", "x-ray").split("|")
    pairs = (make.split(" ", 1) for make in makes.split(";"))
    return Kind(
        name,
        category,
        tuple((maker, model) for maker, model in pairs),
        tuple(functions.split("、")),
        tuple(fields.split(",")),
        fee,
    )


def units(rng: random.Random, count: int = ORGANISATIONS) -> list[Unit]:
    """Organisations spread over the counties."""
    w = words()
    found = []
    for n in range(count):
        county, latitude, longitude = rng.choice(w["counties"])
        name = rng.choice(w["heads"]) + rng.choice(w["middles"]) + rng.choice(w["tails"])
        address = f"晋中市{county}科创路{rng.randint(1, 400)}号"
        at = latitude + rng.gauss(0, 0.03), longitude + rng.gauss(0, 0.03)
        found.append(Unit(name if n % 3 else f"{name}第{n % 9 + 1}分部", county, address, *at))
    return found


def instruments(count: int, seed: int = SEED) -> Iterator[Made]:
    """That many instruments, numbered from 1."""
    rng = random.Random(seed)
    places = units(rng)
    for number in range(1, count + 1):
        yield _made(number, rng, rng.choice(places))


def _made(number: int, rng: random.Random, unit: Unit) -> Made:
    kind, w = rng.choice(kinds()), words()
    maker, model = rng.choice(kind.makes)
    if rng.random() < 0.4:
        model += f"-{rng.choice('ABCDEFHKLMNPRSTUVX')}{rng.randint(1, 999)}"
    extra = (rng.choice(w["objects"]) + rng.choice(w["works"]) for _ in range(rng.randint(1, 5)))
    return Made(
        id=number,
        kind=kind,
        unit=unit,
        name=rng.choice(w["before"]) + kind.name + rng.choice(w["after"]),
        maker=maker,
        model=model,
        functions="、".join((*kind.functions, *extra)),
        fields=",".join({*kind.fields, rng.choice(w["fields"])} - {""}),
        fee=kind.fee if rng.random() < 0.9 else "",
        modes=tuple(sorted(rng.sample(w["modes"], rng.randint(1, 2)))),
        open_hours=rng.choice(w["hours"]),
        worth_fen=rng.randint(200_000, 9_000_000) * 100,
        paused=rng.random() < 0.03,
    )


def questions(count: int, seed: int = SEED) -> list[str]:
    """That many questions, all different, as people put them to a catalogue."""
    rng = random.Random(seed + 1)
    w, found = words(), dict[str, None]()
    while len(found) < count:
        found[_question(rng, w)] = None
        if len(found) * 2 > count and rng.random() < 0.5:
            found[f"{_question(rng, w)} {rng.choice(w['objects'])}"] = None
    return list(found)[:count]


def _question(rng: random.Random, w: dict[str, Any]) -> str:
    kind = rng.choice(kinds())
    maker, model = rng.choice(kind.makes)
    return str(rng.choice(w["asked"])).format(
        k=kind.name,
        m=model + (f"-{rng.randint(1, 999)}" if rng.random() < 0.2 else ""),
        b=maker,
        c=str(rng.choice(w["counties"])[0])[:2],
        o=rng.choice(w["objects"]),
        w=rng.choice(w["works"]),
        s=rng.choice(w["short"]),
        p=rng.choice(w["single"]),
        q=f"{rng.choice(w['short'])} {rng.choice(w['objects'])}",
    )


def zipf(count: int, distinct: int = 2_000, seed: int = SEED) -> Iterator[str]:
    """Questions as they come in life: the n-th in favour 1/n as often as the first."""
    rng = random.Random(seed + 2)
    weights = [1 / rank for rank in range(1, distinct + 1)]
    yield from rng.choices(questions(distinct, seed), weights, k=count)


async def fill(database: Database, count: int, now: datetime) -> None:
    """Put a catalogue into an empty database: counties, organisations, instruments."""
    made = instruments(count)
    async with database.begin() as session:
        await session.execute(insert(County), _counties())
    numbers: dict[str, int] = {}
    places = {county[0]: n for n, county in enumerate(words()["counties"], 1)}
    while batch := list(islice(made, BATCH)):
        fresh = {made.unit.name: made.unit for made in batch if made.unit.name not in numbers}
        numbers |= {name: len(numbers) + n for n, name in enumerate(fresh, 1)}
        async with database.begin() as session:
            if fresh:
                rows = [_organisation(unit, numbers, places, now) for unit in fresh.values()]
                await session.execute(insert(Organisation), rows)
            await session.execute(
                insert(Instrument), [_row(made, numbers, places, now) for made in batch]
            )
            await announce(session, [made.id for made in batch], now)


def _counties() -> list[dict[str, Any]]:
    return [
        {"name": name, "city": "", "province": "", "latitude": north, "longitude": east}
        for name, north, east in words()["counties"]
    ]


def _organisation(
    unit: Unit, numbers: dict[str, int], places: dict[str, int], now: datetime
) -> dict[str, Any]:
    return {
        "id": numbers[unit.name],
        "name": unit.name,
        "key": unit.name,
        "kind": Kinds.OTHER,
        "county_id": places[unit.county],
        "address": unit.address,
        "phone": "0354-5550100",
        "version": 1,
        "changed_at": now,
    }


def _row(
    made: Made, numbers: dict[str, int], places: dict[str, int], now: datetime
) -> dict[str, Any]:
    return {
        "id": made.id,
        "organisation_id": numbers[made.unit.name],
        "likeness": made.name,
        "copy": made.id,
        "county_id": places[made.unit.county],
        "name": made.name,
        "model": made.model,
        "maker": made.maker,
        "category": made.kind.category,
        "worth_fen": made.worth_fen,
        "functions": made.functions,
        "fields": made.fields,
        "open_hours": made.open_hours,
        "service_modes": list(made.modes),
        "fee": made.fee,
        "prices": [],
        "photos": [],
        "address": made.unit.address,
        "phone": "0354-5550101",
        "latitude": made.unit.latitude,
        "longitude": made.unit.longitude,
        "status": Status.PAUSED if made.paused else Status.LISTED,
        "version": 1,
        "changed_at": now,
    }
