"""What delivery need not remember for ever: old notices, counts of past days, stops that ended."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.delivery import Delivery
from store.outbox import Outbox, Outcome
from store.reach import Quota, Stop

REMEMBERED = timedelta(days=180)
"""How long what was told, and what became of it, can be looked up."""
COUNTED = timedelta(days=2)
AT_ONCE = 2_000


async def forget(session: AsyncSession, now: datetime) -> int:
    """Forget what is old, so many notices at a time; how many notices were forgotten."""
    await session.execute(delete(Quota).where(Quota.begins_at < now - COUNTED))
    await session.execute(delete(Stop).where(Stop.until < now))
    old = Outbox.settled_at < now - REMEMBERED
    told = Outbox.outcome != Outcome.KEPT
    ids = list(await session.scalars(select(Outbox.id).where(old, told).limit(AT_ONCE)))
    await session.execute(delete(Delivery).where(Delivery.outbox_id.in_(ids)))
    await session.execute(delete(Outbox).where(Outbox.id.in_(ids)))
    return len(ids)
