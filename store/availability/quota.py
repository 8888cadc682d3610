"""What one person may have of an instrument in a week: so many bookings, so much time."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.availability.unfit import Ask, TooMany, TooMuch
from store.booking.table import Booking, Status
from store.errors import Refused
from store.prepared import Prepared
from store.stretch import Stretch, merge, minute
from store.terms import Terms
from store.workdays import HERE

COUNTED = frozenset(Status) - {
    Status.REJECTED,
    Status.EXPIRED,
    Status.CANCELLED,
    Status.ABORTED,
    Status.REPLACED,
}
"""What a quota counts: also what was missed."""
WEEK, EVER = timedelta(days=7), datetime.max.replace(tzinfo=UTC)


async def quotas(session: AsyncSession, ask: Ask, terms: Terms) -> list[Refused]:
    """What of the week of a wish is used up."""
    if not (terms.per_week or terms.time_per_week):
        return []
    count, used = await _used(session, ask)
    found: list[Refused] = []
    if _too_many(count, terms):
        found.append(TooMany(most=terms.per_week, cite=terms.cite("per_week")))
    if _too_much(used, ask.period.end - ask.period.start, terms):
        found.append(TooMuch(most=terms.time_per_week, cite=terms.cite("time_per_week")))
    return found


async def full_weeks(
    session: AsyncSession, ask: Ask, terms: Terms, length: timedelta, now: datetime
) -> list[Stretch]:
    """The weeks from now on in which the asker may have no more of such a length."""
    if not (terms.per_week or terms.time_per_week):
        return []
    weeks: dict[datetime, list[timedelta]] = {}
    for start, end in await _had(session, ask, _monday(now), EVER):
        weeks.setdefault(_monday(start), []).append(end - start)
    return merge(
        (minute(monday), minute(monday + WEEK))
        for monday, had in weeks.items()
        if _too_many(len(had), terms) or _too_much(sum(had, timedelta()), length, terms)
    )


def _too_many(count: int, terms: Terms) -> bool:
    return bool(terms.per_week) and count >= terms.per_week


def _too_much(used: timedelta, more: timedelta, terms: Terms) -> bool:
    return bool(terms.time_per_week) and used + more > terms.time_per_week


def _monday(at: datetime) -> datetime:
    day = at.astimezone(HERE).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


async def _used(session: AsyncSession, ask: Ask) -> tuple[int, timedelta]:
    """Bookings, and time, that a person has of an instrument in the week of a wish."""
    monday = _monday(ask.period.start)
    rows = await _had(session, ask, monday, monday + WEEK)
    return len(rows), sum((end - start for start, end in rows), timedelta())


async def _had(
    session: AsyncSession, ask: Ask, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """The asker's bookings of the instrument that start in a stretch of time."""
    replaced = ask.replaces or NONE
    asked = {"person": ask.person_id, "instrument": ask.instrument_id, "replaced": replaced}
    rows = await _COUNTED(session, **asked, since=since, until=until)
    return [(start, end) for start, end in rows if start and end]


NONE = 0
"""No booking's number."""
_COUNTED = Prepared(
    select(Booking.starts_at, Booking.ends_at).where(
        Booking.person_id == bindparam("person"),
        Booking.instrument_id == bindparam("instrument"),
        Booking.status.in_(COUNTED),
        Booking.starts_at >= bindparam("since"),
        Booking.starts_at < bindparam("until"),
        Booking.id != bindparam("replaced"),
    )
)
