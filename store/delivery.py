"""What became of each send: one row an attempt, closed by what the platform says later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.outbox import Channel, Outbox, Outcome, Why
from store.person import Person
from store.script import Script, Statement

SENT = text("receipt IS NOT NULL")


class Result(StrEnum):
    """What one attempt came to."""

    SENT = "sent"
    LATER = "later"  #: to be tried again by the same channel
    ELSEWHERE = "elsewhere"  #: this channel is closed; another one is tried
    DROPPED = "dropped"
    LOST = "lost"  #: it may have gone out
    KEPT = "kept"
    SHOWN = "shown"  #: in the chat
    FAILED = "failed"  #: the platform took it and told us later that it did not arrive


class Delivery(Base):
    """One attempt to tell one thing."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_receipt", "receipt", sqlite_where=SENT, postgresql_where=SENT),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(Key, ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[Channel | None]
    result: Mapped[Result]
    why: Mapped[Why | None]
    detail: Mapped[str | None]
    """The field at fault, never what stood in it."""
    receipt: Mapped[str | None]
    """The platform's number of the message."""
    closed: Mapped[str | None]
    """What the platform said of it later: `success`, `failed:user block`."""
    closed_at: Mapped[datetime | None]


async def kept(
    session: AsyncSession, person_id: int, now: datetime, limit: int
) -> Sequence[Outbox]:
    """What could not be sent to a person and is of use still, oldest first."""
    query = select(Outbox).where(
        Outbox.person_id == person_id,
        Outbox.outcome == Outcome.KEPT,
        or_(Outbox.until.is_(None), Outbox.until > now),
    )
    return (await session.scalars(query.order_by(Outbox.id).limit(limit))).all()


async def shown(
    session: AsyncSession, person_id: int, rows: Sequence[Outbox], now: datetime
) -> int:
    """Note that they were shown in the chat; how many wait still. What is of no use goes."""
    theirs = (Outbox.person_id == person_id) & (Outbox.outcome == Outcome.KEPT)
    ids = [row.id for row in rows]
    done = {"outcome": Outcome.DELIVERED, "channel": Channel.CHAT, "settled_at": now}
    await session.execute(update(Outbox).where(theirs, Outbox.id.in_(ids)).values(done))
    over = update(Outbox).where(theirs, Outbox.until <= now)
    await session.execute(over.values(outcome=Outcome.DROPPED, settled_at=now))
    if ids:
        logged = {"at": now, "channel": Channel.CHAT, "result": Result.SHOWN}
        await session.execute(insert(Delivery), [{"outbox_id": each, **logged} for each in ids])
    left = len((await session.scalars(select(Outbox.id).where(theirs))).all())
    whose = update(Person).where(Person.id == person_id)
    await session.execute(whose.values(waiting=left or None))
    return left


@dataclass(frozen=True, slots=True)
class Word:
    """What the platform said later of a message that it took."""

    receipt: str
    status: str
    arrived: bool


_CLOSE = """
with batch(receipt, status, at, result) as (ROWS)
update delivery
   set closed = batch.status, closed_at = batch.at,
       result = coalesce(batch.result, delivery.result)
  from batch where delivery.receipt = batch.receipt and delivery.closed_at is null
returning delivery.receipt, delivery.outbox_id, delivery.result
"""
_KEEP = """
with batch(id, outcome) as (ROWS)
update outbox set outcome = batch.outcome
  from batch where outbox.id = batch.id and outbox.outcome = 'delivered'
returning outbox.person_id
"""
_WAITS = """
with batch(id) as (ROWS)
update person set waiting = coalesce(person.waiting, 0) + 1
  from batch where person.id = batch.id
"""


def close(words: Sequence[Word], now: int) -> Script[set[str]]:
    """Close what the words are about; gives the receipts that were found.

    What did not arrive is kept for its person's next contact.
    """
    rows = [
        (word.receipt, word.status, now, None if word.arrived else str(Result.FAILED))
        for word in words
    ]
    closed = yield Statement(_CLOSE, ("text", "text", "bigint", "text"), rows)
    failed = sorted({(row[1], str(Outcome.KEPT)) for row in closed if row[2] == Result.FAILED})
    if failed:
        people = yield Statement(_KEEP, ("bigint", "text"), failed)
        if people:
            yield Statement(_WAITS, ("bigint",), sorted({(row[0],) for row in people}))
    return {row[0] for row in closed}
