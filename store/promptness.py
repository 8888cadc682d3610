"""How fast requests are answered (article （九）: 及时作出回应): reminded of, escalated, shown.

The clock only records events, once for each request; who is told what stands in notifications.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import event
from store.answering import last_moment
from store.booking import Booking, Status, expire
from store.event import Event, EventRow
from store.instrument import Instrument
from store.organisation import Organisation
from store.person import Grant, Role
from store.policies import Policy
from store.routing import in_, organisations, overseen
from store.workdays import due

S = Status
REMIND, ESCALATE = "remind", "escalate"
AT_ONCE = 500
LOOKED_AT = 20_000
"""Requests that one account of response times looks at, the latest."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How one organisation answers; numbers only."""

    organisation_id: int
    name: str
    asked: int
    answered: int
    late: int
    """Answered after their time, or never: let go by the clock."""
    overdue: int
    """Not answered yet, and past their time."""
    usual: timedelta | None
    """The median from request to first answer; nothing where nothing was answered."""


async def sweep(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """Record `booking.remind` before a request's time is over, `booking.escalate` after it.

    Requests and offers whose hold is over are let go. Gives how many of all these there were.

    A request made shortly before its time is over is reminded of when half of that has passed.
    """
    gone = await expire(session, now)  # first: nobody is reminded of what is over
    ahead = policy.answer_reminder.value
    soon = or_(Booking.answer_by <= now + ahead, Booking.hold_until <= now + ahead)
    reminded = [
        row for row in await _unmarked(session, REMIND, soon) if _remind_at(row, ahead) <= now
    ]
    late = Booking.answer_by <= now
    escalated = [
        row
        for row in await _unmarked(session, ESCALATE, late)
        if due(row.requested_at, policy.escalation.value) <= now
    ]
    marks = [(REMIND, reminded), (ESCALATE, escalated)]
    events = [
        Event("booking", row.id, verb, row.version, now, facts={"by": "clock"})
        for verb, rows in marks
        for row in rows
    ]
    await event.record(session, *events)
    return len(events) + gone


def _remind_at(row: Booking, ahead: timedelta) -> datetime:
    over = last_moment(row) or row.requested_at
    return over - min(ahead, (over - row.requested_at) / 2)


async def _unmarked(
    session: AsyncSession, verb: str, which: ColumnElement[bool]
) -> Sequence[Booking]:
    """Unanswered requests of which no such event was recorded, each left to one process."""
    mark = exists(
        select(EventRow.id).where(
            EventRow.subject == "booking",
            EventRow.subject_id == Booking.id,
            EventRow.verb == verb,
        )
    )
    query = select(Booking).where(Booking.status == S.REQUESTED, which, ~mark)
    query = query.order_by(Booking.answer_by, Booking.id).limit(AT_ONCE)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def overdue(session: AsyncSession, grants: Collection[Grant], now: datetime) -> int:
    """Requests past their time in what somebody of the bureau looks after."""
    query = (
        select(Booking.id)
        .join(Instrument, Instrument.id == Booking.instrument_id)
        .where(Booking.status == S.REQUESTED, Booking.answer_by <= now)
        .where(overseen(grants, Instrument.county_id))
    )
    return len((await session.scalars(query)).all())


async def paces(
    session: AsyncSession, grants: Collection[Grant], policy: Policy, now: datetime
) -> list[Pace]:
    """How the organisations that the grants let one see answer: overdue and slow ones first.

    Counts requests of the last `answer_window` that wanted an answer and were not taken back first.
    """
    seen = or_(
        in_(Booking.organisation_id, organisations(grants, Role.KEEPER, Role.REPRESENTATIVE)),
        overseen(grants, Instrument.county_id),
    )
    query = (
        select(Booking, Organisation.name)
        .join(Instrument, Instrument.id == Booking.instrument_id)
        .join(Organisation, Organisation.id == Booking.organisation_id)
        .where(seen, Booking.answer_by.is_not(None))
        .where(Booking.requested_at > now - policy.answer_window.value)
        .order_by(Booking.id.desc())
        .limit(LOOKED_AT)
    )
    rows: defaultdict[tuple[int, str], list[Booking]] = defaultdict(list)
    for row, name in await session.execute(query):
        if row.answered_at or row.status in (S.REQUESTED, S.EXPIRED):
            rows[row.organisation_id, name].append(row)
    found = [_pace(*whose, theirs, now) for whose, theirs in rows.items()]
    return sorted(found, key=lambda pace: (-pace.overdue, -pace.late, -pace.asked, pace.name))


def _pace(organisation_id: int, name: str, rows: Sequence[Booking], now: datetime) -> Pace:
    took = [(row.answered_at - row.requested_at).total_seconds() for row in rows if row.answered_at]
    return Pace(
        organisation_id,
        name,
        asked=len(rows),
        answered=len(took),
        late=sum(map(_was_late, rows)),
        overdue=sum(row.status is S.REQUESTED and _over(row) <= now for row in rows),
        usual=timedelta(seconds=median(took)) if took else None,
    )


def _was_late(row: Booking) -> bool:
    if row.answered_at is None:
        return row.status is S.EXPIRED
    return row.answered_at > _over(row)


def _over(row: Booking) -> datetime:
    return row.answer_by or row.requested_at


def total(paces: Iterable[Pace]) -> tuple[int, int, int, int]:
    """Requests, answered ones, late ones and overdue ones of several organisations together."""
    several = list(paces)
    return (
        sum(each.asked for each in several),
        sum(each.answered for each in several),
        sum(each.late for each in several),
        sum(each.overdue for each in several),
    )
