"""What came of a booking: papers, patents, products; and what papers must say of it.

Shanxi 二（三） has papers name the instrument; Jinzhong （十） where the unit asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import event
from store.base import NUMBERED, Base, Key
from store.booking import Booking
from store.errors import Refused
from store.event import Event
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
    told = Event("booking", booking.id, "outcome", row.id, now, booking.person_id)
    await event.record(session, told)
    return row


async def of(session: AsyncSession, booking_id: int) -> Sequence[Outcome]:
    """What came of a booking, oldest first."""
    its = Outcome.booking_id == booking_id
    return (await session.scalars(select(Outcome).where(its).order_by(Outcome.id))).all()
