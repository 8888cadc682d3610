"""Who may come in to the page, and what it takes."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import ClientSession

from bot.sandbox.guard import is_loopback
from tests.bot.sandbox.account import FakeAccount

SAY = {"phone": "researcher", "text": "你好"}


@pytest.fixture
async def account() -> AsyncIterator[FakeAccount]:
    async with FakeAccount() as account:
        yield account


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as http:
        yield http


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_loopback(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "localhost.evil.example", "127.0.0.1.evil", "", None]
)
def test_everything_else_is_not(address: str | None) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("evil.example:8080", 403),
        ("127.0.0.1.nip.io", 403),
        ("[::1", 403),
        ("localhost:8080", 200),
        ("[::1]:8080", 200),
        ("127.0.0.1", 200),
    ],
)
@pytest.mark.parametrize("path", ["/sandbox/", "/sandbox/static/main.js"])
async def test_a_rebound_name_is_refused(
    account: FakeAccount, http: ClientSession, host: str, status: int, path: str
) -> None:
    async with http.get(account.address + path, headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://["}, 403),
    ],
)
async def test_other_sites_cannot_act(
    account: FakeAccount, http: ClientSession, headers: dict[str, str], status: int
) -> None:
    address = f"{account.address}/sandbox/do/say"
    async with http.post(address, json=SAY, headers=headers) as response:
        assert response.status == status
    assert account.heard == []


async def test_other_sites_cannot_listen(account: FakeAccount, http: ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    async with http.get(f"{account.address}/sandbox/live", headers=headers) as response:
        assert response.status == 403
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with http.get(f"{account.address}/sandbox/", headers=opened) as response:
        assert response.status == 200


async def test_what_goes_out_is_hardened(account: FakeAccount, http: ClientSession) -> None:
    for path in ("", "static/main.js", "record/1", "nowhere"):
        async with http.get(f"{account.address}/sandbox/{path}") as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("deed", "body", "status"),
    [
        ("say", "{", 400),
        ("say", "[]", 400),
        ("say", "[" * 50_000, 400),
        ("say", json.dumps({"phone": "researcher"}), 400),
        ("say", json.dumps({"phone": "researcher", "text": ""}), 400),
        ("say", json.dumps({"phone": "researcher", "text": 5}), 400),
        ("say", json.dumps({"phone": "researcher", "text": "长" * 5000}), 400),
        ("say", json.dumps({"phone": "nobody", "text": "你好"}), 400),
        ("say", json.dumps({"phone": "researcher", "text": "x" * 100_000}), 400),
        ("place", json.dumps({"phone": "researcher", "latitude": "a", "longitude": 1}), 400),
        ("place", '{"phone": "researcher", "latitude": NaN, "longitude": 1}', 400),
        ("place", '{"phone": "researcher", "latitude": true, "longitude": 1}', 400),
        ("clock", json.dumps({"by": -1}), 400),
        ("clock", json.dumps({"by": 1e300}), 400),
        ("clock", json.dumps({"to": 1e300}), 400),
        ("clock", json.dumps({"by": 400 * 86400}), 400),
        ("settings", json.dumps({"mode": "none"}), 400),
        ("settings", json.dumps({"slow": 1000}), 400),
        ("trouble", json.dumps({"path": "no/such", "trouble": "45047"}), 400),
        ("trouble", json.dumps({"path": "menu/create", "trouble": "none"}), 400),
        ("nothing", "{}", 404),
        ("picture?phone=researcher", "<svg/>", 400),
        ("picture?phone=nobody", "\x89PNG\r\n\x1a\n", 400),
        ("picture?phone=researcher", "\x89PNG\r\n\x1a\n" + "x" * (3 << 20), 400),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_done(
    account: FakeAccount, http: ClientSession, deed: str, body: str, status: int
) -> None:
    headers = {"Origin": account.address}
    data = io.BytesIO(body.encode("latin-1" if deed.startswith("picture") else "utf-8"))
    address = f"{account.address}/sandbox/do/{deed}"
    async with http.post(address, data=data, headers=headers) as response:
        assert response.status == status
        assert (await response.json())["refused"]
    assert account.heard == []
    assert account.moved == []


@pytest.mark.parametrize("path", ["picture/none", "static/../page.py", "static/%2e%2e/page.py"])
async def test_nothing_else_is_served(account: FakeAccount, http: ClientSession, path: str) -> None:
    from yarl import URL  # noqa: PLC0415 - the encoded path must stay as it is

    address = URL(f"{account.address}/sandbox/{path}", encoded=True)
    async with http.get(address) as response:
        assert response.status in {403, 404}


async def test_too_old_a_record_is_none(account: FakeAccount, http: ClientSession) -> None:
    async with http.get(f"{account.address}/sandbox/record/99999999") as response:
        assert await response.json() == []
    async with http.get(f"{account.address}/sandbox/behind/99999999") as response:
        assert await response.json() == []


async def test_a_server_that_stops_ends_the_streams(http: ClientSession) -> None:
    async with FakeAccount() as account:
        response = await http.get(f"{account.address}/sandbox/live")
        first = await response.content.readline()
        assert json.loads(first.removeprefix(b"data: "))["kind"] == "state"
        reading = asyncio.create_task(response.content.read())
    with suppress(aiohttp.ClientError):
        await asyncio.wait_for(reading, 5)
