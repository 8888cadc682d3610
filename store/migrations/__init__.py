"""Bringing a database's tables up to date, and back: Alembic, run by code.

One transaction for all steps, under a lock, so two processes may start at once. On SQLite foreign
keys are off outside that transaction: rebuilding a table would else delete what points to it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import store
from store.base import Base
from store.migrations.watch import Watch

T = TypeVar("T")
FOLDER = Path(__file__).parent
LOCK = 0x59697869616E67
"""Any number, the same in every process: what PostgreSQL locks while one of them migrates."""
LOCK_SECONDS = 300


async def upgrade(url: str, to: str = "head") -> None:
    """Bring the tables up to a revision; nothing happens when they are there already."""
    await _run(url, partial(_command, run=command.upgrade, to=to))


async def downgrade(url: str, to: str) -> None:
    """Take the tables back to a revision, `base` for none at all."""
    await _run(url, partial(_command, run=command.downgrade, to=to))


def tables() -> MetaData:
    """Every table of ours, as the concepts' files describe them."""
    for module in pkgutil.walk_packages(store.__path__, "store."):
        if not module.name.startswith("store.migrations"):
            importlib.import_module(module.name)
    return Base.metadata


def settings(connection: Connection | None = None) -> Config:
    """What Alembic needs to know; no file of its own is read."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    if connection is not None:
        config.attributes["watch"] = Watch(connection)
    return config


def _command(connection: Connection, run: Callable[[Config, str], None], to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    run(settings(connection), to)


async def _run(url: str, work: Callable[[Connection], T]) -> T:
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    """An engine of one connection; on SQLite it locks at once, and never cascades."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address, poolclass=NullPool)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        address, poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def opened(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF").close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
