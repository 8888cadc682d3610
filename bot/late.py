"""What comes too late for its reply, and the messages that a process died over.

A message that is not answered soon is kept (store/unheard.py) before its sender is told to wait.
An answer goes out by a customer-service message, or is kept for `继续`; then the message goes.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict

import orjson
import structlog

from bot.desk import Desk, House
from bot.kit.heard import Act, Heard
from bot.kit.say import Answer, Say
from bot.kit.texts import Texts
from bot.metrics import Metrics
from store import privacy, unheard
from store.outbox import Channel, Delivered, Outgoing, Sender, Words
from store.unheard import Unheard

SENDING = 6.0
"""Seconds in which a late answer must go out; else it is kept for `继续`."""
ECHO = 20
"""Characters of a message that an apology repeats."""

log = structlog.get_logger(__name__)


class Late:
    """Sees to it that who was told to wait is answered."""

    def __init__(
        self, house: House, desk: Desk, sender: Sender, texts: Texts, metrics: Metrics
    ) -> None:
        self._database, self._clock, self._secret = house.database, house.clock, house.secret
        self._desk, self._sender, self._texts, self._metrics = desk, sender, texts, metrics
        self._key = privacy.derive(house.secret, "unheard")

    async def keep(self, heard: Heard) -> None:
        """Keep a message that is being heard for long."""
        told = asdict(heard) | {"at": heard.at.timestamp()}
        sealed = privacy.seal(self._key, orjson.dumps(told), heard.key)
        now = self._clock()
        async with self._database.begin() as session:
            await unheard.keep(session, heard.key, heard.openid, sealed, at=heard.at, now=now)

    async def release(self, heard: Heard) -> None:
        """It is answered."""
        async with self._database.begin() as session:
            await unheard.release(session, heard.key)

    async def send(self, heard: Heard, answer: Answer) -> None:
        """Give an answer that nobody is there to take."""
        key = privacy.hashed(self._secret, "late", heard.key)[:32]
        body = Words(answer.text)
        message = Outgoing(heard.openid, Channel.CUSTOMER, body, key, self._clock())
        sent = False
        with suppress(TimeoutError):
            async with asyncio.timeout(SENDING):
                sent = isinstance(await self._sender.send(message), Delivered)
        self._metrics.late.labels("customer" if sent else "kept").inc()
        if not sent:
            await self._desk.keep(heard, answer)

    async def recover(self) -> None:
        """Hear the messages that a process died over."""
        async with self._database.begin() as session:
            rows = await unheard.claim(session, self._clock())
        for row in rows:
            try:
                await self._recover(row)
            except Exception:  # the next lease tries it again
                log.exception("late", message=row.key)

    async def _recover(self, row: Unheard) -> None:
        heard = self._opened(row)
        answer = None if heard is None else await self._answer(row, heard)
        if heard is not None and answer is not None:
            await self.send(heard, answer)
        async with self._database.begin() as session:
            await unheard.release(session, row.key)

    async def _answer(self, row: Unheard, heard: Heard) -> Answer | None:
        """Its answer; an apology where its sender has gone on to other things."""
        async with self._database.read() as session:
            overtaken = await unheard.overtaken(session, row)
        if not overtaken:
            return await self._desk.hear(heard)
        if heard.act is not Act.TEXT:
            return None
        say = Say("desk.unheard", {"words": heard.words[:ECHO]})
        return Answer(self._texts.compose(say), say)

    def _opened(self, row: Unheard) -> Heard | None:
        """The message; nothing where another key sealed it."""
        try:
            told = orjson.loads(privacy.unseal(self._key, row.sealed, row.key))
        except privacy.Unopenable:
            return None
        place = told["place"] and tuple(told["place"])
        return Heard(**{**told, "at": row.at, "act": Act(told["act"]), "place": place})
