"""The example's world is set back before every test."""

import pytest

from tests.bot.kit import example


@pytest.fixture(autouse=True)
def world() -> example.World:
    example.world.__init__()  # type: ignore[misc]
    return example.world
