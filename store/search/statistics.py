"""What the bureau reads of searches: what was missed, what is asked most, what is then opened."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.instrument import Instrument
from store.search.usage import HERE, AskedQuestion, SearchCount, SearchOpened

LISTED = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One question, or one instrument opened after it, and how often."""

    words: str
    times: int
    number: int = 0
    name: str = ""
    """Of an instrument that was opened."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Searches since a day."""

    asked: int
    missed: int
    unsaid: int
    """Questions that nothing was found for, and whose words are not known: too few asked them."""
    lost: tuple[Line, ...]
    """Questions that nothing was found for, by how often."""
    most: tuple[Line, ...]
    opened: tuple[Line, ...]


async def statistics(session: AsyncSession, days: int, now: datetime) -> Statistics:
    """The last so many days."""
    since = now.astimezone(HERE).date() - timedelta(days=days - 1)
    totals = select(
        func.coalesce(func.sum(SearchCount.asked), 0),
        func.coalesce(func.sum(SearchCount.missed), 0),
    ).where(SearchCount.day >= since)
    asked, nothing = (await session.execute(totals)).one()
    return Statistics(
        int(asked),
        int(nothing),
        await _unsaid(session, since),
        await _lines(session, _by_words(func.sum(SearchCount.missed), since)),
        await _lines(session, _by_words(func.sum(SearchCount.asked), since)),
        await _lines(session, _opened(since)),
    )


async def _unsaid(session: AsyncSession, since: date) -> int:
    query = (
        select(func.count(func.distinct(SearchCount.question)))
        .join(AskedQuestion, AskedQuestion.question == SearchCount.question)
        .where(SearchCount.day >= since, SearchCount.missed > 0, AskedQuestion.words.is_(None))
    )
    return int(await session.scalar(query) or 0)


def _by_words(times: Any, since: date) -> Executable:  # noqa: ANN401 - an expression of SQL's
    return (
        select(AskedQuestion.words, times)
        .join(SearchCount, AskedQuestion.question == SearchCount.question)
        .where(SearchCount.day >= since, AskedQuestion.words.is_not(None))
        .group_by(AskedQuestion.words)
        .having(times > 0)
        .order_by(times.desc(), AskedQuestion.words)
        .limit(LISTED)
    )


def _opened(since: date) -> Executable:
    times = func.sum(SearchOpened.times)
    return (
        select(AskedQuestion.words, times, Instrument.id, Instrument.name)
        .join(SearchOpened, AskedQuestion.question == SearchOpened.question)
        .join(Instrument, Instrument.id == SearchOpened.instrument_id)
        .where(SearchOpened.day >= since, AskedQuestion.words.is_not(None))
        .group_by(AskedQuestion.words, Instrument.id, Instrument.name)
        .order_by(times.desc(), AskedQuestion.words, Instrument.id)
        .limit(LISTED)
    )


async def _lines(session: AsyncSession, query: Executable) -> tuple[Line, ...]:
    rows = await session.execute(query)
    return tuple(Line(row[0], int(row[1]), *row[2:]) for row in rows)
