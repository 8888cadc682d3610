"""The clock: a few fixed jobs, each only looking for rows that are due.

Every replica runs them all; what they do is harmless when done twice. A restart loses nothing,
for nothing is scheduled but the looking.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is looked for, and how often."""

    name: str
    every: timedelta
    look: Callable[[], Awaitable[object]]


def scheduler(jobs: Sequence[Job]) -> AsyncIOScheduler:
    """A scheduler for these jobs, not yet started."""
    made = AsyncIOScheduler(timezone="UTC")
    for job in jobs:
        made.add_job(
            _careful(job),
            "interval",
            seconds=job.every.total_seconds(),
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return made


def _careful(job: Job) -> Callable[[], Awaitable[None]]:
    """The job, whose fault ends this look and not the next."""

    async def look() -> None:
        try:
            await job.look()
        except Exception:
            log.exception("job", job=job.name)

    return look
