"""By which channel a notice goes out, or why not now: chosen when it is to be sent.

Nothing here asks a database or a clock. Moments are whole microseconds since 1970, as rows have
them; a person's counts are kept up while a batch is decided, so that two notices to one person do
not both take the last message of a window.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from store.outbox import Channel, Outcome, Why

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
CHINA = 8 * HOUR
"""All of China keeps one time, without a summer's."""
WRITTEN, WRITTEN_MOST = 48 * HOUR - MINUTE, 5
"""How long, and for how many messages, a window is open after they wrote (a minute spared)."""
TOUCHED, TOUCHED_MOST = 50 * SECOND, 3
"""The same after a menu click, a scan or following (ten seconds spared)."""
KEY_LIVES = 9 * MINUTE
"""While the platform knows a template message again (ten minutes, one spared)."""
SPREAD = 5 * MINUTE
"""What waited for the morning leaves in this time, one person's things together."""
LONGEST_WAIT = 2 * DAY
"""Nothing waits longer for a channel to open: it is kept for their next contact."""
DIGEST = "digest"
"""The kind of several notices in one."""
FEWEST = 2
"""Notices for one person that go out as one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the account and its bureau say of one kind."""

    setting: str
    mandatory: bool = False
    urgent: bool = False
    template: str = ""
    """Id of its template message; empty: the account has none."""
    subscription: str = ""
    """Id of its subscription message."""


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all."""

    rules: Mapping[str, Rule]
    channels: frozenset[Channel]
    """What an account of this type may."""
    quotas: Mapping[Channel, Mapping[int, int]]
    """The most messages of a channel in so many seconds."""
    quiet: tuple[int, int] = (22 * HOUR, 7 * HOUR + 30 * MINUTE)
    """From when till when nothing is told that can wait, after midnight."""
    most: int = 8
    """Notices a person and day, of those that can wait."""


@dataclass(slots=True)
class Human:
    """How one person can be reached."""

    id: int
    openid: str | None
    left: bool = False
    wrote_at: int = 0
    heard_at: int = 0
    muted_at: int = 0
    closed_at: int = 0
    window_at: int = 0
    used: int = 0
    told_since: int = 0
    told: int = 0
    credits: dict[str, int] = field(default_factory=dict[str, int])
    silent: set[str] = field(default_factory=set[str])
    counted: bool = False
    """Whether counts changed and are to be written."""
    taken: dict[str, int] = field(default_factory=dict[str, int])
    """Credits that this batch takes, by template."""

    def window(self, now: int) -> int:
        """The contact whose window has a message left; 0 where none has."""
        contacts = ((self.wrote_at, WRITTEN, WRITTEN_MOST), (self.heard_at, TOUCHED, TOUCHED_MOST))
        for at, lasts, most in contacts:
            used = self.used if at == self.window_at else 0
            if at > self.closed_at and now < at + lasts and used < most:
                return at
        return 0


@dataclass(slots=True)
class Account:
    """What all replicas together sent, and what is stopped."""

    used: dict[tuple[Channel, int], int] = field(default_factory=dict[tuple[Channel, int], int])
    """By channel and length of the stretch that is running."""
    stops: dict[tuple[Channel, str], int] = field(default_factory=dict[tuple[Channel, str], int])
    """Until when a channel, or a template of it, is stopped."""
    spent: dict[tuple[Channel, int], int] = field(default_factory=dict[tuple[Channel, int], int])
    """What this batch adds to `used`."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is to be told."""

    id: int
    person_id: int
    kind: str
    facts: Mapping[str, Any]
    sealed: str | None
    planned_at: int
    until: int | None
    tries: int
    channel: Channel | None
    """How it was handed to a sender and not heard of since: it may have gone out."""
    tried_at: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a row now, or with several of one person."""

    rows: tuple[Due, ...]
    openid: str = ""
    channel: Channel | None = None
    """Sent by this, now."""
    template: str = ""
    at: int = 0
    """Looked at again then."""
    outcome: Outcome | None = None
    why: Why | None = None


def decide(
    rows: Iterable[Due], people: Mapping[int, Human], account: Account, house: House, now: int
) -> list[Decision]:
    """What to do with each row."""
    decisions: list[Decision] = []
    for person_id, theirs in groupby(sorted(rows, key=_order), key=lambda row: row.person_id):
        choosing = Choosing(people[person_id], account, house, now)
        decisions += choosing.decide(list(theirs))
    return decisions


def _order(row: Due) -> tuple[int, int, int]:
    return row.person_id, row.planned_at, row.id


class Choosing:
    """Deciding for one person."""

    def __init__(self, human: Human, account: Account, house: House, now: int) -> None:
        self._human, self._account, self._house, self._now = human, account, house, now
        self._midnight = (now + CHINA) // DAY * DAY - CHINA

    def decide(self, rows: Sequence[Due]) -> Iterator[Decision]:
        """All rows of the person: several that may wait become one message."""
        free: list[Due] = []
        for row in rows:
            gate = self._gate(row)
            if gate is not None:
                yield gate
            else:
                free.append(row)
        yield from self._free(free)

    def _free(self, rows: Sequence[Due]) -> Iterator[Decision]:
        several = [row for row in rows if not self._rule(row).urgent]
        if len(several) >= FEWEST:
            digest = self._send(tuple(several), self._house.rules.get(DIGEST, Rule("")))
            if digest.channel is not None:
                yield digest
                rows = [row for row in rows if self._rule(row).urgent]
        for row in rows:
            yield self._send((row,), self._rule(row))

    def _rule(self, row: Due) -> Rule:
        return self._house.rules.get(row.kind, Rule(""))

    def _gate(self, row: Due) -> Decision | None:
        """What keeps a row from being told now; None: nothing."""
        human, rule = self._human, self._rule(row)
        if row.channel is not None:
            return self._once_more(row)
        if human.openid is None or row.kind not in self._house.rules:
            return _settled(row, Outcome.DROPPED, Why.NO_SUCH_PERSON)
        if row.until is not None and row.until <= self._now:
            return _settled(row, Outcome.DROPPED, Why.STALE)
        if human.left:
            return _settled(row, Outcome.DROPPED, Why.LEFT)
        if rule.setting in human.silent and not rule.mandatory:
            return _settled(row, Outcome.DROPPED, Why.SILENCED)
        morning = 0 if rule.urgent else self._morning(rule)
        return Decision((row,), at=morning) if morning else None

    def _once_more(self, row: Due) -> Decision:
        """It may have gone out: the same once more while its key lives, else nobody knows."""
        human, tried = self._human, row.tried_at or 0
        if row.channel is Channel.TEMPLATE and self._now < tried + KEY_LIVES and human.openid:
            return Decision((row,), human.openid, row.channel, self._rule(row).template)
        return _settled(row, Outcome.UNKNOWN, Why.LOST)

    def _morning(self, rule: Rule) -> int:
        """Till when it waits: for the end of quiet hours, or for another day; 0: not at all."""
        begins, ends = self._house.quiet
        hour, spread = self._now - self._midnight, self._human.id * 7919 % (SPREAD // SECOND)
        if hour < ends:
            return self._midnight + ends + spread * SECOND
        human = self._human
        told = human.told if human.told_since == self._midnight else 0
        if hour >= begins or (told >= self._house.most and not rule.mandatory):
            return self._midnight + DAY + ends + spread * SECOND
        return 0

    def _send(self, rows: tuple[Due, ...], rule: Rule) -> Decision:
        """By the first channel that is open; else later, else kept for their next contact."""
        waits = 0
        for channel, template in self._ways(rule):
            until = self._closed(channel, template)
            if until == 0:
                self._count(channel, template, rule)
                return Decision(rows, self._human.openid or "", channel, template)
            waits = min(waits or until, until)
        row = rows[0]
        if 0 < waits < self._now + LONGEST_WAIT and (row.until is None or waits < row.until):
            return Decision(rows, at=waits)
        return Decision(rows, outcome=Outcome.KEPT, why=Why.NO_WAY)

    def _ways(self, rule: Rule) -> Iterator[tuple[Channel, str]]:
        """The channels that the person could be told by, best first."""
        human, may = self._human, self._house.channels
        heard = max(human.wrote_at, human.heard_at)
        if human.muted_at and human.muted_at >= heard:
            return
        subscription = rule.subscription if Channel.SUBSCRIPTION in may else ""
        if subscription and human.credits.get(subscription, 0) > 0:
            yield Channel.SUBSCRIPTION, subscription
        if rule.template and Channel.TEMPLATE in may:
            yield Channel.TEMPLATE, rule.template
        if Channel.CUSTOMER in may and human.window(self._now):
            yield Channel.CUSTOMER, ""

    def _closed(self, channel: Channel, template: str) -> int:
        """Until when the account may not use it; 0: it may now."""
        stops = self._account.stops
        until = max(stops.get((channel, ""), 0), stops.get((channel, template), 0))
        for seconds, most in self._house.quotas.get(channel, {}).items():
            used = self._account.used.get((channel, seconds), 0)
            used += self._account.spent.get((channel, seconds), 0)
            if used >= most:
                until = max(until, begins(self._now, seconds) + seconds * SECOND)
        return until if until > self._now else 0

    def _count(self, channel: Channel, template: str, rule: Rule) -> None:
        """Take what it costs."""
        human = self._human
        for seconds in self._house.quotas.get(channel, {}):
            spent = self._account.spent
            spent[channel, seconds] = spent.get((channel, seconds), 0) + 1
        if channel is Channel.SUBSCRIPTION:
            human.credits[template] -= 1
            human.taken[template] = human.taken.get(template, 0) + 1
        if channel is Channel.CUSTOMER:
            window = human.window(self._now)
            human.used = human.used + 1 if window == human.window_at else 1
            human.window_at, human.counted = window, True
        if not rule.urgent:
            same = human.told_since == self._midnight
            human.told = human.told + 1 if same else 1
            human.told_since, human.counted = self._midnight, True


def begins(now: int, seconds: int) -> int:
    """When the running stretch of so many seconds began; days begin at midnight in China."""
    length = seconds * SECOND
    return (now + CHINA) // length * length - CHINA


def _settled(row: Due, outcome: Outcome, why: Why) -> Decision:
    return Decision((row,), outcome=outcome, why=why)
