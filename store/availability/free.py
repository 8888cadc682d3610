"""What of an instrument's time is taken, what of it is free, and what is nearest to a wish.

Times are reckoned in whole minutes. A period fits when it lies in one run of open time, is neither
too soon nor too far off, of a length and on a grid that the terms allow, and, with its buffers,
takes nobody's time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import BigInteger, Select, bindparam, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from store.availability.quota import NONE, full_weeks
from store.availability.runs import earliest, latest, open_and_free, pick
from store.availability.unfit import Ask, Period
from store.booking.occupation import Occupation, Outage
from store.prepared import Prepared
from store.stretch import Stretch, counted, minute, minute_after, moment, without
from store.terms import Terms

NEAREST = 3
Ts = TypeVarTuple("Ts")
BUFFER = timedelta(days=1)
"""No buffer is longer."""


async def taken(
    session: AsyncSession,
    instrument_id: int,
    frm: datetime,
    to: datetime,
    *,
    but: int | None = None,
) -> list[Period]:
    """What is taken of an instrument's time, buffers included, in order; `but`: not by that one."""
    found = await overlapping(session, instrument_id, frm, to, but)
    return [Period(start, end) for start, end, *_ in found]


async def free(
    session: AsyncSession,
    terms: Terms,
    frm: datetime,
    to: datetime,
    now: datetime,
    *,
    but: int | None = None,
) -> list[Period]:
    """When it could be booked in this time: open, nobody's, neither too soon nor too far off.

    `but`: a booking (row) whose time is to be given up for it.
    """
    return [_period(each) for each in await _free(session, terms, (frm, to), now, but)]


async def nearest(
    session: AsyncSession, ask: Ask, terms: Terms, now: datetime, count: int = NEAREST
) -> list[Period]:
    """The nearest periods of the same length that may be booked, apart from one another, in order.

    Of too short or too long a wish, of the length nearest to its own; in weeks of which the asker
    has not had their share.
    """
    span = earliest(terms, now), latest(terms, now)
    left = await _free(session, terms, span, now, ask.replaces)
    length = _fitting(ask.period.end - ask.period.start, terms)
    full = await full_weeks(session, ask, terms, length * timedelta(minutes=1), now)
    left = without(left, full)
    found = pick(left, minute(ask.period.start), length, terms.grid, count)
    return [_period(each) for each in sorted(found)]


async def among(
    session: AsyncSession,
    held: Mapping[int, Terms],
    span: tuple[datetime, datetime],
    least: timedelta,
    now: datetime,
) -> list[int]:
    """Which of several instruments are free for so long in a stretch of time."""
    columns = Occupation.instrument_id, Occupation.starts_at, Occupation.ends_at
    around = Occupation.ends_at > span[0] - BUFFER, Occupation.starts_at < span[1] + BUFFER
    query = select(*columns).where(Occupation.instrument_id.in_(held), *around)
    taken_of: dict[int, list[Stretch]] = {number: [] for number in held}
    for number, start, end in await session.execute(query):
        taken_of[number].append((minute(start), minute_after(end)))
    return [
        number
        for number, terms in held.items()
        if any(
            end - start >= _minutes(max(least, terms.shortest))
            for start, end in _left(terms, taken_of[number], span, now)
        )
    ]


def _left(
    terms: Terms, gone: list[Stretch], span: tuple[datetime, datetime], now: datetime
) -> list[Stretch]:
    """What is free, where it is known what is taken."""
    start = max(minute_after(span[0]), minute_after(earliest(terms, now)))
    end = min(minute(span[1]), minute(latest(terms, now)))
    return open_and_free(terms, gone, start, end) if terms.offered and start < end else []


def _fitting(length: timedelta, terms: Terms) -> int:
    """The allowed length that is nearest to one, in minutes."""
    step = max(1, terms.grid)
    least, most = -(-_minutes(terms.shortest) // step), _minutes(_longest(terms)) // step
    return max(1, least, min(most, -(-_minutes(length) // step))) * step


def _longest(terms: Terms) -> timedelta:
    """The longest that one may book, and have in a week."""
    return min(terms.longest, terms.time_per_week or terms.longest)


def _period(stretch: Stretch) -> Period:
    return Period(moment(stretch[0]), moment(stretch[1]))


def _minutes(length: timedelta) -> int:
    """A length in whole minutes; of a part, one more."""
    return -(-length // timedelta(minutes=1))


async def _free(
    session: AsyncSession,
    terms: Terms,
    span: tuple[datetime, datetime],
    now: datetime,
    but: int | None = None,
) -> list[Stretch]:
    around = span[0] - terms.before, span[1] + terms.after
    asked = {"instrument": terms.instrument_id, "frm": around[0], "to": around[1]}
    gone = [counted(*each) for each in await _GONE(session, **asked, but=but or NONE)]
    return _left(terms, gone, span, now)


def _met(query: Select[*Ts]) -> Prepared[*Ts]:
    """A query of occupations in a stretch of time, in order."""
    return Prepared(
        query.where(
            Occupation.instrument_id == bindparam("instrument"),
            Occupation.ends_at > bindparam("frm"),
            Occupation.starts_at < bindparam("to"),
            Occupation.booking_id.is_distinct_from(bindparam("but")),
        ).order_by(Occupation.starts_at)
    )


_GONE: Prepared[int, int] = _met(
    select(
        type_coerce(Occupation.starts_at, BigInteger), type_coerce(Occupation.ends_at, BigInteger)
    )
)


async def overlapping(
    session: AsyncSession, instrument_id: int, frm: datetime, to: datetime, but: int | None = None
) -> list[tuple[datetime, datetime, int | None, str]]:
    """Occupations in a stretch of time, with the reasons of outages, in order."""
    return await _OVERLAPPING(session, instrument=instrument_id, frm=frm, to=to, but=but or NONE)


_OVERLAPPING: Prepared[datetime, datetime, int | None, str] = _met(
    select(Occupation.starts_at, Occupation.ends_at, Occupation.outage_id, Outage.reason).outerjoin(
        Outage, Outage.id == Occupation.outage_id
    )
)
