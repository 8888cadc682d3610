"""The state of each follower's conversation, and the answers already given to messages.

One row a follower: the list last shown, the open talk, what was just left. A row moves from one
version to the next by compare-and-swap, so two replicas never overwrite each other. Repeat-keys
remember what was said to a message, so that the platform's repeats get the same answer. Both are
read and written for many followers at once: a transaction each costs twenty times more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ForeignKey, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key, microseconds
from store.person import Grant, Person, Role
from store.script import Script, Statement, to_json

REMEMBERED = timedelta(minutes=20)
"""How long a repeat-key lives: as long as a signature made ten minutes ahead of time."""

Facts = dict[str, Any]


class Conversation(Base):
    """Where a follower and the account stand."""

    __tablename__ = "conversation"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    state: Mapped[Facts]
    heard_at: Mapped[datetime]
    wrote_at: Mapped[datetime | None]
    """When they last wrote: 48 hours from then we may write to them."""


class Repeat(Base):
    """What was said to one message; nothing, where nothing was to be said."""

    __tablename__ = "repeat_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[Facts | None]
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(slots=True)
class State:
    """One follower's conversation as a message finds it; `said` when the message is a repeat."""

    person_id: int
    """0 where a repeat's sender is forgotten by now."""
    openid: str
    noticed: bool
    version: int
    facts: Facts
    repeated: bool
    said: Facts | None
    grants: set[Grant] = field(default_factory=set)
    waiting: int = 0
    """Notices that wait for their next contact."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message answered: what the conversation becomes and what was said."""

    key: str
    person_id: int
    version: int
    facts: Facts
    said: Facts | None
    at: datetime
    wrote: bool = False
    """Whether it was a message: 48 hours from it we may write to them."""


_LOAD = """
with batch(key, openid) as (ROWS)
select batch.key, p.id, p.openid, p.noticed_at, c.version, cast(c.state as text),
       g.role, g.organisation_id, g.county_id, r.key, cast(r.said as text), p.waiting
  from batch
  left join person p on p.openid = batch.openid
  left join conversation c on c.person_id = p.id
  left join role_grant g on g.person_id = p.id and g.ended_at is null
  left join repeat_key r on r.key = batch.key
"""

_MOVE = """
with batch(person_id, version, state, heard_at, wrote_at) as (ROWS)
insert into conversation (person_id, version, state, heard_at, wrote_at)
select person_id, version, state, heard_at, wrote_at from batch where true
on conflict (person_id) do update
   set version = excluded.version, state = excluded.state, heard_at = excluded.heard_at,
       wrote_at = coalesce(excluded.wrote_at, conversation.wrote_at)
 where conversation.version = excluded.version - 1
returning person_id
"""

_REMEMBER = """
with batch(key, said, at) as (ROWS)
insert into repeat_key (key, said, at) select key, said, at from batch where true
on conflict do nothing
"""


def load(messages: Mapping[str, str]) -> Script[dict[str, State]]:
    """Load the states for messages {repeat-key: openid}; new messages of strangers are left out."""
    states: dict[str, State] = {}
    for row in (yield Statement(_LOAD, ("text", "text"), list(messages.items()))):
        if row[1] is None and row[9] is None:
            continue
        state = states.get(row[0])
        if state is None:
            state = states[row[0]] = _state(row)
        if row[6]:
            state.grants.add(Grant(Role(row[6]), row[7], row[8]))
    return states


def _state(row: Sequence[Any]) -> State:
    return State(
        person_id=row[1] or 0,
        openid=row[2] or "",
        noticed=row[3] is not None,
        version=row[4] or 0,
        facts=orjson.loads(row[5]) if row[5] else {},
        repeated=row[9] is not None,
        said=orjson.loads(row[10]) if row[10] else None,
        waiting=row[11] or 0,
    )


async def admit(session: AsyncSession, openids: Iterable[str]) -> None:
    """Make a person of each openid that wrote for the first time."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    statement = insert(Person).on_conflict_do_nothing(index_elements=["openid"])
    await session.execute(statement, [{"openid": openid} for openid in openids])


def save(steps: Sequence[Step]) -> Script[set[str]]:
    """Write what was answered; return the keys that won. A key lost must be heard again."""
    steps = sorted(steps, key=lambda step: step.person_id)  # one order, so no two replicas deadlock
    times = [microseconds(step.at) for step in steps]
    rows = [
        (s.person_id, s.version + 1, to_json(s.facts), at, at if s.wrote else None)
        for s, at in zip(steps, times, strict=True)
    ]
    moved = yield Statement(_MOVE, ("bigint", "bigint", "json", "bigint", "bigint"), rows)
    won = {row[0] for row in moved}
    kept = [
        (s.key, to_json(s.said), at)
        for s, at in zip(steps, times, strict=True)
        if s.person_id in won
    ]
    if kept:
        yield Statement(_REMEMBER, ("text", "json", "bigint"), kept)
    return {s.key for s in steps if s.person_id in won}


async def forget_repeats(session: AsyncSession, now: datetime) -> None:
    """Drop the repeat-keys that no delivery can ask for any more."""
    await session.execute(delete(Repeat).where(Repeat.at < now - REMEMBERED))
