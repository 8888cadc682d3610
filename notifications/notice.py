"""Notices: who hears what, when, as values; and how events become rows of the outbox.

A topic's file (`notifications/booking.py`) has `HEARS`: what is told of an event, by the event's
name. What kinds of notices there are stands in `kinds.toml`, a row a kind; its words stand in
`texts/<topic>.toml` under the kind's name (`booking.approved` in `texts/booking.toml`:
`[approved]`), with `title`, one short line for lists and digests.

    async def approved(session: AsyncSession, event: Event, policy: Policy) -> list[Notice]:
        return [Notice("booking.approved", person_id, {"number": 208, "starts_at": moment})]

    HEARS = {"booking.approve": approved}

Facts fill the words and a template's fields: text, numbers, moments (aware datetimes), periods
(two moments), money (`Fen`), or another text (`{"key": …}`). Nothing personal but in `private`,
which is sealed.
"""

import tomllib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from bot.kit.facts import Facts, Fen, Seals, closed
from store import outbox
from store.event import Event
from store.outbox import Plan
from store.policies import Policy

__all__ = ["Facts", "Fen", "Hears", "Kind", "KindsBroken", "Notice", "Planner", "load"]
TABLE = Path(__file__).with_name("kinds.toml")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person."""

    kind: str
    """As in `kinds.toml`; names its words."""
    person_id: int
    facts: Facts = field(default_factory=dict[str, Any])
    due_at: datetime | None = None
    """None: at once, and not to whoever did it. What would have been due by then is not told."""
    until: datetime | None = None
    """From then on it is of no use, and is told no more."""
    private: Facts = field(default_factory=dict[str, Any])
    """Facts that may be personal (somebody's words, a name): sealed while they wait."""
    about: str = ""
    """What a change withdraws it of, as `booking/208`; empty: what its event is about."""


Hears: TypeAlias = Callable[[AsyncSession, Event, Policy], Awaitable[Sequence[Notice]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of `kinds.toml`."""

    name: str
    setting: str
    """The line of `提醒设置` that switches it."""
    mandatory: bool = False
    """It cannot be switched off."""
    urgent: bool = False
    """It keeps no quiet hours and counts for no day's limit."""
    ends: frozenset[str] = frozenset()
    """Events after which it is of no use: what is planned of it about the same thing goes."""
    duty: bool = False
    """It is for those who look after instruments, or for the bureau."""
    fields: tuple[str, ...] = ()
    """Facts that a template's fields may be filled with; `title` always."""

    @property
    def key(self) -> str:
        """Its words in the texts; what is said unasked has names of its own there."""
        return f"notice.{self.name}"


class KindsBroken(ValueError):  # noqa: N818 - said of the file
    """`kinds.toml` has a mistake; the message names it."""


def load(path: Path = TABLE) -> dict[str, Kind]:
    """All kinds, by name; raises KindsBroken."""
    known = {each.name for each in fields(Kind)} - {"name"}
    kinds = {}
    for name, row in tomllib.loads(path.read_text("utf-8")).items():
        if unknown := set(row) - known:
            raise KindsBroken(f"{name}: unknown {', '.join(sorted(unknown))}")
        if not row.get("setting"):
            raise KindsBroken(f"{name}: no setting")
        taken = {"ends": frozenset(row.get("ends", ())), "fields": tuple(row.get("fields", ()))}
        kinds[name] = Kind(name, **{**row, **taken})
    return kinds


class Planner:
    """Turns events into rows of the outbox, in the transaction that made them true."""

    def __init__(
        self,
        topics: Iterable[Mapping[str, Hears]],
        kinds: Mapping[str, Kind],
        policy: Policy,
        secret: bytes,
    ) -> None:
        self._kinds, self._policy = kinds, policy
        self._seals = Seals(secret)
        self._hears: dict[str, list[Hears]] = defaultdict(list)
        for topic in topics:
            for event, hears in topic.items():
                self._hears[event].append(hears)
        self._ends: dict[str, list[str]] = defaultdict(list)
        for kind in kinds.values():
            for event in kind.ends:
                self._ends[event].append(kind.name)

    async def tell(self, session: AsyncSession, events: Sequence[Event]) -> None:
        """`Database.tell`: plan what these events give rise to, withdraw what they end."""
        for event in events:
            if ended := self._ends.get(event.name):
                for gone in _over(event):
                    await outbox.withdraw(session, gone, event.at, ended)
        plans = [
            self._plan(event, notice)
            for event in events
            for hears in self._hears.get(event.name, ())
            for notice in await hears(session, event, self._policy)
            if _tells(notice, event)
        ]
        await outbox.plan(session, plans)

    def _plan(self, event: Event, notice: Notice) -> Plan:
        if notice.kind not in self._kinds:
            raise KindsBroken(f"{notice.kind}: no such kind")
        return Plan(
            event=event.key,
            version=event.version,
            kind=notice.kind,
            about=notice.about or about(event),
            person_id=notice.person_id,
            facts=closed(notice.facts),
            planned_at=notice.due_at or event.at,
            until=notice.until,
            sealed=self._seals.closed(notice.private, notice.person_id),
        )


def _tells(notice: Notice, event: Event) -> bool:
    """Whether it says anything: not what is over by now, nor what one just did oneself."""
    if notice.due_at is None:
        return notice.person_id != event.actor_id
    return notice.due_at > event.at


def _over(event: Event) -> list[str]:
    """What an event may end notices of: its own row, and the one in whose place that came."""
    replaced = event.facts.get("replaces")
    return [about(event), *([f"{event.subject}/{replaced}"] if replaced else [])]


def about(event: Event) -> str:
    """What an event is about, as the outbox keeps it: `booking/208`."""
    return f"{event.subject}/{event.id}"
