"""A door that answers as a test wants it to."""

import asyncio
import json
from typing import Any, Self

import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto

from bot.sandbox.platform_wire import signature, xml

Json = dict[str, Any]


class TrialDoor:
    """Decrypts with wechatpy, and answers `says` (or `raw`) after `waits` seconds.

    The first `cuts` requests are cut off without an answer.
    """

    def __init__(
        self, *, says: Json | None = None, raw: str = "success", waits: float = 0, cuts: int = 0
    ) -> None:
        self.heard: list[Json] = []
        self.queries: list[Json] = []
        self._says, self._raw, self._waits, self._cuts = says, raw, waits, cuts
        self._crypto = WeChatCrypto("QDG6eK", "A" * 43, "wx5823bf96d3bd56c7")

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/wechat", self._verify)
        app.router.add_post("/wechat", self._hear)
        self._server = TestServer(app)
        await self._server.start_server()
        self.address = str(self._server.make_url("/wechat"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    async def _verify(self, request: web.Request) -> web.Response:
        told = request.query
        right = signature("QDG6eK", told["timestamp"], told["nonce"]) == told["signature"]
        return web.Response(text=told["echostr"]) if right else web.Response(status=403)

    async def _hear(self, request: web.Request) -> web.Response:
        query, body = dict(request.query), await request.text()
        plain = body
        if "msg_signature" in query:
            outer = request_json(body)
            plain = self._crypto.decrypt_message(
                outer, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        self.queries.append(query)
        self.heard.append(request_json(plain))
        if len(self.heard) <= self._cuts:
            assert request.transport
            request.transport.abort()
        await asyncio.sleep(self._waits)
        return web.Response(text=self._answer(self.heard[-1], query))

    def _answer(self, heard: Json, query: Json) -> str:
        if self._says is None:
            return self._raw
        parties = {"ToUserName": heard["FromUserName"], "FromUserName": heard["ToUserName"]}
        plain = xml({**parties, "CreateTime": 1, **self._says})
        if "msg_signature" not in query:
            return plain
        return str(self._crypto.encrypt_message(plain, query["nonce"], query["timestamp"]))


def request_json(text: str) -> Json:
    """A body, XML or JSON, as a dict."""
    told: Json = json.loads(text) if text.startswith("{") else xmltodict.parse(text)["xml"]
    return told
