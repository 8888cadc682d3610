"""The platform's way to the account's door: three tries of five seconds, and the reply."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession

from bot.sandbox.platform_exchange import Exchange
from bot.sandbox.platform_limits import Limits
from bot.sandbox.platform_wire import Letter, Malformed, read, signature, write
from bot.sandbox.platform_world import World

Json = dict[str, Any]
HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from the door for one message."""

    message: Json | None
    """The passive reply, parsed (`MsgType`, `Content`, `Articles`, …); None for `success`."""
    tries: int
    """How often the platform sent the message, 1 to 3."""
    failed: bool
    """The follower was told that the account cannot serve them at present."""
    exchanges: tuple[Exchange, ...]


class Door:
    """Knocks at the account's door."""

    def __init__(self, world: World, address: str, record: Callable[[Exchange], None]) -> None:
        self.address = address
        self.slow = 0.0
        self._world = world
        self._record = record
        self._http: ClientSession | None = None
        self._nonces = random.Random(world.chance.random())  # noqa: S311 - a game

    async def send(self, message: Json) -> Reply:
        """Hand a complete message over, as often as it takes, and take the reply."""
        openid = str(message["FromUserName"])
        if not self.address:
            return Reply(None, 0, failed=False, exchanges=())
        exchanges: list[Exchange] = []
        told: Json | None = None
        failed = True
        while len(exchanges) < self._world.limits["tries"] and not (
            exchanges and exchanges[-1].status
        ):
            letter = write(self._world.account, message, self._timestamp(), self._nonce())
            exchange, told, failed = await self._knock(letter, openid)
            exchanges.append(exchange)
            self._record(exchange)
        return Reply(told, len(exchanges), failed=failed, exchanges=tuple(exchanges))

    async def verify(self) -> bool:
        """Ask the console's question; whether the answer was right."""
        timestamp, nonce, echo = self._timestamp(), self._nonce(), self._nonce()
        query = {
            "signature": signature(self._world.account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": echo,
        }
        async with self._session().get(self.address, params=query) as response:
            return response.status == HTTP_OK and await response.text() == echo

    async def close(self) -> None:
        """Let go of connections."""
        if self._http:
            await self._http.close()

    async def _knock(self, letter: Letter, openid: str) -> tuple[Exchange, Json | None, bool]:
        clock = asyncio.get_running_loop().time
        began = clock()
        status, answer = await self._posted(letter)
        plain, message, failed = _understood(self._world, openid, status, answer)
        exchange = Exchange(
            at=self._world.clock(),
            way="door",
            openid=openid,
            address=f"{urlsplit(self.address).path}?{urlencode(letter.query)}",
            sent=letter.body,
            plain=letter.plain,
            status=status,
            answer=answer,
            answer_plain=plain,
            seconds=clock() - began,
        )
        return exchange, message, failed

    async def _posted(self, letter: Letter) -> tuple[int, str]:
        """Status and text; status 0 when nothing came in time."""
        kind = "application/json" if self._world.account.json else "text/xml"
        patience = self._world.limits.span("reply_seconds").total_seconds()
        try:
            async with (
                asyncio.timeout(patience),
                self._session().post(
                    self.address,
                    params=letter.query,
                    data=letter.body.encode(),
                    headers={"Content-Type": kind},
                ) as response,
            ):
                text = await response.text(errors="replace")
                await asyncio.sleep(self.slow)
                return response.status, text
        except (TimeoutError, ClientError, OSError):
            return 0, ""

    def _session(self) -> ClientSession:
        if self._http is None:
            self._http = ClientSession()
        return self._http

    def _timestamp(self) -> str:
        return str(int(self._world.clock().timestamp()))

    def _nonce(self) -> str:
        return str(self._nonces.randrange(10**8, 10**10))


def _understood(
    world: World, openid: str, status: int, answer: str
) -> tuple[str, Json | None, bool]:
    """What the reply says, what the phone shows, and whether it failed."""
    if status != HTTP_OK:
        return answer, None, True
    try:
        plain, message = read(world.account, openid, answer)
    except Malformed as error:
        return str(error), None, True
    return plain, _shown(world.limits, message), False


def _shown(limits: Limits, message: Json | None) -> Json | None:
    """What the phone shows of a reply: nothing of words too long, the first of many articles."""
    if message is None:
        return None
    if len(str(message.get("Content") or "").encode()) > limits["reply_text_bytes"]:
        return None
    items = (message.get("Articles") or {}).get("item")
    if isinstance(items, list):
        return {**message, "Articles": {"item": items[: limits["reply_articles"]]}}
    return message
