"""What is looked for and what is opened after it, counted, so that the tables can grow.

Nobody's words are kept until three people wrote the same; until then a question is a checksum, and
whoever asked it one of 65,536 numbers. Counts are gathered in memory and written many at a time.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

import orjson
from sqlalchemy import ForeignKey, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key
from store.database import Database
from store.privacy import hashed
from store.script import Script, Statement, to_json
from store.search.found import How
from store.search.tokens import normalise

HERE = timezone(timedelta(hours=8))
"""The days that are counted are China's."""
ENOUGH = 3
"""So many people must have asked the same before its words are kept."""
KEPT = timedelta(days=366)
MOST = 5_000
"""Questions between two writings; what comes beyond is not counted."""
AT_ONCE = 100
"""Questions that are written in one transaction."""
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

    def part(self) -> "Usage | None":
        """A few of these counts, which are gone from here; None when there are none."""
        if not self.asked and not self.opened:
            return None
        asked = [self.asked.popitem() for _ in range(min(AT_ONCE, len(self.asked)))]
        opened = {self.opened.pop() for _ in range(min(AT_ONCE, len(self.opened)))}
        missed = self.missed.intersection(words for words, _ in asked)
        return Usage(defaultdict(set, asked), missed, opened)

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
    """Write what was counted; gives how many questions. What fails to be written is kept.

    A few at a time: messages are saved in between.
    """
    taken, day = usage.take(), now.astimezone(HERE).date()
    count = len(taken.asked)
    while part := taken.part():
        try:
            await asyncio.sleep(0)
            await database.run(_record(part, secret, day), writes=True)
        except BaseException:
            usage.put_back(part)
            usage.put_back(taken)
            raise
    return count


def _record(part: Usage, secret: bytes, day: date) -> Script[None]:
    """Add counts to what is there; in one order, so that no two replicas deadlock."""
    asked: dict[str, Asked] = {}
    for typed, people in part.asked.items():
        if words := told(typed):
            held = asked.setdefault(_key(typed, secret), Asked(words))
            held.words = min(held.words, words, key=len)
            held.people |= people
            held.missed |= people if typed in part.missed else set()
    if asked:
        yield from _remember(sorted(asked.items()), secret, day)
    opened = Counter((_key(words, secret), number) for words, number, _ in part.opened)
    if opened:
        rows = [(str(day), *of, times) for of, times in sorted(opened.items())]
        yield Statement(_OPENED, ("date", "text", "bigint", "bigint"), rows)


def _key(typed: str, secret: bytes) -> str:
    return hashed(secret, "question", told(typed).replace(" ", ""))[:16]


def _remember(asked: Sequence[tuple[str, Asked]], secret: bytes, day: date) -> Script[None]:
    """Who asked, as little as will do; the words, once they were enough; and how often."""
    found = yield Statement(_KNOWN, ("text",), [(key,) for key, _ in asked])
    known = {row[0]: row[1:] for row in found}
    rows: list[tuple[str, str | None, str, str]] = []
    for key, held in asked:
        words, seen = known.get(key, (None, "[]"))
        if words is None:
            people = {*orjson.loads(seen), *_numbers(held.people, key, secret)}
            enough = len(people) >= ENOUGH
            words, seen = (held.words, "[]") if enough else (None, to_json(sorted(people)))
        rows.append((key, words, seen, str(day)))
    yield Statement(_KEEP, ("text", "text", "json", "date"), rows)
    counts = [(str(day), key, len(held.people), len(held.missed)) for key, held in asked]
    yield Statement(_COUNT, ("date", "text", "bigint", "bigint"), counts)


def _numbers(people: Iterable[int], key: str, secret: bytes) -> set[int]:
    """Numbers of those who asked; no more than will do."""
    found: set[int] = set()
    for person in people:
        found.add(int(hashed(secret, "asked", f"{key}:{person}")[:4], 16))
        if len(found) >= ENOUGH:
            break
    return found


_KNOWN = """
with batch(question) as (ROWS)
select q.question, q.words, cast(q.seen as text)
  from batch join search_question q on q.question = batch.question
"""

_KEEP = """
with batch(question, words, seen, last_on) as (ROWS)
insert into search_question (question, words, seen, last_on)
select question, words, seen, last_on from batch where true
on conflict (question) do update
   set words = excluded.words, seen = excluded.seen, last_on = excluded.last_on
"""

_COUNT = """
with batch(day, question, asked, missed) as (ROWS)
insert into search_count (day, question, asked, missed)
select day, question, asked, missed from batch where true
on conflict (day, question) do update
   set asked = search_count.asked + excluded.asked, missed = search_count.missed + excluded.missed
"""

_OPENED = """
with batch(day, question, instrument_id, times) as (ROWS)
insert into search_opened (day, question, instrument_id, times)
select day, question, instrument_id, times from batch where true
on conflict (day, question, instrument_id) do update
   set times = search_opened.times + excluded.times
"""


async def forget(session: AsyncSession, now: datetime) -> None:
    """Drop what is too old to say anything about today."""
    before = (now - KEPT).astimezone(HERE).date()
    await session.execute(delete(SearchCount).where(SearchCount.day < before))
    await session.execute(delete(SearchOpened).where(SearchOpened.day < before))
    await session.execute(delete(AskedQuestion).where(AskedQuestion.last_on < before))
