"""A chat for every test."""

from datetime import datetime
from pathlib import Path

import pytest

from store.database import Database
from tests.handlers.chat import Chat


@pytest.fixture
def chat(database: Database, tmp_path: Path, now: datetime) -> Chat:
    """The account on a fresh database of either kind."""
    return Chat(database, tmp_path, now)
