"""One week of an instrument: open, free, taken, out of use; and the address of its picture.

When an instrument is free is for everybody to see: a picture's address is signed so that nobody
has pictures drawn that were never offered, and holds no person.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import privacy
from store.availability import Period, free
from store.booking.occupation import Occupation
from store.stretch import DAY, Stretch, midnight, minute, minute_after, moment, within
from store.terms import Terms

DAYS = 7
NAME = re.compile(r"YQ(?P<number>\d{1,9})-(?P<day>\d{8})-(?P<sign>[0-9a-f]{16})\.png", re.ASCII)
SIGN = 16


@dataclass(frozen=True, slots=True)
class Day:
    """One day, in minutes from its beginning."""

    date: date
    open: tuple[Stretch, ...]
    free: tuple[Stretch, ...]
    taken: tuple[Stretch, ...]
    out: tuple[Stretch, ...]
    """When it is out of use."""


async def week(
    session: AsyncSession, terms: Terms, first: date, now: datetime, days: int = DAYS
) -> list[Day]:
    """The days from one on."""
    start = midnight(first)
    span = moment(start), moment(start + days * DAY)
    frees = _minutes(await free(session, terms, *span, now))
    taken, out = await _occupied(session, terms.instrument_id, *span)
    found = []
    for n in range(days):
        day, begins = first + timedelta(days=n), start + n * DAY
        hours = terms.hours(day, proposed=True)
        cut = (_of(each, begins) for each in (frees, taken, out))
        found.append(Day(day, hours, *cut))
    return found


def _of(stretches: list[Stretch], begins: int) -> tuple[Stretch, ...]:
    """What of some stretches lies in a day, in minutes from its beginning."""
    inside = within(stretches, begins, begins + DAY)
    return tuple((start - begins, end - begins) for start, end in inside)


def _minutes(periods: list[Period]) -> list[Stretch]:
    return [(minute(each.start), minute_after(each.end)) for each in periods]


async def _occupied(
    session: AsyncSession, number: int, frm: datetime, to: datetime
) -> tuple[list[Stretch], list[Stretch]]:
    """When others have it, and when it is out of use."""
    query = select(Occupation.starts_at, Occupation.ends_at, Occupation.outage_id).where(
        Occupation.instrument_id == number, Occupation.ends_at > frm, Occupation.starts_at < to
    )
    found = list(await session.execute(query.order_by(Occupation.starts_at)))
    times = [((minute(start), minute_after(end)), out) for start, end, out in found]
    return [each for each, out in times if not out], [each for each, out in times if out]


def name(secret: bytes, number: int, first: date) -> str:
    """The name of the picture of the days from one on, as its address has it."""
    about = f"YQ{number}-{first:%Y%m%d}"
    return f"{about}-{_sign(secret, about)}.png"


def read_name(secret: bytes, said: str) -> tuple[int, date] | None:
    """Which instrument and week a picture is of; None where we never gave that name out."""
    found = NAME.fullmatch(said)
    if found is None or name(secret, int(found["number"]), _day(found["day"])) != said:
        return None
    return int(found["number"]), _day(found["day"])


def _day(digits: str) -> date:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return date.min


def _sign(secret: bytes, about: str) -> str:
    return privacy.hashed(secret, "week picture", about)[:SIGN]
