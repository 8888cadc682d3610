"""Codes to stick on instruments; the platform's are made once each, for there are only so many."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base
from store.instrument import Instrument, Status
from store.organisation import Organisation
from store.person import inserting


class SceneCode(Base):
    """What the platform gave for one scene (`YQ12`) of one account."""

    __tablename__ = "scene_code"

    account: Mapped[str] = mapped_column(primary_key=True)
    """The account's appid."""
    scene: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    """What the code says."""
    made_at: Mapped[datetime]


async def known(session: AsyncSession, account: str) -> dict[str, str]:
    """What every code of an account says, by its scene."""
    rows = await session.scalars(select(SceneCode).where(SceneCode.account == account))
    return {row.scene: row.address for row in rows}


async def keep(
    session: AsyncSession, account: str, scene: str, address: str, now: datetime
) -> None:
    """Keep what the platform gave."""
    row = {"account": account, "scene": scene, "address": address, "made_at": now}
    await session.execute(inserting(session, SceneCode).values(**row).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Labelled:
    """An instrument that gets a label."""

    id: int
    name: str
    organisation: str

    @property
    def number(self) -> str:
        """`YQ12`: also what its code says."""
        return f"YQ{self.id}"


async def to_label(session: AsyncSession, organisation_id: int | None) -> list[Labelled]:
    """The instruments in use, of one organisation or of all, by organisation and number."""
    query = (
        select(Instrument.id, Instrument.name, Instrument.model, Organisation.name)
        .join(Organisation, Organisation.id == Instrument.organisation_id)
        .where(Instrument.status != Status.WITHDRAWN)
        .order_by(Organisation.id, Instrument.id)
    )
    if organisation_id is not None:
        query = query.where(Instrument.organisation_id == organisation_id)
    found = await session.execute(query)
    return [
        Labelled(number, " ".join(filter(None, (name, model))), unit)
        for number, name, model, unit in found
    ]
