"""For whom somebody works: price, contract and vouchers hang on it.

Claimed by the person, it counts for nothing until the organisation's representative confirms it;
the organisation's own invitation confirms it at once. It ends by date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import audit
from store.base import NUMBERED, Base, Key
from store.errors import Refused
from store.lifecycle import Lifecycle, Move, NotNow
from store.person import Role, RoleGrant, inserting, take
from store.policies import Policy


class Status(StrEnum):
    """Where an affiliation stands."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    ENDED = "ended"


S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("confirm",  S.CLAIMED,   S.CONFIRMED, by="representative"),
    Move("invite",   S.CLAIMED,   S.CONFIRMED, by="invitation"),
    Move("refuse",   S.CLAIMED,   S.REFUSED,   by="representative"),
    Move("withdraw", S.CLAIMED,   S.WITHDRAWN, by="person"),
    Move("lapse",    S.CLAIMED,   S.LAPSED,    by="clock"),
    Move("leave",    S.CONFIRMED, S.ENDED,     by="person"),
    Move("dismiss",  S.CONFIRMED, S.ENDED,     by="representative"),
    Move("end",      S.CONFIRMED, S.ENDED,     by="clock"),
)
# fmt: on
OPEN = (S.CLAIMED, S.CONFIRMED)


@dataclass(eq=False)
class AlreadyClaimed(Refused):
    """The person has claimed, or has, this affiliation."""


@dataclass(eq=False)
class EndUnfit(Refused):
    """The end lies in the past, or further off than policy allows."""

    days: int


@dataclass(eq=False)
class NotYourOrganisation(Refused):
    """Only a representative of the organisation decides; never over oneself."""


