"""The stand-in's API as an aiohttp app: what every call must pass, then the path's function."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aiohttp import web

from bot.sandbox import platform_basics, platform_mass, platform_messages, platform_people
from bot.sandbox.platform_calls import ENDPOINTS, Call, Endpoint, File, Json
from bot.sandbox.platform_exchange import Exchange
from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_world import World

PARTS = (platform_basics, platform_mass, platform_messages, platform_people)
"""The modules whose functions stand behind the paths."""
LARGEST = 20 * 1024 * 1024
ESCAPE = re.compile(rb"(?<!\\)\\u[0-9A-Fa-f]{4}")
SECRETS = re.compile(r'("(?:secret|access_token|ticket)": *")[^"]*')
SHOWN = 4000
"""Characters of an answer that are kept."""


class Trouble(StrEnum):
    """What can be made to go wrong with a call, besides an error code."""

    TIMEOUT = "timeout"  #: nothing is done and no answer ever comes
    HTTP_500 = "http500"  #: nothing is done, the answer is HTTP 500
    LOST = "lost"  #: it is done, but the connection is cut before the answer


class Api:
    """Serves calls of the platform's API."""

    def __init__(self, world: World, record: Callable[[Exchange], None]) -> None:
        self.world = world
        self.closing = asyncio.Event()
        """Set: calls that hang are let go."""
        self._record = record
        self._troubles: dict[str, deque[int | Trouble]] = {}

    def app(self) -> web.Application:
        """The API under `/cgi-bin/…`, `/wxaapi/…` and `/datacube/…`."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{path:(?:cgi-bin|wxaapi|datacube)/.+}", self.serve)
        app.on_shutdown.append(self._let_go)
        return app

    async def _let_go(self, _app: web.Application) -> None:
        self.closing.set()

    def inject(self, path: str, trouble: int | Trouble, times: int) -> None:
        """Let the next calls of a path go wrong."""
        if path not in ENDPOINTS:
            raise ValueError(f"the stand-in has no {path}")
        self._troubles.setdefault(path, deque()).extend([trouble] * times)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        began = asyncio.get_running_loop().time()
        path = request.match_info["path"].removeprefix("cgi-bin/")
        troubles = self._troubles.get(path)
        trouble = troubles.popleft() if troubles else None
        raw = b"" if request.content_type.startswith("multipart/") else await request.read()
        if trouble is Trouble.TIMEOUT:
            await self.closing.wait()
        if trouble in {Trouble.TIMEOUT, Trouble.HTTP_500}:
            return web.Response(status=500, text="system error")
        answer = await self._answered(request, path, raw, trouble)
        self._keep(request, raw, answer, asyncio.get_running_loop().time() - began)
        if trouble is Trouble.LOST and request.transport:
            request.transport.abort()
        return _response(answer)

    async def _answered(
        self, request: web.Request, path: str, raw: bytes, trouble: int | Trouble | None
    ) -> Json | File:
        if isinstance(trouble, int):
            return self._no(request, Errcode(trouble))
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            return self._no(request, Errcode(40066))
        try:
            return await self._done(request, path, raw, endpoint)
        except Errcode as no:
            return self._no(request, no)

    async def _done(
        self, request: web.Request, path: str, raw: bytes, endpoint: Endpoint
    ) -> Json | File:
        if request.method != endpoint.method:
            raise Errcode(43001 if endpoint.method == "GET" else 43002)
        if not endpoint.open:
            self.world.tokens.check(request.query.get("access_token"))
        call = Call(request.query, self._body(raw), await _files(request))
        kind = str(call.body.get("msgtype", ""))
        self.world.limits.check_feature(endpoint.feature, kind)
        self._spend(path)
        result = endpoint.handler(self.world, call)
        if isinstance(result, File) or endpoint.method == "GET" or endpoint.open:
            return result
        return {"errcode": 0, "errmsg": "ok", **result}

    def _body(self, raw: bytes) -> Json:
        if not raw:
            return {}
        self.world.limits.at_most("escapes", len(ESCAPE.findall(raw)))
        try:
            body = json.loads(raw)
        except ValueError:
            raise Errcode(47001) from None
        if not isinstance(body, dict):
            raise Errcode(47001)
        return body

    def _spend(self, path: str) -> None:
        most = self.world.limits.a_day(path)
        if most is not None and self.world.counts.add(f"call:{path}", "day") > most:
            raise Errcode(45009)

    def _no(self, request: web.Request, no: Errcode) -> Json:
        words = self.world.limits.say(no.code)
        rid = f"{int(self.world.clock().timestamp()):x}-{self.world.word(8)}-{self.world.word(8)}"
        told = {"invoke_time": int(self.world.clock().timestamp()), "request_url": request.path}
        self.world.log(rid, told)
        message = " ".join(filter(None, [words, no.detail, f"rid: {rid}"]))
        return {"errcode": no.code, "errmsg": message, **no.extra}

    def _keep(self, request: web.Request, raw: bytes, answer: Json | File, took: float) -> None:
        sent = SECRETS.sub(r"\1…", raw.decode("utf-8", "replace"))
        said = answer if isinstance(answer, dict) else {"file": answer.name, "type": answer.type}
        text = SECRETS.sub(r"\1…", json.dumps(said, ensure_ascii=False, default=str))[:SHOWN]
        self._record(
            Exchange(
                at=self.world.clock(),
                way="api",
                openid=_openid(raw),
                address=request.path,
                sent=sent[:SHOWN],
                plain=sent[:SHOWN],
                status=200,
                answer=text,
                answer_plain=text,
                seconds=took,
            )
        )


def _openid(raw: bytes) -> str:
    found = re.search(rb'"touser": *"([^"]*)"', raw)
    return found[1].decode("utf-8", "replace") if found else ""


async def _files(request: web.Request) -> dict[str, File]:
    if not request.content_type.startswith("multipart/"):
        return {}
    return {
        name: File(value.filename, value.content_type, value.file.read())
        for name, value in (await request.post()).items()
        if isinstance(value, web.FileField)
    }


def _response(answer: Json | File) -> web.Response:
    """JSON goes as text/plain, as the platform has it."""
    if isinstance(answer, File):
        return web.Response(body=answer.data, content_type=answer.type)
    text: Any = json.dumps(answer, ensure_ascii=False)
    return web.Response(text=text, content_type="text/plain", charset="utf-8")
