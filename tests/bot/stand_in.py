"""A stand-in for a language model's server, which answers as it is told."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.answer: Answering = self.none
        self.url = ""
        self.ends: Counter[str] = Counter()
        self.reached = asyncio.Event()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.reached.set()
        self.headers.append(request.headers.get("Authorization", ""))
        return await self.answer(request)

    async def none(self, request: web.Request) -> web.StreamResponse:
        return self.said({"intent": "none", "slots": {}})

    def said(self, content: Any) -> web.Response:
        words = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return web.json_response({"choices": [{"message": {"content": words}}]})

    def says(self, content: Any) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            return self.said(content)

        self.answer = answer

    def sends(self, body: bytes, status: int = 200) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status)

        self.answer = answer

    @property
    def text(self) -> str:
        """The message that was last sent."""
        told: str = json.loads(self.asked[-1]["messages"][1]["content"])["message"]
        return told


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """One at a port of its own."""
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()
