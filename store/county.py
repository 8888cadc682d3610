"""Counties (县、区、市、旗): where organisations and instruments are."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.missing import insert_missing
from store.wording import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A county by its names; the city is empty where nothing told it."""

    name: str
    city: str = ""
    province: str = ""
    region: str | None = None
    """The code of the region that the account is run for, where the county is one of its own."""
    latitude: float | None = None
    longitude: float | None = None


class County(Base):
    """One county, or a prefecture where a province is looked after by prefecture."""

    __tablename__ = "county"
    __table_args__ = (UniqueConstraint("city", "name"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    city: Mapped[str]
    province: Mapped[str]
    region: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("counties.toml").read_text("utf-8"))


@cache
def known() -> tuple[Place, ...]:
    """All counties of store/counties.toml."""
    return tuple(
        Place(name, region.get("city", name), region["province"], code, *centre)
        for code, region in _data().items()
        for name, centre in region["counties"].items()
    )


@cache
def _short() -> tuple[tuple[re.Pattern[str], Place], ...]:
    """How a county of ours is written without its last character, or otherwise for short."""
    counties = [place for place in known() if place.name != place.city]
    also = {
        name: [word for word, full in region.get("also", {}).items() if full == name]
        for region in _data().values()
        for name in region["counties"]
    }
    short = [
        (word, place)
        for place in counties
        for word in (place.name[:-1], *also[place.name])
        if len(word) > 1
    ]
    return tuple(
        (re.compile(rf"(?:{place.province})?(?:{place.city})?{word}(?![市盟州])"), place)
        for word, place in short
    )


PROVINCE = re.compile(
    r"(?:中国)?((?:[\u4e00-\u9fff]{2,3}省|内蒙古(?:自治区)?|新疆(?:维吾尔)?(?:自治区)?"
    r"|广西(?:壮族)?(?:自治区)?|宁夏(?:回族)?(?:自治区)?|西藏(?:自治区)?))"
)
CITY = re.compile(r"([\u4e00-\u9fff]{2,6}?(?:市|盟|自治州|州|地区))(?!区|县)")
COUNTY = re.compile(r"([\u4e00-\u9fff]{1,12}?(?:自治县|自治旗|区|县|市|旗))")
ZONE = re.compile(r"(开发|园|高新|经开|示范|小|社|校|厂|院|景|片|库|矿|工业|产业|保税|科技)区$")
NOWHERE = re.compile(r"^(市(直|本级|属).*|省(直|属).*|本市|全市|其他)$")


@lru_cache(maxsize=1 << 16)
def locate(address: str) -> Place | None:
    """The county that an address or an organisation's name speaks of, if it does."""
    text = fold(address)
    province = PROVINCE.match(text)
    rest = text[province.end() :] if province else text
    city = CITY.match(rest)
    named = _named(text, city[1] if city else "")
    if named:
        return named
    return _unknown(
        rest[city.end() :] if city else rest,
        city[1] if city else "",
        province[1] if province else "",
    )


def named(cell: str) -> Place | None:
    """The county that a cell of a county column names: `平遥`, `平遥县`, `晋中市平遥县`."""
    found = locate(cell)
    if found or NOWHERE.match(fold(cell)) or not 1 < len(fold(cell)) <= 12:
        return found
    return Place(fold(cell))


def _named(text: str, city: str) -> Place | None:
    """A county of ours: by its full name wherever it stands first, else by its short one."""
    places = [place for place in known() if place.name != place.city]
    found = [(text.find(place.name), place) for place in places if place.name in text]
    found = [(at, place) for at, place in found if city in ("", place.city, place.name)]
    if found:
        return min(found, key=lambda pair: pair[0])[1]
    return next((place for short, place in _short() if short.match(text)), None)


def _unknown(rest: str, city: str, province: str) -> Place | None:
    found = COUNTY.match(rest)
    if not found or ZONE.search(found[1]) or len(found[1]) < 2:
        return None
    return Place(found[1], city, province)


async def ensure(session: AsyncSession, places: Iterable[Place]) -> dict[Place, int]:
    """Numbers of the counties, added where they were missing."""
    wanted = {(place.city, place.name): place for place in places}
    rows = [
        {key: getattr(place, key) for key in Place.__slots__} for _, place in sorted(wanted.items())
    ]
    await insert_missing(session, County, rows, ("city", "name"))
    found = await session.execute(select(County.city, County.name, County.id))
    numbers = {(city, name): number for city, name, number in found}
    return {place: numbers[key] for key, place in wanted.items()}


async def name(session: AsyncSession, number: int) -> str:
    """The name of a county by its number; empty where there is none."""
    return await session.scalar(select(County.name).where(County.id == number)) or ""
