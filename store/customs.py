"""Duty-free imports under the customs' supervision (海关监管): who may use them, and for what."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import audit, listing
from store.base import NUMBERED, Base, Key
from store.booking.table import Group
from store.errors import Refused
from store.instrument import Instrument
from store.lifecycle import NotYours
from store.listing import By
from store.policies import Policy
from store.workdays import HERE

LONGEST_NUMBER = 60


@dataclass(eq=False)
class CustomsSupervised(Refused):
    """Nobody outside may use it without the customs' approval: 12 of Jiaxing."""

    cite: str
    until: date | None


@dataclass(eq=False)
class CustomsPurpose(Refused):
    """What it is to be used for is none of what the customs allow others."""

    kinds: str
    cite: str


@dataclass(eq=False)
class ApprovalUnfit(Refused):
    """No approval's number."""


@dataclass(eq=False)
class NotSupervised(Refused):
    """The instrument is no supervised import: it needs no approval."""


class CustomsApproval(Base):
    """The number under which the customs let others use one instrument."""

    __tablename__ = "customs_approval"
    __table_args__ = (
        Index("ix_customs_approval_instrument", "instrument_id", "ended_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    number: Mapped[str]
    by: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When another number took its place, or it was taken back."""


def supervised(instrument: Instrument, policy: Policy, on: date) -> bool:
    """Whether the customs still supervise it on a day; always where its release is not known."""
    if not instrument.customs_supervised or not policy.customs_approval.value:
        return False
    ends = until(instrument, policy)
    return ends is None or on < ends


def until(instrument: Instrument, policy: Policy) -> date | None:
    """The first day on which it is free; nothing where that is not known."""
    released = instrument.customs_released_on
    return None if released is None else released + policy.customs_period.value


async def number(session: AsyncSession, instrument_id: int) -> str | None:
    """The approval on file."""
    there = CustomsApproval.instrument_id == instrument_id
    query = select(CustomsApproval.number).where(there, CustomsApproval.ended_at.is_(None))
    return await session.scalar(query.order_by(CustomsApproval.id.desc()).limit(1))


async def bars(
    session: AsyncSession, instrument: Instrument, group: Group, policy: Policy, on: date
) -> CustomsSupervised | None:
    """Why somebody may not use it on a day; nothing where they may. Its own unit always may."""
    if group is Group.OWN or not supervised(instrument, policy, on):
        return None
    if await number(session, instrument.id) is not None:
        return None
    return CustomsSupervised(policy.customs_approval.cite, until(instrument, policy))


def unfit(
    instrument: Instrument, group: Group, purpose: str | None, policy: Policy, on: date
) -> CustomsPurpose | None:
    """Why an approved use may not be for this; the purpose names one of the kinds that may be."""
    if group is Group.OWN or not supervised(instrument, policy, on):
        return None
    if any(kind in (purpose or "") for kind in kinds(policy)):
        return None
    return CustomsPurpose(policy.customs_kinds.value, policy.customs_kinds.cite)


def kinds(policy: Policy) -> tuple[str, ...]:
    """What supervised imports may serve others for."""
    return tuple(policy.customs_kinds.value.split("、"))


async def check(
    session: AsyncSession,
    instrument_id: int,
    group: Group,
    purpose: str | None,
    policy: Policy,
    at: datetime,
) -> None:
    """Refuse a use that the customs would: CustomsSupervised, CustomsPurpose."""
    instrument = await session.get_one(Instrument, instrument_id)
    on = at.astimezone(HERE).date()
    why = await bars(session, instrument, group, policy, on)
    why_not = why or unfit(instrument, group, purpose, policy, on)
    if why_not is not None:
        raise why_not


async def approve(
    session: AsyncSession, instrument_id: int, given: str, by: By, now: datetime
) -> str:
    """Put an approval's number on file, in the place of the one before.

    Raises NoSuchInstrument, NotYours, NotSupervised, ApprovalUnfit.
    """
    instrument = await session.get(Instrument, instrument_id, with_for_update=True)
    if instrument is None:
        raise listing.NoSuchInstrument(number=f"YQ{instrument_id}")
    if "keeper" not in listing.hats(instrument, by.grants):
        raise NotYours(verb="customs")
    if not instrument.customs_supervised:
        raise NotSupervised
    words = " ".join(given.split())
    if not 0 < len(words) <= LONGEST_NUMBER or not any(letter.isdigit() for letter in words):
        raise ApprovalUnfit
    there = (CustomsApproval.instrument_id == instrument_id) & CustomsApproval.ended_at.is_(None)
    await session.execute(update(CustomsApproval).where(there).values(ended_at=now))
    session.add(CustomsApproval(instrument_id=instrument_id, number=words, by=by.person_id, at=now))
    audit.record(session, by.person_id, "customs", f"instrument:{instrument_id}", {}, now)
    await session.flush()
    return words
