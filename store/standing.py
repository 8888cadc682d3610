"""Which revision of the tables a database is at; asked at every start, so without Alembic."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

VERSIONS = Path(__file__).parent / "migrations" / "versions"
TABLE = "alembic_version"


@dataclass(frozen=True, slots=True)
class Standing:
    """Which revision a database is at, and which one is the newest."""

    current: str | None
    newest: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to do."""
        return self.current == self.newest


def newest() -> str:
    """The newest revision: the number that the last file's name begins with."""
    return max(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*_*.py"))


async def standing(url: str) -> Standing:
    """Where a database stands; nothing is written, not even an empty file."""
    address = make_url(url)
    if _absent(address):
        return Standing(None, newest())
    engine = create_async_engine(address, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return Standing(await connection.run_sync(_current), newest())
    finally:
        await engine.dispose()


def _absent(address: URL) -> bool:
    return address.get_backend_name() == "sqlite" and not Path(address.database or "").exists()


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(TABLE):
        return None
    current: str | None = connection.scalar(text(f"select version_num from {TABLE}"))  # noqa: S608
    return current
