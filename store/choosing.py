"""By which channel a notice goes out, or why not now: chosen when it is to be sent.

Nothing here asks a database or a clock. Moments are whole microseconds since 1970, as rows have
them; a person's counts are kept up while a batch is decided, so that two notices to one person do
not both take the last message of a window.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
FEWEST = 3
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
    spent: dict[Channel, int] = field(default_factory=dict[Channel, int])
    """What this batch adds to `used`."""

    def closed(self, channel: Channel, template: str, house: House, now: int) -> int:
        """Until when nobody may be told by it; 0: it is open."""
        until = 0
        if self.stops:
            until = max(self.stops.get((channel, ""), 0), self.stops.get((channel, template), 0))
        spent = self.spent.get(channel, 0)
        for seconds, most in house.quotas.get(channel, {}).items():
            if self.used.get((channel, seconds), 0) + spent >= most:
                until = max(until, begins(now, seconds) + seconds * SECOND)
        return until if until > now else 0


@dataclass(slots=True)
class Due:
    """A row that is to be told."""

    id: int
    person_id: int
    kind: str
    facts: str
    """JSON, read only by whoever words it."""
    sealed: str | None
    planned_at: int
    until: int | None
    tries: int
    channel: Channel | None
    """How it was handed to a sender and not heard of since: it may have gone out."""
    tried_at: int | None


@dataclass(slots=True)
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
    """What to do with each row; several of one person that can wait become one message."""
    choosing, decisions = Choosing(account, house, now), list[Decision]()
    by_person: dict[int, list[Due]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    for person_id, theirs in by_person.items():
        human = people[person_id]
        if len(theirs) == 1:
            decisions.append(choosing.one(human, theirs[0]))
        else:
            decisions += choosing.several(human, sorted(theirs, key=_order))
    return decisions


def _order(row: Due) -> tuple[int, int]:
    return row.planned_at, row.id


NOBODY = Rule("")
"""Of a kind that is no more."""


class Choosing:
    """Deciding for one batch."""

    def __init__(self, account: Account, house: House, now: int) -> None:
        self._account, self._house, self._now = account, house, now
        self._midnight = (now + CHINA) // DAY * DAY - CHINA

    def one(self, human: Human, row: Due) -> Decision:
        """A person's only row."""
        rule = self._house.rules.get(row.kind, NOBODY)
        return self._gate(human, row, rule) or self._send(human, (row,), rule)

    def several(self, human: Human, rows: Sequence[Due]) -> Iterator[Decision]:
        """All rows of a person."""
        free: list[tuple[Due, Rule]] = []
        for row in rows:
            rule = self._house.rules.get(row.kind, NOBODY)
            gate = self._gate(human, row, rule)
            if gate is not None:
                yield gate
            else:
                free.append((row, rule))
        together = tuple(row for row, rule in free if not rule.urgent)
        if len(together) >= FEWEST:
            digest = self._send(human, together, self._house.rules.get(DIGEST, NOBODY))
            if digest.channel is not None:
                yield digest
                free = [(row, rule) for row, rule in free if rule.urgent]
        for row, rule in free:
            yield self._send(human, (row,), rule)

    def _gate(self, human: Human, row: Due, rule: Rule) -> Decision | None:
        """What keeps a row from being told now; None: nothing."""
        if row.channel is not None:
            return self._once_more(human, row, rule)
        why: Why | None = None
        if human.openid is None or rule is NOBODY:
            why = Why.NO_SUCH_PERSON
        elif row.until is not None and row.until <= self._now:
            why = Why.STALE
        elif human.left:
            why = Why.LEFT
        elif rule.setting in human.silent and not rule.mandatory:
            why = Why.SILENCED
        if why is not None:
            return _settled(row, Outcome.DROPPED, why)
        morning = 0 if rule.urgent else self._morning(human, rule)
        return Decision((row,), at=morning) if morning else None

    def _once_more(self, human: Human, row: Due, rule: Rule) -> Decision:
        """It may have gone out: the same once more while its key lives, else nobody knows."""
        tried = row.tried_at or 0
        if row.channel is Channel.TEMPLATE and self._now < tried + KEY_LIVES and human.openid:
            return Decision((row,), human.openid, row.channel, rule.template)
        return _settled(row, Outcome.UNKNOWN, Why.LOST)

    def _morning(self, human: Human, rule: Rule) -> int:
        """Till when it waits: for the end of quiet hours, or for another day; 0: not at all."""
        begins, ends = self._house.quiet
        hour = self._now - self._midnight
        told = human.told if human.told_since == self._midnight else 0
        enough = told >= self._house.most and not rule.mandatory
        if ends <= hour < begins and not enough:
            return 0
        day = 0 if hour < ends else DAY
        return self._midnight + day + ends + human.id * 7919 % (SPREAD // SECOND) * SECOND

    def _send(self, human: Human, rows: tuple[Due, ...], rule: Rule) -> Decision:
        """By the first channel that is open; else later, else kept for their next contact."""
        waits = 0
        for channel, template in self._ways(human, rule):
            until = self._account.closed(channel, template, self._house, self._now)
            if until == 0:
                self._count(human, channel, template, rule)
                return Decision(rows, human.openid or "", channel, template)
            waits = min(waits or until, until)
        last = rows[0].until
        if 0 < waits < self._now + LONGEST_WAIT and (last is None or waits < last):
            return Decision(rows, at=waits)
        return Decision(rows, outcome=Outcome.KEPT, why=Why.NO_WAY)

    def _ways(self, human: Human, rule: Rule) -> Iterator[tuple[Channel, str]]:
        """The channels that a person could be told by, best first."""
        may = self._house.channels
        if human.muted_at and human.muted_at >= max(human.wrote_at, human.heard_at):
            return
        subscription = rule.subscription
        if subscription and Channel.SUBSCRIPTION in may and human.credits.get(subscription, 0) > 0:
            yield Channel.SUBSCRIPTION, subscription
        if rule.template and Channel.TEMPLATE in may:
            yield Channel.TEMPLATE, rule.template
        if Channel.CUSTOMER in may and human.window(self._now):
            yield Channel.CUSTOMER, ""

    def _count(self, human: Human, channel: Channel, template: str, rule: Rule) -> None:
        """Take what it costs."""
        spent = self._account.spent
        spent[channel] = spent.get(channel, 0) + 1
        if channel is Channel.SUBSCRIPTION:
            human.credits[template] -= 1
            human.taken[template] = human.taken.get(template, 0) + 1
        elif channel is Channel.CUSTOMER:
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
