"""A stand-in for the platform on loopback, and our client in front of it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from bot.sandbox.platform import Platform
from bot.sandbox.platform_account import Account, Clock, Mode
from bot.wechat.client import Client, Settings
from bot.wechat.token import Vault
from store.database import Database
from tests.bot.sandbox.api import Caller

Make = Callable[..., Client]
FOLLOWER = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
OTHER = "o6_bmjrPTlm6_2sgVt7hMZOPfL2N"
SECRET = "a-secret-that-nobody-may-see"


def asked(platform: Platform) -> Counter[str]:
    """How often each path was called."""
    return Counter(e.address.split("/cgi-bin/")[-1] for e in platform.exchanges)


class Upturned:
    """The cheapest seal: tells apart what is sealed and what is not."""

    @staticmethod
    def turn(value: bytes) -> bytes:
        """Seal or unseal."""
        return bytes(255 - byte for byte in value)


class Phones:
    """What the followers' phones show."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, openid: str, message: dict[str, Any]) -> None:
        """Take a message."""
        self.shown.append((openid, message))

    def of(self, openid: str) -> list[dict[str, Any]]:
        """One phone's."""
        return [message for whose, message in self.shown if whose == openid]


@pytest.fixture
def service_account() -> Account:
    """A verified service account in safe mode."""
    return Account("wx5823bf96d3bd56c7", SECRET, "QDG6eK", "A" * 43, Mode.SAFE)


@pytest.fixture
def clock(now: datetime) -> Clock:
    """The time in the sandbox, standing still unless moved."""
    return Clock(lambda: now)


@pytest.fixture
def phones() -> Phones:
    """The followers' phones."""
    return Phones()


@pytest.fixture
async def platform(
    service_account: Account, clock: Clock, phones: Phones
) -> AsyncIterator[Platform]:
    """The stand-in, with no door to knock at."""
    platform = Platform(service_account, "", clock, phones)
    yield platform
    await platform.settle()
    await platform.close()


@pytest.fixture
async def server(platform: Platform) -> AsyncIterator[TestServer]:
    """The stand-in's API on loopback."""
    server = TestServer(platform.app())
    await server.start_server()
    yield server
    platform._api.closing.set()
    await server.close()


@pytest.fixture
async def make_client(
    server: TestServer, sqlite_database: Database, clock: Clock
) -> AsyncIterator[Make]:
    """Makes clients that share one database, as replicas do."""
    sessions: list[ClientSession] = []

    def make(**changes: Any) -> Client:
        sessions.append(ClientSession())
        database = changes.pop("database", sqlite_database)
        told = {
            "appid": "wx5823bf96d3bd56c7",
            "secret": SECRET,
            "base": str(server.make_url("")).rstrip("/"),
            "patience": (0, 0),
        } | changes
        turn = Upturned.turn
        return Client(
            Settings(**told), sessions[-1], lambda slot: Vault(database, slot, turn, turn), clock
        )

    yield make
    for session in sessions:
        await session.close()


@pytest.fixture
async def client(make_client: Make) -> Client:
    """Our client."""
    return make_client()


@pytest.fixture
def follower(platform: Platform) -> str:
    """Somebody who wrote a moment ago."""
    platform.world.meet(FOLLOWER).heard_at = platform.clock()
    platform.world.grant(FOLLOWER, "message")
    return FOLLOWER


@pytest.fixture
async def caller(platform: Platform, server: TestServer) -> AsyncIterator[Caller]:
    """A bare caller of the stand-in's API; two people are known to it."""
    platform.world.meet(FOLLOWER)
    platform.world.meet(OTHER)
    async with ClientSession() as http:
        yield Caller(platform, server, http)
