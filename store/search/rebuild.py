"""Make the index anew from the database, in a process of its own, while the old one answers.

Run as `python -m store.search.rebuild FILE` with the database's address on standard input.
"""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from store.database import Database
from store.search import rows
from store.search.write import Writer

PATIENT = 10
"""How much the process gives way to others (niceness)."""
TOLD = 2_000
"""Characters of what went wrong that are passed on."""


class RebuildFailed(Exception):  # noqa: N818 - the old index goes on answering
    """The process that made the index anew ended badly."""


async def write(database: Database, path: Path) -> None:
    """Make the index file; what changes meanwhile comes later in the change feed."""
    async with database.read() as session:
        mark = await rows.newest(session)
        scores = await rows.scores(session)
    writer = Writer(path, scores, mark)
    del scores
    try:
        async with database.read() as session:
            async for page in rows.everything(session):
                for entry in page:
                    writer.add(entry)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise


async def rebuild(database: Database, path: Path) -> None:
    """Make the index file in another process; raises RebuildFailed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    address = database.url.render_as_string(hide_password=False)
    try:
        _, told = await process.communicate(address.encode())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise RebuildFailed(told.decode(errors="replace")[-TOLD:])


async def _main() -> None:
    database = Database(sys.stdin.read())
    try:
        await write(database, Path(sys.argv[1]))
    finally:
        await database.close()


if __name__ == "__main__":
    os.nice(PATIENT)
    asyncio.run(_main())
