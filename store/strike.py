"""Strikes (爽约等): counted, warned of, and for a while the end of booking; lifted with a reason.

Whether somebody is closed out is never stored: it follows from the strikes that stand, so that one
lifted opens at once what it had closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import audit, policies
from store.base import NUMBERED, Base, Key
from store.booking import Booking
from store.errors import Refused
from store.event import Event, record
from store.instrument import Instrument
from store.listing import By, ReasonMissing, hats
from store.person import inserting
from store.policies import Policy
from store.prepared import Prepared

LONGEST_REASON = 200


class Kind(StrEnum):
    """What somebody is reproached with."""

    NO_SHOW = "no_show"
    LATE = "late"
    EARLY = "early"  #: left long before the end
    LATE_CANCEL = "late_cancel"


@dataclass(eq=False)
class Closed(Refused):
    """Too many strikes: the person can't book until then."""

    until: datetime
    strikes: int
    counted_days: int
    days: int
    cite: str


@dataclass(eq=False)
class NoStrike(Refused):
    """Nothing stands there that one might lift."""

    number: str


class Strike(Base):
    """One thing that somebody did, over one booking."""

    __tablename__ = "strike"
    __table_args__ = (
        UniqueConstraint("booking_id"),
        Index("ix_strike_person", "person_id", "at"),
        Index("ix_strike_instrument", "instrument_id", "at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"))
    kind: Mapped[Kind]
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(Key)
    lift_reason: Mapped[str | None]
    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))


_MOMENTS = Prepared(
    select(Strike.at)
    .where(Strike.person_id == bindparam("person"), Strike.lifted_at.is_(None))
    .order_by(Strike.at)
)


@dataclass(frozen=True, slots=True)
class Lifting:
    """How a strike is taken back."""

    reason: str
    by: int | None
    now: datetime
    said: bool = False
    """Whether the reason is somebody's words, to be told; else a word of ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody's strikes leave them."""

    count: int
    """Strikes that count towards the next closure."""
    closed_until: datetime | None


def standing(moments: Sequence[datetime], policy: Policy, now: datetime) -> Standing:
    """What strikes at these moments, oldest first, come to; those that closed once are spent."""
    counting: list[datetime] = []
    closed: datetime | None = None
    window, most = policy.strikes_counted.value, policy.strikes.value
    for at in moments:
        counting = [each for each in counting if each > at - window] + [at]
        if 0 < most <= len(counting):
            counting, closed = [], at + policy.booking_ban.value
    left = [each for each in counting if each > now - window]
    return Standing(len(left), closed if closed and closed > now else None)


async def add(
    session: AsyncSession, policy: Policy, booking: Booking, kind: Kind, now: datetime
) -> bool:
    """Note a strike, once for a booking; its event says what it comes to."""
    row = {
        "person_id": booking.person_id,
        "instrument_id": booking.instrument_id,
        "booking_id": booking.id,
        "kind": kind,
        "at": now,
        "policy_id": await policies.in_force(session, policy, now),
    }
    insert = inserting(session, Strike).values(**row).on_conflict_do_nothing()
    number = await session.scalar(insert.returning(Strike.id))
    if number is None:
        return False
    stands = await of_person(session, policy, booking.person_id, now)
    facts = {"booking": booking.number, "kind": str(kind), "count": stands.count}
    await record(session, Event("strike", number, "add", 1, now, None, facts))
    return True


async def of_person(
    session: AsyncSession, policy: Policy, person_id: int, now: datetime
) -> Standing:
    """Where a person stands."""
    rows = await _MOMENTS(session, person=person_id)
    return standing([at for (at,) in rows], policy, now)


async def closed(
    session: AsyncSession, policy: Policy, person_id: int, now: datetime
) -> Closed | None:
    """Why a person can't book, if they can't: one of the reasons that booking gives."""
    until = (await of_person(session, policy, person_id, now)).closed_until
    if until is None:
        return None
    counted, ban = policy.strikes_counted.value.days, policy.booking_ban.value.days
    return Closed(until, policy.strikes.value, counted, ban, policy.strikes.cite)


async def standing_against(session: AsyncSession, booking_ids: Sequence[int]) -> Strike | None:
    """The strike over any of these rows that was not lifted."""
    query = select(Strike).where(Strike.booking_id.in_(booking_ids), Strike.lifted_at.is_(None))
    return (await session.scalars(query)).first()


async def lift(
    session: AsyncSession, booking: Booking, reason: str, by: By, now: datetime
) -> Strike:
    """Take a strike back as keeper or bureau. Raises NoStrike, ReasonMissing."""
    instrument = await session.get_one(Instrument, booking.instrument_id)
    row = await standing_against(session, [booking.id])
    if row is None or "keeper" not in hats(instrument, by.grants):
        raise NoStrike(f"YY{booking.number}")
    words = " ".join(reason.split())
    if not 0 < len(words) <= LONGEST_REASON:
        raise ReasonMissing(longest=LONGEST_REASON)
    return await _lift(session, row, booking, Lifting(words, by.person_id, now, said=True))


async def excuse(
    session: AsyncSession, booking: Booking, reason: str, by: int | None, now: datetime
) -> None:
    """Take a strike back that turned out to be wrong, if there is one."""
    row = await standing_against(session, [booking.id])
    if row is not None:
        await _lift(session, row, booking, Lifting(reason, by, now))


async def _lift(session: AsyncSession, row: Strike, booking: Booking, how: Lifting) -> Strike:
    unlifted = (Strike.id == row.id) & Strike.lifted_at.is_(None)
    values = {"lifted_at": how.now, "lifted_by": how.by, "lift_reason": how.reason}
    lifted = update(Strike).where(unlifted).values(**values).returning(Strike.id)
    if (await session.execute(lifted)).first() is None:
        raise NoStrike(f"YY{booking.number}")
    await session.refresh(row)
    audit.record(session, how.by, "lift", f"strike:{row.id}", {}, how.now)
    facts = {"booking": booking.number, "kind": str(row.kind), "said": how.said}
    await record(session, Event("strike", row.id, "lift", 2, how.now, how.by, facts))
    return row


async def listed(
    session: AsyncSession, *, person_id: int | None = None, instrument_ids: Sequence[int] = ()
) -> Sequence[tuple[Strike, Booking]]:
    """The last twenty strikes of a person or on instruments, newest first, with their bookings."""
    whose = (
        Strike.person_id == person_id
        if person_id is not None
        else Strike.instrument_id.in_(instrument_ids)
    )
    query = select(Strike, Booking).join(Booking, Booking.id == Strike.booking_id).where(whose)
    found = await session.execute(query.order_by(Strike.at.desc(), Strike.id.desc()).limit(20))
    return [(row[0], row[1]) for row in found]
