"""Usage (使用记录): who really had an instrument, when, what for, and how we know.

A row has all that the national service record asks for; whoever used it is a number, never a name.
One stretch of time on an instrument is open at most: the database refuses a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import contract, policies
from store.base import NUMBERED, Base, Key
from store.booking import Booking, Cooperation, Group, Mode, Status
from store.errors import Refused
from store.person import inserting
from store.policies import Policy

MINUTE = timedelta(minutes=1)


class Source(StrEnum):
    """How a use came to be known."""

    SCAN = "scan"  #: the instrument's code was scanned
    TYPED = "typed"  #: checked in by words
    HAND = "hand"  #: the keeper wrote it down afterwards
    SAMPLES = "samples"  #: samples were tested


@dataclass(eq=False)
class InUse(Refused):
    """Somebody else is on the instrument still."""

    number: str
    until: datetime | None


class Usage(Base):
    """One use of one instrument."""

    __tablename__ = "usage"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period_forward"),
        Index(
            "uq_usage_open",
            "instrument_id",
            unique=True,
            sqlite_where=text("ends_at IS NULL AND mode = 'self'"),
            postgresql_where=text("ends_at IS NULL AND mode = 'self'"),
        ),
        Index(
            "uq_usage_start",
            "instrument_id",
            "starts_at",
            unique=True,
            sqlite_where=text("mode = 'self'"),
            postgresql_where=text("mode = 'self'"),
        ),
        Index("ix_usage_organisation", "organisation_id", "starts_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    """Who keeps the instrument."""
    booking_id: Mapped[int | None] = mapped_column(Key, ForeignKey("booking.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"), index=True)
    """Who used it (申请人); nothing for somebody who came without a booking."""
    employer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    visitor: Mapped[str | None]
    """The organisation of somebody without a booking, as the keeper wrote it."""
    group: Mapped[Group] = mapped_column("user_group")
    mode: Mapped[Mode]
    cooperation: Mapped[Cooperation]
    source: Mapped[Source]

    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """Nothing while it goes on."""
    samples: Mapped[int | None]
    content: Mapped[str | None]
    """What was done (实际服务内容)."""
    project: Mapped[str | None]
    """课题名称."""
    funds: Mapped[str | None]
    """课题经费来源."""
    field: Mapped[str | None]
    """课题主要科学领域."""
    amount_fen: Mapped[int | None] = mapped_column(Key)
    """服务金额, where no charge of the booking says it."""

    recorded_by: Mapped[int | None] = mapped_column(Key)
    """The keeper who wrote it down by hand."""
    late: Mapped[bool] = mapped_column(default=False)
    forgotten: Mapped[bool] = mapped_column(default=False)
    """Nobody checked out: it ends where the period did."""
    agreement: Mapped[bool] = mapped_column(default=False)
    """本次服务是否签订协议."""
    inside: Mapped[bool] = mapped_column(default=True)
    """是否在单位内使用."""
    moved_to: Mapped[str | None]
    """对外服务地址."""
    customs_code: Mapped[str | None]
    """非适用简易程序海关《通知书》编号."""
    tax_record: Mapped[str | None]

    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    version: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def spent(self) -> timedelta:
        """实际服务时间; nothing yet while it goes on."""
        return timedelta() if self.ends_at is None else self.ends_at - self.starts_at


async def begin(
    session: AsyncSession, policy: Policy, booking: Booking, source: Source, now: datetime
) -> Usage:
    """Open the use of a booking; raises InUse where another one is open on the instrument."""
    facts = await of_booking(session, booking)
    row = await _insert(session, policy, facts | {"source": source}, now)
    if row is None:
        raise InUse(f"YQ{booking.instrument_id}", await _free_at(session, booking.instrument_id))
    return row


async def of_booking(session: AsyncSession, booking: Booking) -> dict[str, Any]:
    """What a use takes from its booking."""
    signed = await contract.of_booking(session, booking.id)
    return {
        "instrument_id": booking.instrument_id,
        "organisation_id": booking.organisation_id,
        "booking_id": booking.id,
        "person_id": booking.person_id,
        "employer_id": booking.employer_id,
        "group": booking.group,
        "mode": booking.mode,
        "cooperation": booking.cooperation,
        "samples": booking.samples,
        "content": booking.purpose or booking.sample_words,
        "agreement": signed is not None and signed.agreed_at is not None,
    }


async def add(
    session: AsyncSession, policy: Policy, facts: dict[str, Any], now: datetime
) -> Usage | None:
    """Write down a use that is over; None where the same one stands there already."""
    return await _insert(session, policy, facts, now)


async def _insert(
    session: AsyncSession, policy: Policy, facts: dict[str, Any], now: datetime
) -> Usage | None:
    kept = {
        "starts_at": now,
        "policy_id": await policies.in_force(session, policy, now),
        "version": 1,
        "made_at": now,
        "changed_at": now,
    }
    insert = inserting(session, Usage).values(**kept | facts).on_conflict_do_nothing()
    number = await session.scalar(insert.returning(Usage.id))
    return None if number is None else await session.get_one(Usage, number)


async def _free_at(session: AsyncSession, instrument_id: int) -> datetime | None:
    """When whoever is on the instrument has booked it until."""
    query = select(Booking.ends_at).join(Usage, Usage.booking_id == Booking.id)
    return await session.scalar(query.where(_open(instrument_id)))


def _open(instrument_id: int) -> Any:  # noqa: ANN401 - a condition
    going = Usage.ends_at.is_(None) & (Usage.mode == Mode.SELF)
    return going & (Usage.instrument_id == instrument_id)


async def of(session: AsyncSession, booking_id: int) -> Usage | None:
    """The use of a booking's row."""
    query = select(Usage).where(Usage.booking_id == booking_id)
    return (await session.scalars(query.execution_options(populate_existing=True))).first()


async def open_on(session: AsyncSession, instrument_id: int) -> Usage | None:
    """The use that is going on."""
    return (await session.scalars(select(Usage).where(_open(instrument_id)))).first()


async def change(session: AsyncSession, row: Usage, now: datetime, **facts: Any) -> bool:  # noqa: ANN401
    """Change a row unless somebody else just did; whether it was changed."""
    unchanged = (Usage.id == row.id) & (Usage.version == row.version)
    changed = update(Usage).where(unchanged)
    values = facts | {"version": row.version + 1, "changed_at": now}
    done = await session.execute(changed.values(**values).returning(Usage.id))
    if done.first() is None:
        return False
    await session.refresh(row)
    return True


async def end(
    session: AsyncSession,
    row: Usage,
    at: datetime,
    now: datetime,
    *,
    forgotten: bool = False,
) -> bool:
    """End a use that is going on; never before its start."""
    return await change(session, row, now, ends_at=max(at, row.starts_at), forgotten=forgotten)


async def abandoned(session: AsyncSession, limit: int) -> Sequence[tuple[Usage, Booking]]:
    """Open uses whose booking was called off in the middle, with their bookings."""
    query = select(Usage, Booking).join(Booking, Booking.id == Usage.booking_id)
    over = Usage.ends_at.is_(None) & (Usage.mode == Mode.SELF) & (Booking.status != Status.IN_USE)
    found = await session.execute(query.where(over).order_by(Usage.id).limit(limit))
    return [(row[0], row[1]) for row in found]
