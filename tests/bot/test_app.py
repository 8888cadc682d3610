"""The account as a whole: what it answers over HTTP, and when it calls itself well."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import topics
from bot.app import STALLED, Account
from bot.sandbox.platform_account import Clock
from tests.conversations.running import settings

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def moving(now: datetime) -> Clock:
    """A clock moved by hand."""
    return Clock(lambda: now)


@pytest.fixture
async def account(sqlite_url: str, moving: Clock) -> AsyncIterator[Account]:
    """An account with an empty catalogue."""
    told = settings(sqlite_url, 8080, "http://127.0.0.1:1")
    async with Account.opened(told, moving) as account:
        yield account


@pytest.fixture
async def client(account: Account) -> AsyncIterator[Client]:
    """Its application."""
    async with TestClient(TestServer(account.application())) as client:
        yield client


async def test_not_well_before_the_catalogue_is_known(account: Account, client: Client) -> None:
    assert (await client.get("/healthz")).status == 503
    await account.follow()
    well = await client.get("/healthz")
    assert (well.status, await well.text()) == (200, "0 instruments, told all\n")


async def test_not_well_when_nothing_ticks(account: Account, client: Client, moving: Clock) -> None:
    await account.follow()
    moving.forward(STALLED + timedelta(seconds=1))
    stalled = await client.get("/healthz")
    assert (stalled.status, await stalled.text()) == (503, "scheduler stands still\n")
    await account.follow()
    assert (await client.get("/healthz")).status == 200


async def test_what_prometheus_reads(account: Account, client: Client) -> None:
    await account.follow()
    told = await client.get("/metrics")
    assert told.content_type == "text/plain"
    assert "yixiang_" in await told.text()


@pytest.mark.parametrize(
    "path", ["/", "/sandbox", "/sandbox/", "/sandbox/platform/cgi-bin/token", "/wechat/", "/f/"]
)
async def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_the_door_is_closed_to_strangers(client: Client) -> None:
    assert (await client.get("/wechat")).status == 403
    assert (await client.post("/wechat", data=b"<xml></xml>")).status == 403


def test_every_flow_that_a_handler_begins_is_known() -> None:
    begun = {
        route.flow
        for router in topics.ROUTERS
        for _, route in router.patterns
        if route.flow is not None
    }
    assert begun <= set(topics.FLOWS)
    assert len({flow.name for flow in topics.FLOWS}) == len(topics.FLOWS)
