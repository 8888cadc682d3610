"""A chat for every test."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from store.database import Database
from tests.handlers.chat import Chat


@pytest.fixture
async def chat(database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[Chat]:
    """The account on a fresh database of either kind."""
    chat = Chat(database, tmp_path, now)
    await chat.catalogue.follow(database)
    yield chat
    await chat.catalogue.close()
