"""A filled database to copy from, and the account on a copy of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import FOLDER, TEMPLATE
from tests.conversations.running import Running, copied, fill, running

FILLED = "yixiang_filled"


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SQLite file that holds the sample ledger, and its index."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "yixiang.db").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{folder / 'yixiang.db'}"
    postgres.in_thread(fill(url, folder / "index"))
    return folder


@pytest.fixture
def filled_postgres(postgres_server: postgres.Server, pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of a PostgreSQL database of one's own that holds the sample ledger."""
    with postgres.alone(pytestconfig.stash[FOLDER], "filled") as first:
        if first:
            postgres_server.run(f"CREATE DATABASE {FILLED} TEMPLATE {TEMPLATE}")
            postgres.in_thread(fill(postgres_server.url(FILLED)))
    with postgres_server.fresh(FILLED) as url:
        yield url


@pytest.fixture
async def town(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """The account on SQLite."""
    monkeypatch.chdir(tmp_path)
    async with running(copied(filled, tmp_path / "var")) as town:
        yield town
