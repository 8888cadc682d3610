"""The row that replicas share: one value wins, one may force, twenty a day is too many."""

import asyncio
from datetime import datetime, timedelta

from store import platform_token
from store.database import Database
from store.platform_token import Held, Slot

SLOT: Slot = ("wx5823bf96d3bd56c7", "access_token")
GAP = timedelta(seconds=60)


async def leased(database: Database, now: datetime, most: int = 19) -> bool:
    """Whether the lease was had."""
    async with database.begin() as session:
        return await platform_token.lease(session, SLOT, now, on=now.date(), most=most, gap=GAP)


async def test_a_value_is_kept_and_replaced(database: Database, now: datetime) -> None:
    """Version by version."""
    async with database.begin() as session:
        assert await platform_token.held(session, SLOT) is None
        assert await platform_token.hold(session, SLOT, b"one", expires_at=now, over=0)
    async with database.begin() as session:
        assert await platform_token.hold(session, SLOT, b"two", expires_at=now, over=1)
        assert not await platform_token.hold(session, SLOT, b"old", expires_at=now, over=1)
    async with database.read() as session:
        assert await platform_token.held(session, SLOT) == Held(b"two", now, 2)


async def test_of_many_writers_one_wins(database: Database, now: datetime) -> None:
    """All saw the same version."""

    async def write(number: int) -> bool:
        async with database.begin() as session:
            value = str(number).encode()
            return await platform_token.hold(session, SLOT, value, expires_at=now, over=0)

    assert sum(await asyncio.gather(*(write(number) for number in range(8)))) == 1


async def test_of_many_replicas_one_may_force(database: Database, now: datetime) -> None:
    """And again only after the gap."""
    assert sum(await asyncio.gather(*(leased(database, now) for _ in range(8)))) == 1
    assert not await leased(database, now + GAP / 2)
    assert await leased(database, now + GAP)


async def test_forcing_is_rationed_by_the_day(database: Database, now: datetime) -> None:
    """The next day begins anew."""
    taken = [await leased(database, now + number * GAP, most=3) for number in range(5)]
    assert taken == [True, True, True, False, False]
    assert await leased(database, now + timedelta(days=1), most=3)


async def test_kinds_do_not_mix(database: Database, now: datetime) -> None:
    """A ticket is no token."""
    async with database.begin() as session:
        await platform_token.hold(session, SLOT, b"one", expires_at=now, over=0)
    async with database.read() as session:
        assert await platform_token.held(session, (SLOT[0], "jsapi_ticket")) is None
