"""`yixiang import`: a ledger into the catalogue, with a progress bar for whoever looks."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from store import ledger, migrations
from store.database import Database
from store.ledger import Counts, Ledger
from store.standing import standing


def check(path: Path) -> Ledger:
    """Read and check the whole file. Raises LedgerUnreadable."""
    with _bar("reading") as bar:
        return ledger.read(path, bar.update)


async def bring(url: str, told: Ledger) -> Counts:
    """Bring the catalogue up to what the ledger says."""
    database = Database(url)
    try:
        with _bar("writing", len(told.rows)) as bar:
            return await ledger.write(database, told, datetime.now(UTC), bar.update)
    finally:
        await database.close()


async def rehearse(url: str, told: Ledger) -> Counts:
    """What `bring` would do; without tables as yet, what it would do once they are made."""
    if (await standing(url)).current is not None:
        return await _compare(url, told)
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = f"sqlite+aiosqlite:///{folder}/rehearsal.db"
        await migrations.upgrade(elsewhere)
        return await _compare(elsewhere, told)


async def _compare(url: str, told: Ledger) -> Counts:
    database = Database(url)
    try:
        return await ledger.dry_run(database, told)
    finally:
        await database.close()


@contextmanager
def _bar(what: str, rows: int | None = None) -> "Iterator[tqdm[None]]":
    """A bar on stderr; none where nobody looks."""
    hidden = not sys.stderr.isatty()
    with tqdm(desc=what, total=rows, unit=" rows", disable=hidden, leave=False) as bar:
        yield bar
