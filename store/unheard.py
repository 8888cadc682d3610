"""Messages that take long: kept before their sender is told to wait, until they are answered.

Whoever hears one holds a lease on it. A process that is killed lets its leases run out, and the
message is heard by another, or by the same one started again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base
from store.conversation import Conversation, Repeat
from store.person import Person, inserting

LEASE = timedelta(minutes=2)
TRIES = 5
"""So often a message is heard before it is given up."""
SOME = 50


class Unheard(Base):
    """One message that waits for its answer."""

    __tablename__ = "unheard"

    key: Mapped[str] = mapped_column(primary_key=True)
    openid: Mapped[str]
    sealed: Mapped[bytes]
    """The message, under a key of the account's."""
    at: Mapped[datetime]
    lease_until: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)


async def keep(
    session: AsyncSession, key: str, openid: str, sealed: bytes, *, at: datetime, now: datetime
) -> None:
    """Keep a message; a lease on it begins."""
    row = {"key": key, "openid": openid, "sealed": sealed, "at": at, "tries": 0}
    adding = inserting(session, Unheard).values(**row, lease_until=now + LEASE)
    await session.execute(adding.on_conflict_do_nothing())


async def release(session: AsyncSession, key: str) -> None:
    """It is answered."""
    await session.execute(delete(Unheard).where(Unheard.key == key))


async def claim(session: AsyncSession, now: datetime) -> Sequence[Unheard]:
    """Take over those whose lease ran out, oldest first; those tried too often go."""
    await session.execute(delete(Unheard).where(Unheard.tries >= TRIES, Unheard.lease_until <= now))
    due = select(Unheard.key).where(Unheard.lease_until <= now).order_by(Unheard.at).limit(SOME)
    took = (
        update(Unheard)
        .where(Unheard.key.in_(due.with_for_update(skip_locked=True)))
        .values(lease_until=now + LEASE, tries=Unheard.tries + 1)
        .returning(Unheard)
    )
    rows = (await session.scalars(took)).all()
    return sorted(rows, key=lambda row: row.at)


async def overtaken(session: AsyncSession, row: Unheard) -> bool:
    """Whether its sender wrote again meanwhile, and it was not answered: it means nothing now."""
    answered = select(exists().where(Repeat.key == row.key))
    if await session.scalar(answered):
        return False
    later = (
        exists()
        .where(Conversation.person_id == Person.id, Person.openid == row.openid)
        .where(Conversation.heard_at > row.at)
    )
    return bool(await session.scalar(select(later)))
