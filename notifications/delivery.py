"""Tells what is due: claims rows, words them, has them sent, settles them.

Several rounds run at once, each with a claim of its own; what a round claims it sends at once, so
that little is in doubt when the process dies. A round's rows are settled in one transaction with
what their sends taught us.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from bot.kit.facts import Seals, in_words, opened
from bot.kit.moments import HERE
from bot.kit.pages import cut
from bot.kit.say import Say
from bot.kit.texts import Texts
from notifications.forms import DIGEST, Form
from notifications.notice import Kind
from notifications.verdict import judge
from store import dispatch, outbox, reach, settling
from store.base import EPOCH, MICROSECOND, microseconds
from store.choosing import Decision, Due, House
from store.database import Database
from store.dispatch import Claim
from store.outbox import Channel, Outgoing, Sender, Why, Words
from store.reach import Lesson
from store.script import Script
from store.settling import Ended

LEASE = timedelta(minutes=2)
SPARED = timedelta(seconds=40)
"""Nothing is handed to a sender when the lease has no more than this left."""
BATCH, ROUNDS = 32, 3
"""What is in flight at once is also what others wait for in the loop."""
BUSY, LONGEST_REST = 0.02, 0.25
"""Seconds that a turn of the loop takes when others wait too long; the longest rest then."""
"""The longest pause between two tries."""
LONGEST = 2_000
"""Bytes of UTF-8 in one message."""

log = structlog.get_logger(__name__)
Count = Callable[[str, str], None]
"""Told the channel and what came of a send."""


@dataclass(frozen=True)
class Copy:
    """What words and forms a notice has."""

    texts: Texts
    kinds: Mapping[str, Kind]
    forms: Mapping[str, Form]
    seals: Seals

    def title(self, row: Due) -> str:
        """Its one line."""
        line = self.texts.compose(Say(f"notice.{row.kind}:title", in_words(self._facts(row))))
        return line.rstrip("： ")

    def words(self, rows: Sequence[Due]) -> str:
        """What a customer-service message says; several become a list of their lines."""
        if len(rows) > 1:
            items = tuple({"title": self.title(row)} for row in rows)
            say = Say("notice.delivery.digest", {"count": len(rows)}, items)
        else:
            facts = self._facts(rows[0]) | self.seals.opened(rows[0].sealed, rows[0].person_id)
            say = Say(f"notice.{rows[0].kind}", in_words(facts))
        text = self.texts.compose(say)
        return text if len(text) * 4 <= LONGEST else cut(text, LONGEST)[0]

    def form(self, rows: Sequence[Due]) -> dict[str, str]:
        """What a template's fields say."""
        if len(rows) > 1:
            facts: dict[str, Any] = {"count": len(rows), "planned_at": _planned(rows[0])}
            title = self.texts.compose(Say("notice.delivery.digest:title", facts))
            return self.forms[DIGEST].filled(facts, title)
        row = rows[0]
        facts = {"planned_at": _planned(row), **self._facts(row)}
        return self.forms[row.kind].filled(facts, self.title(row))

    def body(self, decision: Decision) -> outbox.Body:
        """What is sent."""
        if decision.channel is Channel.CUSTOMER:
            return Words(self.words(decision.rows))
        return outbox.Form(decision.template, self.form(decision.rows))

    def _facts(self, row: Due) -> dict[str, Any]:
        return opened(orjson.loads(row.facts))


async def _rest() -> None:
    """Let the loop's others have their turns: the longer, the busier it is."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(0)
    took = loop.time() - began
    if took > BUSY:
        await asyncio.sleep(min(took, LONGEST_REST))


def _planned(row: Due) -> datetime:
    return (EPOCH + row.planned_at * MICROSECOND).astimezone(HERE)


@dataclass(frozen=True)
class Deliverer:
    """Has what is due told, by one sender."""

    database: Database
    sender: Sender
    house: House
    copy: Copy
    clock: Callable[[], datetime]
    draw: Callable[[], int]
    """Draws a claim's number, of 62 bits."""
    count: Count
    rounds: int = ROUNDS
    batch: int = BATCH

    async def drain(self, *, stopping: Callable[[], bool] = lambda: False) -> None:
        """Tell until nothing more is due."""
        await asyncio.gather(*(self._rounds(stopping) for _ in range(self.rounds)))

    async def _rounds(self, stopping: Callable[[], bool]) -> None:
        while not stopping() and await self.round():
            await _rest()

    async def round(self) -> int:
        """Claim what is due, send it, settle it; how many messages were sent."""
        token, until = self.draw(), self.clock() + LEASE
        claim = Claim(microseconds(self.clock()), microseconds(until), self.batch, token)
        script = dispatch.claim(claim, self.house, embedded=self.database.embedded)
        decisions = await self.database.run(script, writes=True)
        if not decisions:
            return 0
        sending = []
        for decision in decisions:  # one a turn of the loop: whoever knocks has turns between
            sending.append(asyncio.ensure_future(self._send(decision, until)))
            await asyncio.sleep(0)
        sent = await asyncio.gather(*sending)
        ended = [row for rows, _ in sent for row in rows]
        lessons = [lesson for _, several in sent for lesson in several]
        settling = _settle(ended, lessons, token, microseconds(self.clock()))
        await self.database.run(settling, writes=True)
        return len(decisions)

    async def _send(
        self, decision: Decision, until: datetime
    ) -> tuple[list[Ended], Sequence[Lesson]]:
        assert decision.channel is not None  # noqa: S101 - for the type checker
        if self.clock() > until - SPARED:
            delivery: outbox.Delivery = outbox.RetryAt(self.clock(), Why.BUSY)
        else:
            delivery = await self._sent(decision, decision.channel)
        self.count(str(decision.channel), type(delivery).__name__.lower())
        return self._ended(decision, delivery)

    async def _sent(self, decision: Decision, channel: Channel) -> outbox.Delivery:
        """Word it and send it; a row that cannot be worded must not hurt those beside it."""
        try:
            message = self._message(decision, channel)
        except Exception:
            kinds = sorted({row.kind for row in decision.rows})
            log.exception("notice", kinds=kinds, rows=[row.id for row in decision.rows])
            return outbox.Drop(Why.MALFORMED, kinds[0])
        return await self.sender.send(message)

    def _message(self, decision: Decision, channel: Channel) -> Outgoing:
        row = decision.rows[0]
        tried_at = EPOCH + row.tried_at * MICROSECOND if row.tried_at else self.clock()
        return Outgoing(
            decision.openid, channel, self.copy.body(decision), _key(decision), tried_at
        )

    def _ended(
        self, decision: Decision, delivery: outbox.Delivery
    ) -> tuple[list[Ended], Sequence[Lesson]]:
        now = self.clock()
        verdict = judge(decision, delivery, now)
        rows = [
            Ended(row.id, row.person_id, channel=decision.channel, **verdict.columns(row, now))
            for row in decision.rows
        ]
        return rows, verdict.lessons


def _key(decision: Decision) -> str:
    """The same whenever the same message is sent again."""
    row, rest = decision.rows[0], decision.rows[1:]
    if not rest:
        return f"n{row.id}"
    several = ",".join(str(each.id) for each in decision.rows)
    return f"d{hashlib.sha256(several.encode()).hexdigest()[:24]}"


def _settle(
    ended: Sequence[Ended], lessons: Sequence[Lesson], token: int, now: int
) -> Script[None]:
    yield from settling.settle(ended, token, now)
    yield from reach.learn(lessons, now)
