"""Whole dialogues with the account, as transcripts: what stands in `*.txt` is what it says.

`YIXIANG_TRANSCRIPTS=update pytest tests/conversations` writes the answers anew, to be read over.
"""

import asyncio
import os
from pathlib import Path

import pytest

from tests.conversations.play import Player
from tests.conversations.running import Running, running
from tests.conversations.script import read, write

FOLDER = Path(__file__).parent
UPDATE = os.environ.get("YIXIANG_TRANSCRIPTS") == "update"
SCRIPTS = sorted(FOLDER.glob("*.txt"))
ON_POSTGRESQL = ("bind", "claim", "forget", "interrupted", "search")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_transcript(path: Path, town: Running) -> None:
    expected, told = await played(path, town)
    if UPDATE:
        await asyncio.to_thread(path.write_text, told, "utf-8")
    else:
        assert told.splitlines() == expected.splitlines()


@pytest.mark.skipif(UPDATE, reason="written from what SQLite says")
@pytest.mark.parametrize("name", ON_POSTGRESQL)
async def test_transcript_on_postgresql(
    name: str, filled_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(filled_postgres) as town:
        expected, told = await played(FOLDER / f"{name}.txt", town)
    assert told.splitlines() == expected.splitlines()


async def played(path: Path, town: Running) -> tuple[str, str]:
    """What stands there, and what is said now."""
    expected = await asyncio.to_thread(path.read_text, "utf-8")
    return expected, write(await Player(town).play(read(expected)))
