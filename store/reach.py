"""How people can be reached now: windows and their counts, credits, mutes, stops, quotas; rows.

A customer-service message may go out while a window is open: 48 hours after they wrote, five
messages; a minute after a menu click, a scan or following, three (wechat-platform.md 2.5). When
they wrote and did so stands in the conversation, written with every message; `Reach` only counts
what was sent since, so that the door has nothing more to write.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key
from store.outbox import Channel
from store.person import inserting
from store.script import Script, Statement


class Reach(Base):
    """What was sent to one person, and what the platform said of them."""

    __tablename__ = "reach"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    muted_at: Mapped[datetime | None]
    """When the platform said that they shut us out; their next message ends it."""
    closed_at: Mapped[datetime | None]
    """When the platform said that no window is open; their next message opens one."""
    window_at: Mapped[datetime | None]
    """The contact since which `used` counts."""
    used: Mapped[int]
    """Customer-service messages since."""
    told_since: Mapped[datetime | None]
    """The midnight in China since which `told` counts."""
    told: Mapped[int]
    """Notices since, of kinds that may wait."""


class Credit(Base):
    """Subscription messages that one person owes us of one template."""

    __tablename__ = "credit"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    template: Mapped[str] = mapped_column(primary_key=True)
    owed: Mapped[int]
    at: Mapped[datetime]


class Silence(Base):
    """A setting of notices that one person switched off."""

    __tablename__ = "silence"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    setting: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Stop(Base):
    """A channel, or a template of it, that is closed for the whole account."""

    __tablename__ = "stop"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(primary_key=True)
    """Empty: the whole channel."""
    why: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    """Nothing: until settings are mended."""


class Quota(Base):
    """How many messages all replicas together sent by a channel in a stretch of time."""

    __tablename__ = "quota"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    """How long the stretch is."""
    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]


class Fact(StrEnum):
    """What a send taught us."""

    MUTED = "muted"  #: they shut us out
    CLOSED = "closed"  #: no window is open
    USED_UP = "used_up"  #: the window's messages are used up
    LEFT = "left"  #: they do not follow
    NO_CREDIT = "no_credit"  #: they owe no message of a template
    REFUND = "refund"  #: a credit, or a window's message, was taken for what did not go out
    STOP = "stop"  #: a channel, or a template of it, is closed for all


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing that a send taught us."""

    fact: Fact
    person_id: int = 0
    channel: Channel | None = None
    template: str = ""
    why: str = ""
    until: int | None = None


_HURT = """
with batch(person_id, muted_at, closed_at, used) as (ROWS)
insert into reach (person_id, muted_at, closed_at, used, told)
select person_id, muted_at, closed_at, used, 0 from batch where true
on conflict (person_id) do update
   set muted_at = coalesce(excluded.muted_at, reach.muted_at),
       closed_at = coalesce(excluded.closed_at, reach.closed_at),
       used = case when excluded.used > 0 then excluded.used else reach.used end
"""
_GONE = """
with batch(id, at) as (ROWS)
update person set left_at = batch.at from batch where person.id = batch.id and left_at is null
"""
_CREDIT = """
with batch(person_id, template, back) as (ROWS)
update credit set owed = case when batch.back > 0 then credit.owed + batch.back else 0 end
  from batch where credit.person_id = batch.person_id and credit.template = batch.template
"""
_SPARED = """
with batch(person_id, back) as (ROWS)
update reach set used = reach.used - batch.back
  from batch where reach.person_id = batch.person_id and reach.used >= batch.back
"""
_STOP = """
with batch(channel, template, why, at, until) as (ROWS)
insert into stop (channel, template, why, at, until)
select channel, template, why, at, until from batch where true
on conflict (channel, template) do update
   set why = excluded.why, at = excluded.at, until = excluded.until
"""
MANY = 1_000
"""More than any window has."""


def learn(lessons: Sequence[Lesson], now: int) -> Script[None]:
    """Write what sends taught us, so that the next choice is a better one."""
    if lessons:
        by = {fact: [one for one in lessons if one.fact is fact] for fact in Fact}
        yield from _people(by, now)
        yield from _owed(by)
        yield from _stopped(by[Fact.STOP], now)


By: TypeAlias = Mapping[Fact, Sequence[Lesson]]


def _people(by: By, now: int) -> Script[None]:
    hurt: dict[int, tuple[int, int | None, int | None, int]] = {}
    for one in by[Fact.MUTED]:
        hurt[one.person_id] = (one.person_id, now, None, 0)
    for one in by[Fact.CLOSED]:
        hurt[one.person_id] = (one.person_id, None, now, 0)
    for one in by[Fact.USED_UP]:
        hurt[one.person_id] = (one.person_id, None, None, MANY)
    if hurt:
        yield Statement(_HURT, ("bigint",) * 4, [hurt[whose] for whose in sorted(hurt)])
    if by[Fact.LEFT]:
        gone = sorted({(one.person_id, now) for one in by[Fact.LEFT]})
        yield Statement(_GONE, ("bigint", "bigint"), gone)


def _owed(by: By) -> Script[None]:
    owed = {(one.person_id, one.template): 0 for one in by[Fact.NO_CREDIT]}
    back = [one for one in by[Fact.REFUND] if one.channel is Channel.SUBSCRIPTION]
    owed |= {(one.person_id, one.template): 1 for one in back}
    if owed:
        rows = [(*whose, n) for whose, n in sorted(owed.items())]
        yield Statement(_CREDIT, ("bigint", "text", "bigint"), rows)
    words = Counter(one.person_id for one in by[Fact.REFUND] if one.channel is Channel.CUSTOMER)
    if words:
        yield Statement(_SPARED, ("bigint", "bigint"), sorted(words.items()))


def _stopped(lessons: Sequence[Lesson], now: int) -> Script[None]:
    stops = {(str(one.channel), one.template): (one.why, now, one.until) for one in lessons}
    if stops:
        rows = [(*which, *what) for which, what in sorted(stops.items())]
        yield Statement(_STOP, ("text", "text", "text", "bigint", "bigint"), rows)


_CREDITED = """
with batch(person_id, template, more, at) as (ROWS)
insert into credit (person_id, template, owed, at)
select person_id, template, more, at from batch where true
on conflict (person_id, template) do update
   set owed = case when excluded.owed > 0 then credit.owed + excluded.owed else 0 end,
       at = excluded.at
"""
_WHOSE = """
with batch(openid) as (ROWS)
select p.openid, p.id from batch join person p on p.openid = batch.openid
"""


def credit(told: Sequence[tuple[str, str, bool]], now: int) -> Script[None]:
    """Count what followers answered when asked: (openid, template, whether they accepted)."""
    openids = sorted({(openid,) for openid, _, _ in told})
    ids = dict((yield Statement(_WHOSE, ("text",), openids)))
    for openid, template, accepted in told:
        if openid in ids:
            row = (ids[openid], template, int(accepted), now)
            yield Statement(_CREDITED, ("bigint", "text", "bigint", "bigint"), [row])


async def silenced(session: AsyncSession, person_id: int) -> set[str]:
    """The settings that a person switched off."""
    query = select(Silence.setting).where(Silence.person_id == person_id)
    return set(await session.scalars(query))


async def silence(
    session: AsyncSession, person_id: int, setting: str, now: datetime, *, on: bool
) -> None:
    """Switch a setting of notices on or off."""
    if on:
        where = (Silence.person_id == person_id) & (Silence.setting == setting)
        await session.execute(delete(Silence).where(where))
        return
    row = {"person_id": person_id, "setting": setting, "at": now}
    await session.execute(inserting(session, Silence).values(row).on_conflict_do_nothing())
