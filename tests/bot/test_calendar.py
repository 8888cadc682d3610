"""A job at an hour of the day is done once for it, and made up when it was missed."""

from datetime import datetime, time, timedelta

import pytest

from bot.calendar import Calendar, Daily
from store.database import Database

DAY = timedelta(days=1)


async def test_done_once_and_made_up(database: Database, now: datetime) -> None:
    """Two replicas, a week away, a fault."""
    did: list[datetime] = []
    clock = [now]

    async def do() -> None:
        did.append(clock[0])

    replicas = [Calendar(database, [Daily("x", time(3), do)], lambda: clock[0]) for _ in range(2)]
    assert await replicas[0].late() == {"x": timedelta(hours=7)}
    for _ in range(3):
        for replica in replicas:
            await replica.look()
    assert did == [now]
    assert await replicas[1].late() == {}
    clock[0] = now.replace(hour=2, minute=59) + 7 * DAY
    await replicas[1].look()
    clock[0] += timedelta(minutes=2)
    await replicas[1].look()
    assert did[1:] == [clock[0] - timedelta(minutes=2), clock[0]]


async def test_what_failed_is_tried_again(sqlite_database: Database, now: datetime) -> None:
    tries: list[int] = []

    async def do() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError

    calendar = Calendar(sqlite_database, [Daily("x", time(3), do)], lambda: now)
    with pytest.raises(RuntimeError):
        await calendar.look()
    await calendar.look()
    await calendar.look()
    assert len(tries) == 2


def test_only_on_its_days(now: datetime) -> None:
    """On Mondays: the last one before Friday."""

    async def do() -> None: ...

    monday = Daily("x", time(9, 30), do, lambda day: day.weekday() == 0)
    assert monday.last(now) == now.replace(hour=9, minute=30) - 4 * DAY
