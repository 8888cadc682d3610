"""The account at work with the platform beside it: real HTTP, signed and sealed, on loopback."""

import errno
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, web

from bot.app import Account, serving
from bot.sandbox.demo import SAMPLE
from bot.sandbox.platform import Platform
from bot.sandbox.platform_account import Account as Pretended
from bot.sandbox.platform_account import Clock, Kind
from bot.settings import Settings
from bot.wechat import menu
from store import ledger
from store.database import Database
from store.search.index import Index

START = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Friday morning."""
ADDRESS = "https://yixiang.example"
APPID, SECRET, TOKEN, AES_KEY = "wx5823bf96d3bd56c7", "a" * 32, "t" * 32, "k" * 43
DATA_KEY = bytes(range(32))
TRIES = 3
LIVES = timedelta(seconds=3)
"""How long people take from one message to the next."""


async def fill(url: str, index: Path | None = None) -> None:
    """Bring the sample ledger into a database, and write the index of it where asked to."""
    database = Database(url)
    try:
        await ledger.write(database, ledger.read(SAMPLE), START)
        if index is not None:
            catalogue = Index.open(index)
            await catalogue.rebuild(database)
            await catalogue.close()
    finally:
        await database.close()


def settings(url: str, port: int, platform: str, **more: Any) -> Settings:
    """An account in safe mode whose platform is ours."""
    told: dict[str, Any] = {
        "_env_file": None,
        "database_url": url,
        "region": "jinzhong",
        "public_url": ADDRESS,
        "port": port,
        "wechat_appid": APPID,
        "wechat_secret": SECRET,
        "wechat_token": TOKEN,
        "wechat_aes_key": AES_KEY,
        "wechat_api_url": platform,
        "data_key": DATA_KEY,
    }
    return Settings(**{**told, **more})


@dataclass
class Running:
    """One account at work; `restart` ends it and begins anew on the same files."""

    url: str
    clock: Clock
    platform: Platform
    api: str
    """Where the platform's API listens."""
    templates: Path | None = None
    pushed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What phones were shown unasked, in order."""
    account: Account = field(init=False)
    port: int = 0
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Serve, at a port that nobody else has."""
        for _ in range(TRIES):
            try:
                return await self._serve(free_port())
            except OSError as taken:
                await self.stop()
                if taken.errno != errno.EADDRINUSE:
                    raise
        raise RuntimeError("somebody takes every port")

    async def _serve(self, port: int) -> None:
        told = settings(self.url, port, self.api, templates=self.templates)
        self.account = await self._open.enter_async_context(Account.opened(told, self.clock))
        vars(self.account.telling)["jobs"] = list  # who plays says when, so that it is always alike
        await self._open.enter_async_context(serving(self.account, self.account.application()))
        self.port, self.platform.door = port, f"http://127.0.0.1:{port}/wechat"

    async def stop(self) -> None:
        """Serve no more."""
        await self._open.aclose()

    async def restart(self) -> None:
        """As after a new version was put in place."""
        await self.stop()
        await self.start()

    async def push(self, **message: Any) -> dict[str, Any] | None:
        """What a follower did; the reply that their phone shows."""
        self.clock.forward(LIVES)
        reply = await self.platform.push(message)
        assert not reply.failed, reply.exchanges
        assert reply.tries == 1, reply.exchanges
        return reply.message

    async def say(self, openid: str, words: str, **more: str) -> str:
        """A text; the answer's words, empty for none."""
        told = {"FromUserName": openid, "MsgType": "text", "Content": words, **more}
        reply = await self.push(**told)
        return str(reply["Content"]) if reply else ""

    async def tell(self) -> None:
        """Have what is due told, as the clock does every second."""
        await self.account.telling.tell()
        await self.platform.settle()

    async def later(self, by: timedelta) -> None:
        """Let time pass, and what is due be looked for."""
        self.clock.forward(by)
        await self.account.forget_repeats()
        await self.account.sweep()
        await self.account.look()
        await self.account.follow()

    async def open(self, address: str, method: str = "GET", **more: Any) -> tuple[str, bytes, int]:
        """A page of ours in a browser: where it led, what it says, its status."""
        path = address.removeprefix(ADDRESS)
        here = f"http://127.0.0.1:{self.port}"
        async with ClientSession() as http, http.request(method, here + path, **more) as response:
            return response.url.path, await response.read(), response.status


def free_port() -> int:
    """A port on loopback that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


@asynccontextmanager
async def running(
    url: str, *, kind: Kind = Kind.SERVICE, start: bool = True, templates: Path | None = None
) -> AsyncIterator[Running]:
    """An account on this database, its menu in place."""
    clock = Clock(lambda: START)
    pretended = Pretended(APPID, SECRET, TOKEN, AES_KEY, kind=kind)
    platform = Platform(pretended, "", clock)
    runner = web.AppRunner(platform.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    town = Running(url, clock, platform, f"http://127.0.0.1:{runner.addresses[0][1]}", templates)

    async def told(openid: str, message: dict[str, Any]) -> None:
        town.pushed.append((openid, message))

    platform.on_push = told
    try:
        if start:
            await town.start()
            await menu.push(town.account.client, menu.load(ADDRESS))
        yield town
    finally:
        await town.stop()
        await platform.settle()
        await platform.close()
        await runner.cleanup()


def copied(filled: Path, folder: Path) -> str:
    """A filled SQLite file and its index of one's own; the file's address."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(filled / "yixiang.db", folder / "yixiang.db")
    shutil.copytree(filled / "index", folder / "index")
    return f"sqlite+aiosqlite:///{folder / 'yixiang.db'}"
