"""The text of every policy that was ever in force: what was decided under it can be read again."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.policies.policy import Policy


class PolicyVersion(Base):
    """One text of one region's policy, and when it first was in force here."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("region", "hash"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region: Mapped[str]
    hash: Mapped[str]
    text: Mapped[str]
    since: Mapped[datetime]


async def in_force(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """Keep this policy's text, once, and give the number that records point to."""
    return await keep_text(session, policy.code, policy.hash, policy.text, now)


async def keep_text(session: AsyncSession, code: str, digest: str, text: str, now: datetime) -> int:
    """Keep a text of rules under its code, once; the number that records point to."""
    same = select(PolicyVersion.id).where(
        PolicyVersion.region == code, PolicyVersion.hash == digest
    )
    known = await session.scalar(same)
    if known is not None:
        return known
    row = {"region": code, "hash": digest, "text": text, "since": now}
    embedded = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if embedded else postgresql.insert
    await session.execute(insert(PolicyVersion).values(**row).on_conflict_do_nothing())
    return (await session.execute(same)).scalar_one()
