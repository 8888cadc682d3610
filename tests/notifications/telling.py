"""A deliverer over a sender of the tests' own."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bot.kit.facts import Seals, closed
from bot.kit.texts import Texts
from notifications.delivery import Copy, Deliverer
from notifications.forms import Form
from notifications.notice import Kind
from store.choosing import House, Rule
from store.conversation import Conversation
from store.database import Database
from store.delivery import Delivery as Row
from store.outbox import Channel, Delivered, Delivery, Outbox, Outcome, Outgoing, Plan, plan
from store.person import Person
from tests.store.people import SECRET

ROOT = Path(__file__).parents[2]
TEMPLATE, SUBSCRIPTION = "tm", "sub"
KINDS = {
    "booking.approved": Kind("booking.approved", "answers", mandatory=True),
    "booking.day_before": Kind("booking.day_before", "before"),
    "booking.aborted": Kind("booking.aborted", "changes", urgent=True),
}
FORMS = {
    "booking.approved": Form(TEMPLATE, SUBSCRIPTION, {"thing1": "title", "time2": "period"}),
    "booking.aborted": Form(TEMPLATE, "", {"thing1": "title"}),
}
ALL = frozenset({Channel.CUSTOMER, Channel.TEMPLATE, Channel.SUBSCRIPTION})
Answer = Callable[[Outgoing], Delivery]


@cache
def copy() -> Texts:
    """The words of notices."""
    return Texts.load([ROOT / "notifications/texts", ROOT / "bot/texts"])


@dataclass
class Sent:
    """A sender that remembers."""

    answer: Answer = lambda _: Delivered("1")
    messages: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing) -> Delivery:
        self.messages.append(message)
        return self.answer(message)

    @property
    def channels(self) -> list[str]:
        return [str(message.channel) for message in self.messages]


@dataclass
class World:
    """A database with people in it, and the deliverer."""

    database: Database
    now: datetime
    sent: Sent = field(default_factory=Sent)
    forms: Mapping[str, Form] = field(default_factory=dict)
    channels: frozenset[Channel] = ALL
    quotas: Mapping[Channel, Mapping[int, int]] = field(default_factory=dict)
    counted: list[tuple[str, str]] = field(default_factory=list)
    tokens: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def house(self) -> House:
        rules = {}
        for name, kind in KINDS.items():
            form = self.forms.get(name, Form())
            rules[name] = Rule(
                kind.setting, kind.mandatory, kind.urgent, form.template, form.subscription
            )
        return House(rules, self.channels, self.quotas)

    @property
    def deliverer(self) -> Deliverer:
        return Deliverer(
            self.database,
            self.sent,
            self.house,
            Copy(copy(), KINDS, self.forms, Seals(SECRET)),
            lambda: self.now,
            lambda: next(self.tokens),
            lambda channel, end: self.counted.append((channel, end)),
        )

    async def person(self, openid: str, *, wrote: timedelta | None = timedelta()) -> int:
        """Somebody who wrote so long ago, or never."""
        async with self.database.begin() as session:
            row = Person(openid=openid, followed_at=self.now)
            session.add(row)
            await session.flush()
            if wrote is not None:
                at = self.now - wrote
                talk = Conversation(person_id=row.id, version=1, state={}, heard_at=at, wrote_at=at)
                session.add(talk)
            return row.id

    async def plan(self, person_id: int, kind: str = "booking.approved", **more: Any) -> None:
        """One notice, due now."""
        number = next(self.tokens)
        facts = {"number": number, "instrument": "三坐标测量机", "yq": 12}
        row = Plan(f"x/{number}", 1, kind, f"booking/{number}", person_id, facts, self.now)
        row = replace(row, **more)
        async with self.database.begin() as session:
            await plan(session, [replace(row, facts=closed(row.facts))])

    async def tell(self) -> None:
        await self.deliverer.drain()

    async def rows(self) -> list[Outbox]:
        async with self.database.read() as session:
            return list((await session.scalars(select(Outbox).order_by(Outbox.id))).all())

    async def outcomes(self) -> list[Outcome | None]:
        return [row.outcome for row in await self.rows()]

    async def log(self) -> list[tuple[str, str | None, str | None]]:
        """What became of each attempt: result, channel, why."""
        async with self.database.read() as session:
            rows = (await session.scalars(select(Row).order_by(Row.id))).all()
            return [
                (row.result, row.channel and str(row.channel), row.why and str(row.why))
                for row in rows
            ]

    async def add(self, table: Any, **values: Any) -> None:
        async with self.database.begin() as session:
            await session.execute(insert(table).values(**values))
