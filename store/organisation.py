"""Organisations (管理单位、企业…): who answers for instruments, and for whom people work."""

import tomllib
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.missing import insert_missing
from store.wording import fold, tidy


class Kind(StrEnum):
    """What an organisation is; its words stand in store/organisations.toml."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    HOSPITAL = "hospital"
    TESTING = "testing"
    COMPANY = "company"
    OTHER = "other"


class Organisation(Base):
    """One organisation. Its contact for instruments is public, as the ledger publishes it."""

    __tablename__ = "organisation"
    __table_args__ = (NUMBERED,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    """The name folded: the same for every way to write it."""
    kind: Mapped[Kind]
    county_id: Mapped[int | None] = mapped_column(Key, ForeignKey("county.id"), index=True)
    address: Mapped[str | None]
    contact: Mapped[str | None]
    phone: Mapped[str | None]
    ledger: Mapped[str | None]
    """The file that first named it."""
    version: Mapped[int]
    changed_at: Mapped[datetime]


@cache
def kinds() -> dict[Kind, dict[str, Any]]:
    """All kinds with their words, in the order in which they are tried."""
    data = tomllib.loads(Path(__file__).with_name("organisations.toml").read_text("utf-8"))
    return {Kind(kind): words for kind, words in data.items()}


def label(kind: Kind) -> str:
    """A kind as people read it."""
    return str(kinds()[kind]["label"])


@lru_cache(maxsize=1 << 12)
def kind_of(words: str) -> Kind | None:
    """The kind that a ledger's column names."""
    text = fold(words)
    for kind, data in kinds().items():
        if text == data["label"] or any(word in text for word in data["words"]):
            return kind
    return None


@lru_cache(maxsize=1 << 14)
def kind_by_name(name: str) -> Kind:
    """The kind that a name speaks of."""
    text = fold(name)
    ends = [
        (text.rfind(word) + len(word), kind)
        for kind, data in kinds().items()
        for word in data["names"]
        if word in text
    ]
    return max(ends, key=lambda end: end[0])[1] if ends else Kind.OTHER


async def by_name(session: AsyncSession, name: str) -> Organisation | None:
    """The organisation of that name, however it is written."""
    return (
        await session.scalars(select(Organisation).where(Organisation.key == fold(name)))
    ).one_or_none()


async def numbers(session: AsyncSession, keys: Sequence[str]) -> dict[str, int]:
    """Numbers of the organisations with these folded names."""
    found = await session.execute(
        select(Organisation.key, Organisation.id).where(Organisation.key.in_(keys))
    )
    return {row.key: row.id for row in found}


async def add(session: AsyncSession, name: str, now: datetime) -> int:
    """The number of the organisation of that name, added if it is not there."""
    key = fold(name)
    row = {
        "name": tidy(name),
        "key": key,
        "kind": kind_by_name(name),
        "version": 1,
        "changed_at": now,
    }
    await insert_missing(session, Organisation, [row], ("key",))
    return (await numbers(session, [key]))[key]


async def names(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    """Names of organisations by number."""
    if not ids:
        return {}
    found = await session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    )
    return {row.id: row.name for row in found}


async def matching(session: AsyncSession, words: str, limit: int = 40) -> list[Organisation]:
    """Organisations whose name has these words in it, shorter names first."""
    part = fold(words)
    if not part:
        return []
    within = Organisation.key.contains(part, autoescape=True)
    query = select(Organisation).where(within).order_by(func.length(Organisation.key))
    return list(await session.scalars(query.order_by(Organisation.id).limit(limit)))


async def county_of(session: AsyncSession, number: int) -> int | None:
    """In which county an organisation is."""
    return await session.scalar(select(Organisation.county_id).where(Organisation.id == number))
