"""`yixiang` in processes of its own, in a folder of its own, before a platform of ours."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, web

from bot.sandbox.platform import Platform
from bot.sandbox.platform_account import Account as Pretended
from bot.sandbox.platform_account import Clock
from bot.settings import PREFIX
from tests.conversations import running
from tests.conversations.running import free_port

COMMAND = Path(sys.executable).with_name("yixiang")
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds that a busy machine may take to start."""


def now() -> datetime:
    """The present moment: a process has no other clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: list[str]
    err: list[str]


@dataclass
class Office:
    """A folder with settings, where an operator works."""

    folder: Path
    url: str
    api: str = "http://127.0.0.1:1"
    port: int = field(default_factory=free_port)

    def environment(self, **more: str) -> dict[str, str]:
        """The settings that a server needs; an empty one is missing."""
        told = {
            "DATABASE_URL": self.url,
            "REGION": "jinzhong",
            "PUBLIC_URL": running.ADDRESS,
            "PORT": str(self.port),
            "WECHAT_APPID": running.APPID,
            "WECHAT_SECRET": running.SECRET,
            "WECHAT_TOKEN": running.TOKEN,
            "WECHAT_AES_KEY": running.AES_KEY,
            "WECHAT_API_URL": self.api,
            "DATA_KEY": base64.urlsafe_b64encode(running.DATA_KEY).decode(),
        }
        ours = {PREFIX + name: value for name, value in (told | more).items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **ours}

    async def run(self, *arguments: str, **settings: str) -> Ended:
        """One command, to its end."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            COMMAND,
            *arguments,
            cwd=self.folder,
            env=self.environment(**settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode is not None
        return Ended(process.returncode, out.decode().splitlines(), err.decode().splitlines())

    @asynccontextmanager
    async def serving(self, *options: str) -> AsyncIterator["Served"]:
        """`yixiang serve` until left; it must end at SIGTERM as it should."""
        served = Served(self, options)
        await served.start()
        try:
            yield served
        finally:
            await served.stop()


_names = count(1)


@dataclass
class Served:
    """A server in a process of its own."""

    office: Office
    options: tuple[str, ...] = ()
    """Options of Python's."""
    port: int = 0
    log: Path = field(init=False)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it can serve."""
        self.port = self.port or free_port()
        self.log = self.office.folder / f"serve-{next(_names)}.log"
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.options,
                COMMAND,
                "serve",
                cwd=self.office.folder,
                env=self.office.environment(PORT=str(self.port)),
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(PATIENCE):
            while await self.health() != 200:
                assert self.process.returncode is None, self.said()
                await asyncio.sleep(0.05)

    async def health(self, path: str = "/healthz") -> int:
        """The status of a page; 0 when nobody is there."""
        try:
            address = f"http://127.0.0.1:{self.port}{path}"
            async with ClientSession() as http, http.get(address, allow_redirects=False) as page:
                return page.status
        except ClientConnectionError:
            return 0

    def said(self) -> str:
        """Everything that it logged."""
        return self.log.read_text("utf-8", "replace")

    async def kill(self) -> None:
        """End it in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def stop(self) -> None:
        """End it as an operator does; it goes in order."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        except TimeoutError:
            self.process.kill()
            raise
        assert code == 0, self.said()
        assert "Traceback" not in self.said(), self.said()


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    """The stand-in by the real clock, and where its API listens."""
    pretended = Pretended(running.APPID, running.SECRET, running.TOKEN, running.AES_KEY)
    played = Platform(pretended, "", Clock(now))
    runner = web.AppRunner(played.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield played, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await played.settle()
        await played.close()
        await runner.cleanup()


async def heard(played: Platform, port: int, message: dict[str, Any]) -> str | None:
    """Deliver a message at this port; the answer's words, None when there was none."""
    played.door = f"http://127.0.0.1:{port}/wechat"
    reply = await played.push(message)
    if reply.failed or reply.message is None:
        return None
    return str(reply.message["Content"])
