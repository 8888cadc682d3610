"""Events: what happened, to what, by whom; the log that notices, histories and statistics read.

An event is recorded in the transaction that makes it true. Before that transaction commits, the
database hands what was recorded to whoever tells people (`Database.tell`), so that what is to be
told commits with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key, microseconds
from store.script import Script, Statement, run_in, to_json

AT_ONCE = 1_000
"""Rows a statement: SQLite takes no more than 32,766 values."""
PENDING, KEPT = "events", "rows"


class EventRow(Base):
    """One event. Holds numbers and identifiers, never a name."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject", "subject", "subject_id", "id"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(Key)
    verb: Mapped[str]
    version: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `booking` 208 was `approve`d."""

    subject: str
    """A concept: `booking`, `charge`, `contract`, `ticket`."""
    id: int
    """Its row."""
    verb: str
    version: int
    """The subject's version that this made: told once for each."""
    at: datetime
    actor_id: int | None = None
    """The person who did it; nothing for the clock."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """JSON values; never a name, a phone or anybody's words."""

    @property
    def name(self) -> str:
        """As notices are looked up: `booking.approve`."""
        return f"{self.subject}.{self.verb}"

    @property
    def key(self) -> str:
        """As the outbox keeps it: `booking.approve/208`."""
        return f"{self.name}/{self.id}"


async def record(session: AsyncSession, *events: Event) -> None:
    """Write events in the running transaction, to be told when it commits."""
    if not events:
        return
    await run_in(session, _written(events))
    note(session, *events)


def _written(events: Sequence[Event]) -> Script[None]:
    for first in range(0, len(events), AT_ONCE):
        yield writing(events[first : first + AT_ONCE])


_KINDS = ("text", "bigint", "text", "bigint", "bigint", "bigint", "json")
_WRITE = """
with batch(subject, subject_id, verb, version, actor_id, at, facts) as (ROWS)
insert into event (subject, subject_id, verb, version, actor_id, at, facts)
select subject, subject_id, verb, version, actor_id, at, facts from batch
"""


def writing(events: Sequence[Event]) -> Statement:
    """Events as a script writes them; `note` has them told."""
    rows = [
        (e.subject, e.id, e.verb, e.version, e.actor_id, microseconds(e.at), to_json(e.facts))
        for e in events
    ]
    return Statement(_WRITE, _KINDS, rows)


def note(session: AsyncSession, *events: Event) -> None:
    """Have events told at commit that a statement of one's own has written."""
    session.info.setdefault(PENDING, []).extend(events)


def keep(session: AsyncSession, *rows: Base) -> None:
    """Have rows at hand when what happened to them is told: they are not read again for that."""
    session.info.setdefault(KEPT, []).extend(rows)


def pending(session: AsyncSession) -> Sequence[Event]:
    """Take what is to be told: asked again, only what came since."""
    events: list[Event] = session.info.pop(PENDING, [])
    return events


async def history(session: AsyncSession, subject: str, number: int) -> Sequence[EventRow]:
    """All that happened to one thing, oldest first."""
    mine = (EventRow.subject == subject) & (EventRow.subject_id == number)
    return (await session.scalars(select(EventRow).where(mine).order_by(EventRow.id))).all()
