"""The clock: a few fixed jobs, each only looking for rows that are due.

Every replica runs them all; what they do is harmless when done twice. A restart loses nothing,
for nothing is scheduled but the looking.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is looked for, and how often."""

    name: str
    every: timedelta
    look: Callable[[], Awaitable[object]]


class Clockwork:
    """The scheduler with its jobs; what is under way when it stops is let finish."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._looking: set[asyncio.Task[None] | None] = set()
        self._running: set[str] = set()
        for job in jobs:
            self._scheduler.add_job(
                partial(self._look, job),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                coalesce=True,
                max_instances=2,  # the second finds the first at work, and lets it be
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more: APScheduler would cancel a job in the middle of its transaction."""
        self._scheduler.pause()
        while under_way := {task for task in self._looking if task is not None}:
            await asyncio.wait(under_way)
        self._scheduler.shutdown(wait=False)

    async def _look(self, job: Job) -> None:
        """Run a job unless it is under way; its fault ends this look and not the next."""
        if job.name in self._running:
            return
        task = asyncio.current_task()
        self._looking.add(task)
        self._running.add(job.name)
        try:
            await job.look()
        except Exception:
            log.exception("job", job=job.name)
        finally:
            self._running.discard(job.name)
            self._looking.discard(task)
