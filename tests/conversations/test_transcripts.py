"""Whole dialogues with the account, as transcripts: what stands in `*.txt` is what it says.

`YIXIANG_TRANSCRIPTS=update pytest tests/conversations` writes the answers anew, to be read over.
"""

import asyncio
import os
from pathlib import Path

import pytest

from tests.conversations.play import Player
from tests.conversations.running import Running
from tests.conversations.script import read, write

FOLDER = Path(__file__).parent
UPDATE = os.environ.get("YIXIANG_TRANSCRIPTS") == "update"
SCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_transcript(path: Path, town: Running) -> None:
    expected = await asyncio.to_thread(path.read_text, "utf-8")
    told = write(await Player(town).play(read(expected)))
    if UPDATE:
        await asyncio.to_thread(path.write_text, told, "utf-8")
    else:
        assert told.splitlines() == expected.splitlines()
