"""What came of a booking: papers, patents, products; and what papers must say of it.

Shanxi 二（三） has papers name the instrument; Jinzhong （十） where the unit asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import event
from store.base import NUMBERED, Base, Key
from store.booking import Booking
from store.errors import Refused
from store.event import Event
from store.missing import insert_missing
from store.policies import Policy
from store.rating import SERVED, NotServedYet

LONGEST = 200


class Kind(StrEnum):
    """What came of it."""

    PAPER = "paper"
    PATENT = "patent"
    PRODUCT = "product"
    OTHER = "other"


@dataclass(eq=False)
class AlreadyReported(Refused):
    """The same outcome of the same booking is known."""

    number: str


class Outcome(Base):
    """One thing that came of a booking."""

    __tablename__ = "outcome"
    __table_args__ = (UniqueConstraint("booking_id", "kind", "title"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"))
    kind: Mapped[Kind]
    title: Mapped[str]
    """As published, with its number (DOI, patent number) where there is one."""
    marked: Mapped[bool]
    """Whether it names the instrument and its unit."""
    at: Mapped[datetime]


class OutcomeAsked(Base):
    """A booking whose user was asked what came of it: once."""

    __tablename__ = "outcome_asked"

    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"), primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """What a user reports."""

    kind: Kind
    title: str
    marked: bool


async def report(session: AsyncSession, booking: Booking, found: Found, now: datetime) -> Outcome:
    """Keep an outcome of one's own booking; raises NotServedYet, AlreadyReported."""
    if booking.status not in SERVED:
        raise NotServedYet(number=f"YY{booking.number}")
    title = " ".join(found.title.split())[:LONGEST]
    same = (Outcome.booking_id == booking.id) & (Outcome.kind == found.kind)
    if await session.scalar(select(Outcome.id).where(same, Outcome.title == title)) is not None:
        raise AlreadyReported(number=f"YY{booking.number}")
    row = Outcome(booking_id=booking.id, kind=found.kind, title=title, marked=found.marked, at=now)
    session.add(row)
    await session.flush()
    told = Event("outcome", row.id, "report", 1, now, booking.person_id, {"booking": booking.id})
    await event.record(session, told)
    return row


async def of(session: AsyncSession, booking_id: int) -> Sequence[Outcome]:
    """What came of a booking, oldest first."""
    its = Outcome.booking_id == booking_id
    return (await session.scalars(select(Outcome).where(its).order_by(Outcome.id))).all()


async def sweep(session: AsyncSession, policy: Policy, now: datetime, limit: int = 200) -> int:
    """Ask, once, those whose booking ended as long ago as policy says."""
    due = now - policy.outcome_asked.value
    asked = exists().where(OutcomeAsked.booking_id == Booking.id)
    told = exists().where(Outcome.booking_id == Booking.id)
    served = Booking.status.in_(SERVED) & (Booking.changed_at <= due)
    query = select(Booking).where(served, ~asked, ~told).order_by(Booking.id).limit(limit)
    rows = (await session.scalars(query)).all()
    asking = [{"booking_id": row.id, "at": now} for row in rows]
    await insert_missing(session, OutcomeAsked, asking, ("booking_id",))
    await event.record(session, *(Event("outcome", row.id, "ask", 1, now) for row in rows))
    return len(rows)
