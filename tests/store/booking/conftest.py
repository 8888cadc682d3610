"""A scene on either database."""

import pytest

from store.database import Database
from tests.store.booking.scene import Scene, begin


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await begin(database)
