"""What every test may ask for: a fresh database of either kind, a moment, a folder."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

from store import migrations
from store.database import Database
from tests import postgres

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")  # other work on the machine is no fault of an example

FOLDER = pytest.StashKey[Path]()
TEMPLATE = "yixiang_template"


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a folder; its workers are told of it."""
    inherited = getattr(config, "workerinput", {}).get("folder")
    config.stash[FOLDER] = Path(inherited) if inherited else postgres.home()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the run's folder is."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's server, in the process that began the run."""
    folder = config.stash.get(FOLDER, None)
    if folder and not hasattr(config, "workerinput"):
        postgres.stop(folder)


def unavailable(reason: str) -> None:
    """A part of the machine is missing: skip, or fail where everything must be tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def now() -> datetime:
    """Friday, 20 November 2026, ten in the morning in China."""
    return datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    postgres.in_thread(migrations.upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> postgres.Server:
    """The run's private server, with a template that holds every table and no row."""
    folder = pytestconfig.stash[FOLDER]
    try:
        server = postgres.ensure(folder)
    except postgres.Unavailable as missing:
        unavailable(f"needs PostgreSQL: {missing}")
        raise
    with postgres.alone(folder, "template") as first:
        if first:
            server.run(f"CREATE DATABASE {TEMPLATE}")
            postgres.in_thread(migrations.upgrade(server.url(TEMPLATE)))
    return server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite file with every table."""
    path = tmp_path / "yixiang.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with every table."""
    with postgres_server.fresh(TEMPLATE) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database without any table, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("postgres_server").fresh("template1") as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, of either kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(kind))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database with every table, of either kind."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A fresh SQLite database with every table."""
    database = Database(sqlite_url)
    yield database
    await database.close()
