"""What is looked for and what is opened after it, counted, so that the tables can grow.

Nobody's words are kept until three people wrote the same; until then a question is a checksum, and
whoever asked it one of 65,536 numbers. Counts are gathered in memory and written many at a time.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key
from store.database import Database
from store.privacy import hashed
from store.search.found import How
from store.search.tokens import normalise

HERE = timezone(timedelta(hours=8))
"""The days that are counted are China's."""
ENOUGH = 3
"""So many people must have asked the same before its words are kept."""
KEPT = timedelta(days=366)
MOST = 5_000
"""Questions between two writings; what comes beyond is not counted."""
LONGEST = 40
_NUMBER = re.compile(r"\d{5,}|(?:\d[ -]?){7,}|\S*@\S*")
"""What may be somebody's: long numbers, addresses."""
_BLANKS = re.compile(r"[\W_]+")


class AskedQuestion(Base):
    """One question, whoever asked it."""

    __tablename__ = "search_question"

    question: Mapped[str] = mapped_column(primary_key=True)
    """A keyed checksum of the words."""
    words: Mapped[str | None]
    """Only once ENOUGH people wrote them."""
    seen: Mapped[list[Any]]
    """Numbers of those who asked, until they are enough."""
    last_on: Mapped[date] = mapped_column(index=True)


class SearchCount(Base):
    """How often a question was asked on a day, and how often nothing was found."""

    __tablename__ = "search_count"

    day: Mapped[date] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[int]
    missed: Mapped[int]


class SearchOpened(Base):
    """How often an instrument was opened on a day from the list that a question found."""

    __tablename__ = "search_opened"

    day: Mapped[date] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(
        Key, ForeignKey("instrument.id"), primary_key=True, autoincrement=False
    )
    times: Mapped[int]


@dataclass(slots=True)
class Usage:
    """Counts of this process since they were last written; lost when it is killed.

    Who asks the same again before they are written counts once.
    """

    asked: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Who asked, by the words."""
    missed: set[str] = field(default_factory=set[str])
    """Those of the words that nothing was found for."""
    opened: set[tuple[str, int, int]] = field(default_factory=set[tuple[str, int, int]])
    """Words, instrument and who opened it."""

    def ask(self, words: str, person_id: int, how: How) -> None:
        """Count a question."""
        if len(self.asked) < MOST or words in self.asked:
            self.asked[words].add(person_id)
            if how is How.NONE:
                self.missed.add(words)

    def open(self, words: str, number: int, person_id: int) -> None:
        """Count an instrument that was opened from the list of a question."""
        if len(self.opened) < MOST:
            self.opened.add((words, number, person_id))

    def take(self) -> "Usage":
        """All counts; they begin anew here."""
        taken = Usage(self.asked, self.missed, self.opened)
        self.asked, self.missed, self.opened = defaultdict(set), set(), set()
        return taken

    def put_back(self, taken: "Usage") -> None:
        """Count again what could not be written."""
        for words, people in taken.asked.items():
            self.asked[words] |= people
        self.missed |= taken.missed
        self.opened |= taken.opened


@dataclass(slots=True)
class Asked:
    """One question since the last writing, however it was typed."""

    words: str
    people: set[int] = field(default_factory=set[int])
    missed: set[int] = field(default_factory=set[int])


def told(words: str) -> str:
    """Words as they may be kept: one line in plain writing, without numbers of people's."""
    plain = _NUMBER.sub(" ", normalise(words[: 4 * LONGEST]))
    return _BLANKS.sub(" ", plain).strip()[:LONGEST].strip()


async def flush(database: Database, usage: Usage, secret: bytes, now: datetime) -> int:
    """Write what was counted; gives how many questions. What fails to be written is kept."""
    taken = usage.take()
    if not taken.asked and not taken.opened:
        return 0
    try:
        async with database.begin() as session:
            await record(session, taken, secret, now)
    except BaseException:
        usage.put_back(taken)
        raise
    return len(taken.asked)


async def record(session: AsyncSession, taken: Usage, secret: bytes, now: datetime) -> None:
    """Add counts to the running transaction."""
    day = now.astimezone(HERE).date()
    opened = Counter((_key(words, secret), number) for words, number, _ in taken.opened)
    asked: dict[str, Asked] = {}
    for typed, people in taken.asked.items():
        if words := told(typed):
            held = asked.setdefault(_key(typed, secret), Asked(words))
            held.words = min(held.words, words, key=len)
            held.people |= people
            held.missed |= people if typed in taken.missed else set()
    await _remember(session, asked, secret, day)
    counts = [
        {"day": day, "question": key, "asked": len(held.people), "missed": len(held.missed)}
        for key, held in sorted(asked.items())
    ]
    await _add(session, SearchCount, counts, ("asked", "missed"))
    rows = [
        {"day": day, "question": key, "instrument_id": number, "times": times}
        for (key, number), times in sorted(opened.items())
    ]
    await _add(session, SearchOpened, rows, ("times",))


def _key(typed: str, secret: bytes) -> str:
    return hashed(secret, "question", told(typed).replace(" ", ""))[:16]


async def _remember(
    session: AsyncSession, asked: Mapping[str, Asked], secret: bytes, day: date
) -> None:
    """Who asked, as little as will do; and the words, once they were enough."""
    query = select(AskedQuestion).where(AskedQuestion.question.in_(list(asked)))
    rows = {row.question: row for row in await session.scalars(query)}
    for key, held in asked.items():
        row = rows.get(key)
        if row is None:
            row = AskedQuestion(question=key, words=None, seen=[], last_on=day)
            session.add(row)
        row.last_on = day
        if row.words is None:
            people = {*row.seen, *_numbers(held.people, key, secret)}
            enough = len(people) >= ENOUGH
            row.words, row.seen = (held.words, []) if enough else (None, sorted(people))
    await session.flush()


def _numbers(people: Iterable[int], key: str, secret: bytes) -> set[int]:
    return {int(hashed(secret, "asked", f"{key}:{person}")[:4], 16) for person in people}


async def _add(
    session: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]], counted: Sequence[str]
) -> None:
    """Add to the counts of rows that are there, and make the others."""
    if not rows:
        return
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    adding = dialect.insert(table)
    keys = [column.name for column in table.__table__.primary_key]
    more = {name: getattr(table, name) + adding.excluded[name] for name in counted}
    await session.execute(adding.on_conflict_do_update(index_elements=keys, set_=more), list(rows))


async def forget(session: AsyncSession, now: datetime) -> None:
    """Drop what is too old to say anything about today."""
    before = (now - KEPT).astimezone(HERE).date()
    await session.execute(delete(SearchCount).where(SearchCount.day < before))
    await session.execute(delete(SearchOpened).where(SearchOpened.day < before))
    await session.execute(delete(AskedQuestion).where(AskedQuestion.last_on < before))
