"""What is told unasked, put together: who words it, who sends it, what the account may send."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from bot import topics
from bot.calendar import Calendar, Daily
from bot.jobs import Job
from bot.kit.facts import Seals
from bot.kit.texts import Texts
from bot.metrics import Metrics
from bot.settings import Settings
from bot.wechat import accounts
from bot.wechat.closing import Closing
from notifications import forms, notice
from notifications.delivery import Copy, Deliverer
from notifications.forms import DIGEST, Form
from notifications.notice import Kind, Planner
from store import aging, job
from store.base import MICROSECOND, microseconds
from store.choosing import House, Rule
from store.database import Database
from store.outbox import Sender
from store.policies import Policy

TELLING, CLOSING = timedelta(seconds=1), timedelta(seconds=2)
MEASURING, LOOKING = timedelta(seconds=10), timedelta(minutes=1)
NIGHT = time(3, 10)


def planner(policy: Policy, secret: bytes) -> Planner:
    """Who turns what happens into what is to be told."""
    return Planner(topics.TOPICS, notice.load(), policy, secret)


def house(
    kinds: Mapping[str, Kind], templates: Mapping[str, Form], policy: Policy, account: str
) -> House:
    """What holds for all that is told: by kind, by the account's type, by policy."""
    rules = {
        name: Rule(kind.setting, kind.mandatory, kind.urgent, *_ids(templates.get(name)))
        for name, kind in kinds.items()
    }
    quotas = accounts.quotas(account)
    return House(
        rules | {DIGEST: _digest(templates)},
        frozenset(quotas),
        quotas,
        (
            policy.quiet_begins.value // MICROSECOND,
            policy.quiet_ends.value // MICROSECOND,
        ),
        policy.notices_day.value,
    )


def _digest(templates: Mapping[str, Form]) -> Rule:
    template, subscription = _ids(templates.get(DIGEST))
    return Rule("", template=template, subscription=subscription)


def _ids(form: Form | None) -> tuple[str, str]:
    return (form.template, form.subscription) if form else ("", "")


@dataclass
class Telling:
    """The part of an account that speaks unasked."""

    settings: Settings
    database: Database
    policy: Policy
    texts: Texts
    sender: Sender
    clock: Callable[[], datetime]
    metrics: Metrics
    stopping: bool = False
    due: int = 0
    lag: float = 0.0
    """Seconds since the oldest thing is due, when last looked."""

    @cached_property
    def deliverer(self) -> Deliverer:
        """Who has what is due told. Raises FormsBroken."""
        kinds = notice.load()
        templates = forms.load(self.settings.templates, kinds)
        return Deliverer(
            self.database,
            self.sender,
            house(kinds, templates, self.policy, self.settings.wechat_account),
            Copy(self.texts, kinds, templates, Seals(self.settings.data_key)),
            self.clock,
            lambda: secrets.randbits(62),
            self._count,
        )

    @cached_property
    def closing(self) -> Closing:
        """Who takes what the platform says later."""
        return Closing(self.database)

    async def close(self) -> None:
        """Write what the platform said of messages sent before."""
        await self.closing.write(microseconds(self.clock()))

    def jobs(self) -> list[Job]:
        """What looks for due rows."""
        return [
            Job("tell what is due", TELLING, self.tell),
            Job("close what was told", CLOSING, self.close),
            Job("measure what is due", MEASURING, self.measure),
            Job("look at the calendar", LOOKING, self.calendar.look),
        ]

    @cached_property
    def calendar(self) -> Calendar:
        """What is done at an hour of the day."""
        return Calendar(
            self.database, [Daily("forget what was told", NIGHT, self.forget)], self.clock
        )

    async def forget(self) -> None:
        """Forget what was told long ago, and counts of past days."""
        more = 1
        while more and not self.stopping:
            async with self.database.begin() as session:
                more = await aging.forget(session, self.clock())

    async def measure(self) -> None:
        """Measure how late the clock is."""
        now = microseconds(self.clock())
        count, since = await self.database.run(job.owed(now))
        self.due, self.lag = count, (now - since) / 1_000_000
        self.metrics.outbox_due.set(count)
        self.metrics.outbox_lag.set(self.lag)
        late = await self.calendar.late()
        for daily in self.calendar.dailies:
            span = late.get(daily.name, timedelta())
            self.metrics.job_lag.labels(daily.name).set(span.total_seconds())

    @property
    def words(self) -> str:
        """How late it is, for the doctor."""
        return (
            f"{self.due} notices due, the oldest for {self.lag:.0f} s" if self.due else "told all"
        )

    async def tell(self) -> None:
        """Tell what is due."""
        await self.deliverer.drain(stopping=lambda: self.stopping)

    def _count(self, channel: str, end: str) -> None:
        self.metrics.sends.labels(channel, end).inc()
