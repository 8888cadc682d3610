"""The tests' own ground: databases are fresh, and only loopback is reachable."""

import asyncio
import socket
from datetime import datetime

import pytest
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import func, select, text

from store.database import Database
from store.person import Person


@pytest.mark.parametrize("time", [1, 2])
async def test_each_test_has_its_own_database(database: Database, now: datetime, time: int) -> None:
    async with database.begin() as session:
        session.add(Person(openid="a", followed_at=now))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 1
        row = (await session.scalars(select(Person))).one()
        assert row.followed_at == now


async def test_concurrent_writers_queue(database: Database) -> None:
    async def follow(n: int) -> None:
        async with database.begin() as session:
            await session.execute(text("SELECT 1"))
            session.add(Person(openid=str(n)))

    await asyncio.gather(*(follow(n) for n in range(10)))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 10


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_only_loopback_is_reachable() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))