class Affiliation(Base):
    """One person, one organisation, one stretch of time."""

    __tablename__ = "affiliation"
    __table_args__ = (
        Index(
            "uq_affiliation_open",
            "person_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("status IN ('claimed', 'confirmed')"),
            postgresql_where=text("status IN ('claimed', 'confirmed')"),
        ),
        Index("ix_affiliation_organisation", "organisation_id", "status"),
        Index("ix_affiliation_due", "status", "ends_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(Key)
    status: Mapped[Status]
    claimed_at: Mapped[datetime]
    waits_until: Mapped[datetime]
    """A claim not decided by then lapses."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(Key)
    ends_at: Mapped[datetime]


async def claim(
    session: AsyncSession,
    policy: Policy,
    *,
    person_id: int,
    organisation_id: int,
    now: datetime,
    ends_at: datetime | None = None,
) -> int:
    """Say for whom one works, until when. Raises AlreadyClaimed, EndUnfit."""
    end = ends_at or now + policy.affiliation_valid.value
    if not now < end <= now + policy.affiliation_longest.value:
        raise EndUnfit(policy.affiliation_longest.value.days)
    number = await _add(session, policy, person_id, organisation_id, now=now, ends_at=end)
    if number is None:
        raise AlreadyClaimed
    audit.record(session, person_id, "claim", f"affiliation:{number}", {}, now)
    return number


async def invited(
    session: AsyncSession, policy: Policy, *, person_id: int, organisation_id: int, now: datetime
) -> int:
    """Confirm at once, because the organisation or the bureau gave a code; an open claim too."""
    end = now + policy.affiliation_valid.value
    await _add(session, policy, person_id, organisation_id, now=now, ends_at=end)
    row = await _open_one(session, person_id, organisation_id)
    if row.status == S.CLAIMED:
        await _move(session, row, "invite", "invitation", actor=person_id, now=now)
    row.ends_at = max(row.ends_at, end)
    return row.id


async def decide(
    session: AsyncSession, verb: str, number: int, *, by: int, now: datetime
) -> Affiliation:
    """`confirm`, `refuse` or `dismiss` as a representative. Raises NotYourOrganisation, NotNow."""
    row = await session.get(Affiliation, number)
    if row is None or row.person_id == by:
        raise NotYourOrganisation
    if not await speaks_for(session, by, row.organisation_id):
        raise NotYourOrganisation
    await _move(session, row, verb, "representative", actor=by, now=now)
    if row.status not in OPEN:
        await take(session, row.person_id, now, organisation_id=row.organisation_id)
    return row


async def leave(
    session: AsyncSession, number: int, *, person_id: int, now: datetime
) -> Affiliation:
    """Take back a claim or end an affiliation of one's own, and with it the roles held there.

    Raises NotYourOrganisation, NotNow.
    """
    row = await session.get(Affiliation, number)
    if row is None or row.person_id != person_id:
        raise NotYourOrganisation
    verb = "withdraw" if row.status == S.CLAIMED else "leave"
    await _move(session, row, verb, "person", actor=person_id, now=now)
    await take(session, person_id, now, organisation_id=row.organisation_id)
    return row


def holds(person_id: Any, now: Any) -> ColumnElement[bool]:  # noqa: ANN401 - values or parameters
    """Whether an affiliation of a person is confirmed and not over: a mere claim never counts."""
    return and_(
        Affiliation.person_id == person_id,
        Affiliation.status == S.CONFIRMED,
        Affiliation.ends_at > now,
    )


async def works_for(session: AsyncSession, person_id: int, now: datetime) -> Sequence[Affiliation]:
    """Confirmed affiliations that hold at this moment."""
    query = select(Affiliation).where(holds(person_id, now)).order_by(Affiliation.id)
    return (await session.scalars(query)).all()


async def open_of(session: AsyncSession, person_id: int, now: datetime) -> Sequence[Affiliation]:
    """What a person has claimed or holds now."""
    mine = (Affiliation.person_id == person_id) & Affiliation.status.in_(OPEN)
    query = select(Affiliation).where(mine, Affiliation.ends_at > now).order_by(Affiliation.id)
    return (await session.scalars(query)).all()


async def waiting(session: AsyncSession, by: int, now: datetime) -> Sequence[Affiliation]:
    """Claims that this representative may decide, oldest first."""
    theirs = select(RoleGrant.organisation_id).where(
        RoleGrant.person_id == by,
        RoleGrant.role == Role.REPRESENTATIVE,
        RoleGrant.ended_at.is_(None),
    )
    query = select(Affiliation).where(
        Affiliation.status == S.CLAIMED,
        Affiliation.waits_until > now,
        Affiliation.person_id != by,
        Affiliation.organisation_id.in_(theirs),
    )
    return (await session.scalars(query.order_by(Affiliation.id))).all()


async def sweep(session: AsyncSession, now: datetime, limit: int = 500) -> int:
    """Let claims lapse and affiliations end that are due, and the roles held there; how many."""
    lapsing = (Affiliation.status == S.CLAIMED) & (Affiliation.waits_until <= now)
    ending = (Affiliation.status == S.CONFIRMED) & (Affiliation.ends_at <= now)
    query = select(Affiliation).where(lapsing | ending).order_by(Affiliation.id).limit(limit)
    rows = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    for row in rows:
        verb = "lapse" if row.status == S.CLAIMED else "end"
        await _move(session, row, verb, "clock", actor=None, now=now)
        if verb == "end":
            await take(session, row.person_id, now, organisation_id=row.organisation_id)
    return len(rows)


async def end_all(session: AsyncSession, person_id: int, now: datetime) -> None:
    """End or withdraw everything a person has open, as they are forgotten."""
    mine = (Affiliation.person_id == person_id) & Affiliation.status.in_(OPEN)
    for row in (await session.scalars(select(Affiliation).where(mine))).all():
        await leave(session, row.id, person_id=person_id, now=now)


async def _add(
    session: AsyncSession,
    policy: Policy,
    person_id: int,
    organisation_id: int,
    *,
    now: datetime,
    ends_at: datetime,
) -> int | None:
    row = {
        "person_id": person_id,
        "organisation_id": organisation_id,
        "status": S.CLAIMED,
        "claimed_at": now,
        "waits_until": now + policy.claim_valid.value,
        "ends_at": ends_at,
    }
    added = inserting(session, Affiliation).values(**row).on_conflict_do_nothing()
    number: int | None = await session.scalar(added.returning(Affiliation.id))
    return number


async def _open_one(session: AsyncSession, person_id: int, organisation_id: int) -> Affiliation:
    mine = (Affiliation.person_id == person_id) & (Affiliation.organisation_id == organisation_id)
    query = select(Affiliation).where(mine, Affiliation.status.in_(OPEN)).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def speaks_for(session: AsyncSession, person_id: int, organisation_id: int) -> bool:
    """Whether a person is the organisation's representative."""
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == Role.REPRESENTATIVE,
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.ended_at.is_(None),
    )
    return await session.scalar(held.limit(1)) is not None


async def _move(
    session: AsyncSession, row: Affiliation, verb: str, by: str, *, actor: int | None, now: datetime
) -> None:
    move = LIFECYCLE.move(verb, row.status, frozenset({by}))
    unmoved = (Affiliation.id == row.id) & (Affiliation.status == move.old)
    moved = (
        update(Affiliation).where(unmoved).values(status=move.new, decided_at=now, decided_by=actor)
    )
    if (await session.execute(moved.returning(Affiliation.id))).first() is None:
        raise NotNow(verb=verb, status=row.status)
    await session.refresh(row)
    audit.record(session, actor, verb, f"affiliation:{row.id}", {}, now)
