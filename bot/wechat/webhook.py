"""The door: `GET` and `POST /wechat`, from bytes to bytes.

    body (bounded) → envelope (signed? fresh? sealed?) → inbound (a message?) → hearing → reply

What is turned away gets the status of its reason (`bot.wechat.turned_away`) and nothing is done.
A body that is signed but can't be read is 400 where it may be forged (plain) or wrongly sealed;
one that the platform itself sealed, yet is no message, is `success`, for it would only come again.
Whatever else goes wrong is a fault: logged under an id and answered `success`, never 500.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from structlog.typing import FilteringBoundLogger

from bot.metrics import Metrics
from bot.wechat import inbound, render
from bot.wechat.envelope import Envelope, Opened
from bot.wechat.hearing import Hear, Hearing, Hearings, Limits, Promise
from bot.wechat.turned_away import Senseless, TooLarge, TurnedAway, Unreadable

PATH = "/wechat"
LARGEST = 256 * 1024
"""Bytes of a body; the platform's are a few thousand."""
SLOWEST = 4.5
"""Seconds within which a body must have come."""
LOGGED = 60.0
"""Seconds between two log lines of one reason for turning away: a flood is counted, not written."""
XML = "application/xml"
JSON = "application/json"
LIMITS = Limits()


class Door:
    """The account's only way in. `hear` answers a message, `promise` keeps what takes long."""

    def __init__(  # noqa: PLR0913 - the parts it is put together from
        self,
        envelope: Envelope,
        hear: Hear,
        promise: Promise,
        clock: Callable[[], datetime],
        log: FilteringBoundLogger,
        metrics: Metrics,
        *,
        limits: Limits = LIMITS,
    ) -> None:
        self._envelope = envelope
        self._clock = clock
        self._log, self._metrics = log, metrics
        self._hearings = Hearings(hear, promise, log, metrics, limits)
        self._logged: dict[str, float] = {}

    def routes(self, app: web.Application) -> None:
        """Put the door into the application; closing that waits for what is being heard."""
        app.router.add_get(PATH, self.verify, allow_head=False)
        app.router.add_post(PATH, self.push)
        app.on_shutdown.append(self._close)

    async def verify(self, request: web.Request) -> web.Response:
        """Answer the platform's verification of the address."""
        try:
            echo = self._envelope.verify(request.query, self._clock())
        except TurnedAway as away:
            return self._turn_away(away)
        except Exception as error:
            self._hearings.fault(error, "verify")
            return web.Response(status=400)
        return web.Response(body=echo.encode("utf-8", "replace"), content_type="text/plain")

    async def push(self, request: web.Request) -> web.Response:
        """Take a message or event; answer it, or say `success`."""
        try:
            body = await _read(request)
            now = self._clock()
            opened = self._envelope.open(request.query, body, now)
            message = self._message(opened, now)
            hearing = self._hearings.of(message)
            if hearing is None:
                return _success()
            return await self._listen(request, opened, hearing)
        except TurnedAway as away:
            return self._turn_away(away)
        except Exception as error:
            self._hearings.fault(error, "push")
            return _success()

    def _message(self, opened: Opened, now: datetime) -> inbound.Inbound:
        try:
            return inbound.read(opened.fields, self._envelope.appid, now)
        except Unreadable as error:
            if opened.seal is None:
                raise
            raise Senseless from error

    async def _listen(self, request: web.Request, opened: Opened, hearing: Hearing) -> web.Response:
        hearing.listeners += 1
        try:
            if not hearing.done:
                await self._hearings.wait(hearing)
            return self._reply(request, opened, hearing)
        finally:
            hearing.listeners -= 1
            self._hearings.settle(hearing)

    def _reply(self, request: web.Request, opened: Opened, hearing: Hearing) -> web.Response:
        transport = request.transport
        if hearing.broken and transport is not None:
            transport.abort()  # as a killed process would: the platform asks again
        if transport is None or transport.is_closing():
            return _success()  # nobody is there: `settle` sees to the answer
        if hearing.answer is None or hearing.handed_on:
            return _success()
        reply = render.reply(hearing.answer, hearing.heard, hearing.account, as_json=opened.json)
        body = reply and self._envelope.close(opened, reply, self._clock())
        if not hearing.given:
            hearing.give(hearing.answer)
            self._metrics.answer.observe(asyncio.get_running_loop().time() - hearing.began)
        if not body:
            return _success()
        return web.Response(body=body, content_type=JSON if opened.json else XML)

    def _turn_away(self, away: TurnedAway) -> web.Response:
        why = type(away).__name__
        self._metrics.refused.labels(why).inc()
        now = asyncio.get_running_loop().time()
        if now >= self._logged.get(why, 0):
            self._logged[why] = now + LOGGED
            self._log.warning("door.turned_away", why=why, detail=str(away))
        if away.status == Senseless.status:
            return _success()
        response = web.Response(status=away.status)
        if isinstance(away, TooLarge):
            response.force_close()
        return response

    async def _close(self, _app: web.Application) -> None:
        await self._hearings.close()


def _success() -> web.Response:
    return web.Response(body=render.SUCCESS, content_type="text/plain")


async def _read(request: web.Request) -> bytes:
    """The body, if it is not too large, too slow or cut short."""
    if (request.content_length or 0) > LARGEST:
        raise TooLarge
    if "Content-Encoding" in request.headers:
        raise Unreadable("compressed")
    content = request.content
    try:
        body = content.read_nowait() if content.is_eof() else await _read_slowly(request)
    except TurnedAway:
        raise
    except Exception as error:
        raise Unreadable("cut short") from error
    if len(body) > LARGEST:
        raise TooLarge
    return body


async def _read_slowly(request: web.Request) -> bytes:
    body = bytearray()
    async with asyncio.timeout(SLOWEST):
        while not request.content.at_eof():
            body += await request.content.readany()
            if len(body) > LARGEST:
                raise TooLarge
    return bytes(body)
