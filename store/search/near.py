"""How far things are, and which are nearest."""

from collections.abc import Callable, Iterable, Iterator
from math import asin, cos, radians, sin, sqrt

from pyroaring import BitMap

from store.search.base import Base
from store.search.entry import ANY

EARTH_KM = 6_371.0
FEW = 2_000
"""So many are looked at one by one; of more, the spots are taken nearest first."""

Place = tuple[float, float]
"""Latitude and longitude in degrees."""
Away = Callable[[Place], float]


def distance(here: Place, there: Place) -> float:
    """Great-circle distance in kilometres."""
    latitude, other = radians(here[0]), radians(there[0])
    across = sin((other - latitude) / 2) ** 2
    along = sin(radians(there[1] - here[1]) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, across + cos(latitude) * cos(other) * along)))


def nearest(base: Base, alive: BitMap, here: Place, limit: int) -> list[tuple[float, int]]:
    """The nearest documents whose spot is known, with their distance."""
    by_spot = _by_document if len(alive) <= FEW else _by_spot
    found: list[tuple[float, int]] = []
    for away, documents in by_spot(base, alive, here):
        found += [(away, document) for document in documents]
        if len(found) >= limit:
            break
    return found[:limit]


def _by_document(base: Base, alive: BitMap, here: Place) -> Iterator[tuple[float, Iterable[int]]]:
    spots: dict[int, list[int]] = {}
    for document in alive:
        spot = base.spot_of[document]
        if spot:
            spots.setdefault(spot - 1, []).append(document)
    for away, spot in _ordered(base, spots, here):
        yield away, spots[spot]


def _by_spot(base: Base, alive: BitMap, here: Place) -> Iterator[tuple[float, Iterable[int]]]:
    for away, spot in _ordered(base, range(len(base.latitudes)), here):
        yield away, alive & base.bits(f"@spot/{spot}", ANY)


def _ordered(base: Base, spots: Iterable[int], here: Place) -> list[tuple[float, int]]:
    latitudes, longitudes = base.latitudes, base.longitudes
    return sorted((distance(here, (latitudes[spot], longitudes[spot])), spot) for spot in spots)
