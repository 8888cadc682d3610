"""How a user was served: 1 to 5, and words; once a booking, changed as long as policy lets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import event, personal, privacy
from store.base import Base, Key
from store.booking import Booking, Status
from store.errors import Refused
from store.event import Event
from store.ticket import Here

LOW, HIGH = 1, 5
LONGEST = 300
SERVED = frozenset({Status.FINISHED, Status.REPORTED, Status.DELIVERED, Status.SETTLED})
"""Bookings that can be rated, and of which results may come."""


@dataclass(eq=False)
class NotServedYet(Refused):
    """The booking has not been served: there is nothing to rate."""

    number: str


@dataclass(eq=False)
class ScoreOut(Refused):
    """The score is not between 1 and 5."""


@dataclass(eq=False)
class RatingKept(Refused):
    """The time to change it is over."""

    number: str
    days: int


class Rating(Base):
    """One booking's rating. The words are sealed under the user's key."""

    __tablename__ = "rating"
    __table_args__ = (CheckConstraint(f"score BETWEEN {LOW} AND {HIGH}", name="score_within"),)

    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"), index=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"), index=True)
    score: Mapped[int]
    sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    """When it was first given."""
    version: Mapped[int]


@dataclass(frozen=True, slots=True)
class Mean:
    """What users thought, on average."""

    score: float
    count: int


async def rate(here: Here, booking: Booking, score: int, text: str) -> Rating:
    """Rate a booking of one's own; raises NotServedYet, ScoreOut, RatingKept."""
    if not LOW <= score <= HIGH:
        raise ScoreOut
    if booking.status not in SERVED:
        raise NotServedYet(number=f"YY{booking.number}")
    rating = await _row(here, booking)
    rating.score, rating.version = score, rating.version + 1
    if words := text.strip()[:LONGEST]:
        own = await personal.key_of(here.session, here.secret, booking.person_id)
        key = privacy.derive(own, "rating")
        rating.sealed = privacy.seal(key, words.encode(), _about(booking.id))
    await here.session.flush()
    given = Event("booking", booking.id, "rate", rating.version, here.now, booking.person_id)
    await event.record(here.session, given)
    return rating


async def _row(here: Here, booking: Booking) -> Rating:
    rating = await here.session.get(Rating, booking.id, with_for_update=True)
    change = here.policy.rating_change.value
    if rating is None:
        place = {"organisation_id": booking.organisation_id, "instrument_id": booking.instrument_id}
        rating = Rating(booking_id=booking.id, score=LOW, at=here.now, version=0, **place)
        here.session.add(rating)
    elif here.now >= rating.at + change:
        raise RatingKept(number=f"YY{booking.number}", days=change.days)
    return rating


async def of(session: AsyncSession, booking_id: int) -> Rating | None:
    """A booking's rating."""
    return await session.get(Rating, booking_id, populate_existing=True)


async def words(session: AsyncSession, secret: bytes, booking: Booking) -> str | None:
    """What the user wrote; nothing when they wrote nothing or are forgotten."""
    rating = await of(session, booking.id)
    key = await personal.key_if_any(session, secret, booking.person_id)
    if rating is None or rating.sealed is None or key is None:
        return None
    opened = privacy.unseal(privacy.derive(key, "rating"), rating.sealed, _about(booking.id))
    return opened.decode()


async def mean(
    session: AsyncSession, *, instrument_id: int | None = None, organisation_id: int | None = None
) -> Mean | None:
    """The average of an instrument's or an organisation's ratings, if there are any."""
    query = select(func.avg(Rating.score), func.count())
    if instrument_id is not None:
        query = query.where(Rating.instrument_id == instrument_id)
    if organisation_id is not None:
        query = query.where(Rating.organisation_id == organisation_id)
    average, count = (await session.execute(query)).one()
    return Mean(round(float(average), 1), count) if count else None


def _about(booking_id: int) -> str:
    return f"rating:{booking_id}"
