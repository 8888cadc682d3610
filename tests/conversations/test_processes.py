"""Servers that are killed in the middle of traffic, and two that share one database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.sandbox.platform import Platform
from tests.conversations.process import Office, Served, platform
from tests.conversations.running import copied
from tests.conversations.traffic import Deliver, Follower, Message, at, crowd, settled

KILLED_AFTER = (30, 70)
"""Messages answered, of 112."""


@pytest.fixture
async def wechat() -> AsyncIterator[tuple[Platform, str]]:
    """The platform, and where its API listens."""
    async with platform() as (played, api):
        yield played, api


async def test_a_killed_server_loses_nothing(
    filled: Path, tmp_path: Path, wechat: tuple[Platform, str]
) -> None:
    url = copied(filled, tmp_path / "var")
    played = wechat[0]
    followers = await crowd(url, lambda _: at(played))
    async with Office(tmp_path, url, wechat[1]).serving() as served:
        played.door = f"http://127.0.0.1:{served.port}/wechat"
        writing = asyncio.gather(*(follower.write() for follower in followers))
        for answered in KILLED_AFTER:
            await until(followers, answered)
            await served.kill()
            await served.start()
        await writing
        await asyncio.gather(*(follower.check() for follower in followers))
    await settled(url, followers)


async def until(followers: Sequence[Follower], answered: int) -> None:
    """Wait for so many answers in all."""
    for _ in range(3_000):
        if sum(len(follower.told) for follower in followers) >= answered:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"not even {answered} messages were answered")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_two_servers_share_their_followers(
    kind: str, request: pytest.FixtureRequest, filled: Path, tmp_path: Path
) -> None:
    """Every message comes to both at once: both say the same, and it is done once."""
    url = copied(filled, tmp_path / "var")
    if kind == "postgresql":
        url = request.getfixturevalue("filled_postgres")
    async with platform() as (one, api), platform() as (other, _):
        office = Office(tmp_path, url, api)
        followers = await crowd(url, lambda n: both(one, other) if n % 2 else in_turn(one, other))
        async with office.serving() as first, office.serving() as second:
            knock(one, first)
            knock(other, second)
            await asyncio.gather(*(follower.write() for follower in followers))
            await asyncio.gather(*(follower.check() for follower in followers))
    await settled(url, followers)


def knock(played: Platform, served: Served) -> None:
    """Let a platform knock at this server's door."""
    played.door = f"http://127.0.0.1:{served.port}/wechat"


def both(one: Platform, other: Platform) -> Deliver:
    """Every message is delivered at both doors at once."""
    doors = at(one), at(other)

    async def deliver(message: Message) -> str | None:
        said = await asyncio.gather(*(door(message) for door in doors))
        assert said[0] == said[1], message
        return said[0]

    return deliver


def in_turn(one: Platform, other: Platform) -> Deliver:
    """Messages come to one door or the other."""
    doors = [at(one), at(other)]

    async def deliver(message: Message) -> str | None:
        doors.reverse()
        return await doors[0](message)

    return deliver
