"""Processes that know nothing of one another book on one database."""

import asyncio
import sys
from ast import literal_eval

import pytest

from store.database import Database
from tests.store.booking import rival
from tests.store.booking.scene import Scene, apart, begin


@pytest.fixture
def processes(database: Database) -> int:
    return 2 if database.embedded else 4


async def started(url: str, scene: Scene, name: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = ("-m", rival.__name__, url, str(scene.instrument), str(scene.user), name)
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=pipe, stdout=pipe, stderr=pipe
    )


async def test_no_two_processes_book_the_same_time(
    database: Database, database_url: str, processes: int
) -> None:
    scene = await begin(database)
    running = [await started(database_url, scene, str(name)) for name in range(processes)]
    for process in running:
        assert process.stdout is not None
        await process.stdout.readline()
    ends = await asyncio.gather(*(process.communicate(b"go\n") for process in running))
    assert [error.decode() for _, error in ends] == [""] * processes
    counts = [literal_eval(out.decode()) for out, _ in ends]
    for count in counts:
        assert set(count) <= {"kept", "given back", "refused"}
        assert len(count) > 1
        assert sum(count.values()) == rival.ATTEMPTS
    taken = await scene.taken()
    assert apart(taken)
    assert len(taken) == sum(count["kept"] for count in counts)
