"""Jobs at an hour of the day: each is done once for each of its moments, and made up if missed.

The clock only looks (bot/jobs.py); what was done is a row (store/job.py). Two replicas may do the
same at the same moment: what is done here is harmless twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.kit.moments import HERE
from store import job
from store.database import Database

BACK = 400
"""Days that are looked back for the last moment of a calendar."""


def every_day(_day: date) -> bool:
    """Each day."""
    return True


@dataclass(frozen=True, slots=True)
class Daily:
    """What is done at an hour of the days that it is for, by the clock of China."""

    name: str
    at: time
    do: Callable[[], Awaitable[object]]
    on: Callable[[date], bool] = every_day

    def last(self, now: datetime) -> datetime:
        """The last moment at which it was due."""
        today = now.astimezone(HERE).date()
        days = (today - timedelta(days=n) for n in range(BACK))
        due = (datetime.combine(day, self.at, HERE) for day in days if self.on(day))
        return next(moment for moment in due if moment <= now)


@dataclass(frozen=True)
class Calendar:
    """All of them."""

    database: Database
    dailies: Sequence[Daily]
    clock: Callable[[], datetime]

    async def look(self) -> None:
        """Do what is due and not done."""
        for daily in self.dailies:
            due = daily.last(self.clock())
            async with self.database.read() as session:
                if await job.done(session, daily.name, due):
                    continue
            await daily.do()
            async with self.database.begin() as session:
                await job.note(session, daily.name, due, self.clock())

    async def late(self) -> dict[str, timedelta]:
        """How long each that is due has not been done."""
        now, late = self.clock(), {}
        async with self.database.read() as session:
            for daily in self.dailies:
                due = daily.last(now)
                if not await job.done(session, daily.name, due):
                    late[daily.name] = now - due
        return late
