"""Which of the calendar's jobs were done: rows, so that a missed one is made up; what is late."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base
from store.person import inserting
from store.script import Script, Statement


class JobRun(Base):
    """One job done for one moment of its calendar."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]


async def done(session: AsyncSession, job: str, due_at: datetime) -> bool:
    """Whether a job was done for a moment of its calendar."""
    where = (JobRun.job == job) & (JobRun.due_at == due_at)
    return await session.scalar(select(JobRun.done_at).where(where)) is not None


async def note(session: AsyncSession, job: str, due_at: datetime, now: datetime) -> None:
    """Note that it was done; older moments are forgotten."""
    row = {"job": job, "due_at": due_at, "done_at": now}
    await session.execute(inserting(session, JobRun).values(row).on_conflict_do_nothing())
    await session.execute(delete(JobRun).where(JobRun.job == job, JobRun.due_at < due_at))


MOST = 100_000
_OWED = """
with batch(now, most) as (ROWS)
select count(*), min(due_at)
  from (select due_at from outbox
         where settled_at is null and due_at <= (select now from batch)
         order by due_at limit (select most from batch)) as late
"""


def owed(now: int) -> Script[tuple[int, int]]:
    """How many things are due (a hundred thousand at most), and since when the oldest is."""
    ((count, since),) = yield Statement(_OWED, ("bigint", "bigint"), [(now, MOST)])
    return count, since or now
