"""The page: phones in a browser, under `/sandbox/`, for this machine only.

`app.add_subapp("/sandbox", sandbox(platform))` is all that the demo has to do; the platform's door
and clock are the demo's. `GET live` streams what happens, `POST do/<deed>` does it,
`GET behind/<bubble>` and `GET record/<number>` show what went over the wire.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from aiohttp import web

from bot.sandbox.backstage import Backstage, Moved
from bot.sandbox.chats import Chats, Json
from bot.sandbox.deeds import Deeds
from bot.sandbox.guard import guard, harden
from bot.sandbox.live import Live, Queue
from bot.sandbox.phones import Cast, cast
from bot.sandbox.platform import Exchange, Platform
from bot.sandbox.stage import Stage, picture_type

STATIC = Path(__file__).with_name("static")
BEAT = 15.0
"""Seconds between signs of life on a quiet stream."""
MOST_PICTURE = 2 << 20
MOST_FACTS = 64 << 10


def sandbox(
    platform: Platform,
    phones: Cast | None = None,
    *,
    kept: Path | None = None,
    moved: Moved | None = None,
    begin: bool = True,
) -> web.Application:
    """The page as an application to mount under `/sandbox`.

    `kept`: the file that outlives a restart. `moved`: awaited with the new present whenever the
    clock was moved. `begin`: whether those who never followed do so when the page is first seen.
    """
    page = Page(platform, phones or cast(), Chats(kept), moved=moved, begin=begin)
    app = web.Application(middlewares=[guard])
    app.on_response_prepare.append(harden)
    app.on_shutdown.append(page.close)
    app.add_routes(page.routes())
    return app


class Page:
    """The routes, and the parts that they speak to."""

    def __init__(
        self, platform: Platform, phones: Cast, chats: Chats, *, moved: Moved | None, begin: bool
    ) -> None:
        self.platform, self.cast, self.chats = platform, phones, chats
        self.live = Live()
        self.back = Backstage(platform, phones, chats, self.live, moved)
        self.stage = Stage(platform, phones, chats, self.live)
        self._deeds = Deeds(self.stage, self.back)
        self._run = uuid4().hex
        self._to_begin = begin
        self._menu = platform.menu
        platform.on_exchange = self._recorded

    def routes(self) -> list[web.AbstractRouteDef]:
        """All addresses, relative to where the page is mounted."""
        return [
            web.get("", _aside),
            web.get("/", _index),
            web.get("/live", self._live),
            web.get("/behind/{number:[0-9]{1,12}}", self._behind),
            web.get("/record/{number:[0-9]{1,12}}", self._record),
            web.get("/picture/{media}", self._picture),
            web.post("/do/picture", self._send_picture),
            web.post("/do/{deed}", self._do),
            web.static("/static", STATIC),
        ]

    async def close(self, _app: web.Application) -> None:
        """End the streams, so that the server can stop, and what is under way."""
        self.live.end()
        await self.stage.close()

    def state(self) -> Json:
        """Everything, as it stands."""
        return {
            "run": self._run,
            "now": self.back.now(),
            "phones": self.stage.phones(),
            "places": [asdict(place) for place in self.cast.places],
            "codes": [asdict(code) for code in self.cast.codes],
            "menu": self.platform.menu,
            "settings": self.back.settings(),
            "records": self.back.records(),
            "reach": self.back.reach(),
        }

    def _recorded(self, exchange: Exchange) -> None:
        self.stage.recorded(exchange)
        self.back.recorded(exchange)
        if self.platform.menu != self._menu:
            self._menu = list(self.platform.menu)
            self.live.happened("menu", menu=self._menu)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = self.live.watch(self.state)
        if self._to_begin:
            self._to_begin = False
            self.stage.begin()
        try:
            await _stream(response, queue)
        finally:
            self.live.leave(queue)
        return response

    async def _do(self, request: web.Request) -> web.Response:
        try:
            facts = json.loads(await _body(request, MOST_FACTS))
            await self._deeds.do(request.match_info["deed"], facts)
        except KeyError:
            return _refused("no such deed", 404)
        except (ValueError, RecursionError) as error:
            return _refused(str(error))
        return web.json_response({})

    async def _send_picture(self, request: web.Request) -> web.Response:
        try:
            phone = self.cast.by_key(request.query.get("phone", ""))
            content = await _body(request, MOST_PICTURE)
            address = str(request.url.parent.parent / "picture")
            self.stage.picture(phone, content, address)
        except KeyError:
            return _refused("phone: nobody has it")
        except ValueError as error:
            return _refused(str(error))
        return web.json_response({})

    async def _picture(self, request: web.Request) -> web.Response:
        content = self.platform.media.get(request.match_info["media"], b"")
        kind = picture_type(content)
        if kind is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=kind)

    async def _behind(self, request: web.Request) -> web.Response:
        numbers = self.chats.behind(int(request.match_info["number"]))
        found = [self.back.record(number) for number in numbers]
        return web.json_response([record for record in found if record])

    async def _record(self, request: web.Request) -> web.Response:
        record = self.back.record(int(request.match_info["number"]))
        return web.json_response([record] if record else [])


async def _aside(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"{request.path}/")


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _stream(response: web.StreamResponse, queue: Queue) -> None:
    with suppress(ConnectionError):
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), BEAT)
            except TimeoutError:
                await response.write(b":\n\n")
                continue
            if event is None:
                return
            await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())


async def _body(request: web.Request, most: int) -> bytes:
    content = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > most:
            raise ValueError("too much at once")
    return bytes(content)


def _refused(why: str, status: int = 400) -> web.Response:
    return web.json_response({"refused": why}, status=status)
