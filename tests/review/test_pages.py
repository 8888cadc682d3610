"""The pages, opened with what is no address."""

import asyncio

import pytest
from yarl import URL

from bot.web.files import AT_ONCE
from store.link import Purpose
from tests.bot.web.test_files import Site
from tests.bot.web.test_files import site as site  # noqa: PLC0414 - the fixture
from tests.store import samples


@pytest.mark.parametrize(
    "path", ["/f/%ff%fe", "/f/%ED%A0%80", "/f/%00", "/f/" + "a" * 7000, "/f/x/%ff", "/f/%E4%BB%AA"]
)
async def test_addresses_that_are_no_text(site: Site, path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        async with site.client.request(method, URL(path, encoded=True)) as answer:
            assert answer.status == 404


async def stalled(site: Site, address: str) -> asyncio.StreamWriter:
    """A file that never comes whole."""
    server = site.client.server
    _, writer = await asyncio.open_connection(server.host, server.port)
    kind = "multipart/form-data; boundary=b"
    head = f"POST {address} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
    head += "Content-Length: 9999\r\n\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
    writer.write((head + part).encode())
    await writer.drain()
    return writer


async def test_one_person_cannot_keep_all_others_from_handing_up(site: Site) -> None:
    him, her = await site.person("李雷"), await site.person()
    slow = [await stalled(site, await site.address(him, Purpose.PROOF)) for _ in range(AT_ONCE + 1)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        assert await site.up(await site.address(her, Purpose.PROOF), samples.png()) == 200
    for writer in slow:
        writer.close()
