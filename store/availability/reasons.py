"""Why a wish cannot be: all reasons at once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from store.availability.free import nearest, overlapping
from store.availability.quota import quotas
from store.availability.runs import earliest, latest, offset, runs
from store.availability.unfit import (
    Ask,
    Busy,
    Longer,
    NotOpen,
    OffGrid,
    OutOfOrder,
    OutOfUse,
    Over,
    Period,
    Reversed,
    Shorter,
    TooFar,
    TooSoon,
    Unfit,
)
from store.errors import Refused
from store.instrument import Status as Listed
from store.stretch import DAY, day_of, merge, minute, minute_after, moment, without
from store.terms import Terms
from store.workdays import Sort, sort

MOST_DAYS = 400
"""No period is looked through that is longer."""


async def check(session: AsyncSession, ask: Ask, terms: Terms, now: datetime) -> None:
    """Raises Unfit where a wish cannot be: with all reasons, and the nearest that could."""
    if found := await reasons(session, ask, terms, now):
        raise Unfit(reasons=found, nearest=await nearest(session, ask, terms, now))


async def reasons(session: AsyncSession, ask: Ask, terms: Terms, now: datetime) -> list[Refused]:
    """All that stands against a wish; nothing where it may be booked."""
    found = rules(ask, terms, now)
    if _over(ask, now):
        return found
    return [*found, *await _others(session, ask, terms), *await quotas(session, ask, terms)]


async def unguarded(session: AsyncSession, ask: Ask, terms: Terms, now: datetime) -> list[Refused]:
    """What stands against a wish but for who else has it, which the database guards."""
    found = rules(ask, terms, now)
    return found if _over(ask, now) else [*found, *await quotas(session, ask, terms)]


def rules(ask: Ask, terms: Terms, now: datetime) -> list[Refused]:
    """What the terms have against a wish, whoever asks and whoever has it."""
    if ask.period.end <= ask.period.start:
        return [Reversed()]
    if ask.period.start < now:
        return [*_offered(terms), Over(start=ask.period.start)]
    return [
        *_offered(terms),
        *_when(ask.period, terms, now),
        *_length(ask.period, terms),
        *_opening(ask.period, terms),
    ]


def _over(ask: Ask, now: datetime) -> bool:
    """Whether there is nothing more to look at."""
    return ask.period.end <= ask.period.start or ask.period.start < now


def _offered(terms: Terms) -> list[Refused]:
    if terms.offered:
        return []
    return [OutOfUse(withdrawn=terms.listed is Listed.WITHDRAWN, why=terms.why_not)]


def _when(period: Period, terms: Terms, now: datetime) -> list[Refused]:
    found: list[Refused] = []
    if period.start < (first := earliest(terms, now)):
        found.append(TooSoon(earliest=first, cite=terms.cite("notice")))
    if period.end > (last := latest(terms, now)):
        found.append(TooFar(latest=last, cite=terms.cite("horizon")))
    return found


def _length(period: Period, terms: Terms) -> list[Refused]:
    length = period.end - period.start
    if length < terms.shortest:
        return [Shorter(least=terms.shortest, cite=terms.cite("shortest"))]
    if length > terms.longest:
        return [Longer(most=terms.longest, cite=terms.cite("longest"))]
    return []


def _opening(period: Period, terms: Terms) -> list[Refused]:
    start, end = minute(period.start), minute_after(period.end)
    if end - start > MOST_DAYS * DAY:
        return []  # refused for its length
    found = runs(terms, start, end)
    around = next((run for run in found if run[0] <= start and end <= run[1]), None)
    if around is None:
        return [_closed(without([(start, end)], found)[0][0], terms)]
    if terms.grid and terms.opening.known:
        grid = offset(around, terms.grid)
        if any(at % terms.grid != grid for at in (start, end)):
            return [OffGrid(grid=terms.grid, cite=terms.cite("grid"))]
    return []


def _closed(at: int, terms: Terms) -> NotOpen:
    day = day_of(at)
    exception = terms.exception(day)
    return NotOpen(
        day=day,
        hours=terms.hours(day),
        words=terms.opening.words,
        holiday=exception is None and sort(day) is Sort.HOLIDAY,
        why=exception.reason if exception else "",
    )


async def _others(session: AsyncSession, ask: Ask, terms: Terms) -> list[Refused]:
    """Outages with their reasons, and when others have it."""
    around = ask.period.start - terms.before, ask.period.end + terms.after
    found = await overlapping(session, ask.instrument_id, *around, ask.replaces)
    out: list[Refused] = [OutOfOrder(start, end, why) for start, end, down, why in found if down]
    times = ((start, end) for start, end, down, _ in found if not down)
    busy = merge((minute(start), minute_after(end)) for start, end in times)
    return [*out, *(Busy(moment(start), moment(end)) for start, end in busy)]
