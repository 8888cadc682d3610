"""The pages, opened with what is no address."""

import pytest
from yarl import URL

from tests.bot.web.test_files import Site
from tests.bot.web.test_files import site as site  # noqa: PLC0414 - the fixture


@pytest.mark.parametrize(
    "path", ["/f/%ff%fe", "/f/%ED%A0%80", "/f/%00", "/f/" + "a" * 7000, "/f/x/%ff", "/f/%E4%BB%AA"]
)
async def test_addresses_that_are_no_text(site: Site, path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        async with site.client.request(method, URL(path, encoded=True)) as answer:
            assert answer.status == 404
