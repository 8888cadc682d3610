"""Pictures that go with an answer: at a signed address, and after it as a picture in the chat.

A reply can carry a picture only by its number at the platform, so it would have to go up first, in
the seconds that a reply has. It goes out behind the reply instead, where the account may send;
where it may not, the address in the reply shows it all the same.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from aiohttp import web

from bot.kit.heard import Heard
from bot.kit.say import Answer
from store import instrument, privacy, terms, week
from store.database import Database
from store.outbox import Channel, Outgoing, Picture, Sender
from store.policies import Policy

Hear = Callable[[Heard], Awaitable[Answer | None]]
BEHIND = 0.5
"""Seconds after the reply."""
KNOWN = 1000
"""Messages whose picture is not sent twice."""
FRESH = {"Cache-Control": "private, max-age=30", "X-Content-Type-Options": "nosniff"}
LOG = structlog.get_logger(__name__)


def _drawn(name: str, number: int, days: Sequence[week.Day], now: datetime, unsure: bool) -> bytes:  # noqa: FBT001
    from bot.week import Sheet, draw

    return draw(Sheet(name, number, days, now, unsure))


class Pictures:
    """Draws, shows and sends them."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        secret: bytes,
        sender: Sender,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._policy, self._secret = database, policy, secret
        self._sender, self._clock = sender, clock
        self._sent: OrderedDict[str, None] = OrderedDict()
        self._tasks = set[asyncio.Task[None]]()

    def app(self) -> web.Application:
        """For `app.add_subapp("/w", …)`."""
        app = web.Application()
        app.add_routes([web.get("/{name:[A-Za-z0-9.-]{1,60}}", self.show)])
        return app

    async def show(self, request: web.Request) -> web.Response:
        """One picture, as things stand now; 404 for a name that we never gave out."""
        data = await self.draw(request.match_info["name"])
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data, content_type="image/png", headers=FRESH)

    async def draw(self, name: str) -> bytes | None:
        """The picture of a name."""
        known = week.read_name(self._secret, name)
        if known is None:
            return None
        number, first = known
        now = self._clock()
        async with self._database.read() as session:
            row = await instrument.load(session, number)
            if row is None:
                return None
            held = await terms.of(session, number, self._policy)
            days = await week.week(session, held, first, now)
        told = (row[0].name, number, days, now, held.opening.asks)
        return await asyncio.to_thread(_drawn, *told)

    def beside(self, hear: Hear) -> Hear:
        """Answer as ever; a picture of the answer follows it."""

        async def both(heard: Heard) -> Answer | None:
            answer = await hear(heard)
            if answer is not None and answer.say.picture and self._first(heard):
                task = asyncio.create_task(self._follow(heard, answer.say.picture))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return answer

        return both

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._tasks)

    def _first(self, heard: Heard) -> bool:
        """Whether this message is heard for the first time."""
        if heard.key in self._sent:
            return False
        self._sent[heard.key] = None
        if len(self._sent) > KNOWN:
            self._sent.popitem(last=False)
        return True

    async def _follow(self, heard: Heard, name: str) -> None:
        await asyncio.sleep(BEHIND)
        try:
            data = await self.draw(name)
            if data is not None:
                key = privacy.hashed(self._secret, "picture", heard.key)[:32]
                body = Picture(name, data)
                message = Outgoing(heard.openid, Channel.CUSTOMER, body, key, self._clock())
                await self._sender.send(message)
        except Exception:
            LOG.exception("picture", name=name)
