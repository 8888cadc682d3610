"""The platform's codes that carry a scene: made once for each, because there are only so many."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base
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
