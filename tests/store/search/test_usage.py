"""Counting searches: nothing of anybody is kept, counts add up, and what fails is not lost."""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from store.database import Database
from store.search.found import How
from store.search.statistics import Statistics, statistics
from store.search.usage import (
    KEPT,
    MOST,
    AskedQuestion,
    SearchCount,
    SearchOpened,
    Usage,
    flush,
    forget,
    told,
)
from tests.store.people import SECRET
from tests.store.search.catalogue import Shelf


@pytest.fixture
def usage() -> Usage:
    return Usage()


async def written(database: Database, usage: Usage, now: datetime) -> None:
    await flush(database, usage, SECRET, now)


async def test_words_are_kept_when_three_people_wrote_them(
    database: Database, usage: Usage, now: datetime
) -> None:
    for person in (1, 1, 1, 2):
        usage.ask("冷冻电镜", person, How.NONE)
        await written(database, usage, now)
    found = await of(database, now)
    assert (found.asked, found.missed, found.unsaid, found.lost) == (4, 4, 1, ())
    usage.ask(" 冷冻 电镜？", 3, How.NONE)
    usage.ask("冷冻电镜", 3, How.NONE)
    await written(database, usage, now)
    found = await of(database, now)
    assert [(line.words, line.times) for line in found.lost] == [("冷冻电镜", 5)]
    assert found.unsaid == 0
    async with database.read() as session:
        seen = (await session.scalars(select(AskedQuestion.seen))).all()
    assert [] in seen
    assert all(number < 1 << 16 for each in seen for number in each)


async def of(database: Database, now: datetime, days: int = 30) -> Statistics:
    async with database.read() as session:
        return await statistics(session, days, now)


async def test_counts_of_several_processes_add_up(database: Database, now: datetime) -> None:
    for person in range(6):
        usage = Usage()
        usage.ask("红外", person, How.ALL)
        usage.ask("红外", person, How.ALL)
        usage.ask("红外", -person - 1, How.ALL)
        await written(database, usage, now + timedelta(days=person % 2))
    found = await of(database, now + timedelta(days=1))
    assert [(line.words, line.times) for line in found.most] == [("红外", 12)]
    assert (found.asked, found.missed, found.lost) == (12, 0, ())
    one = await of(database, now + timedelta(days=1), days=1)
    assert one.asked == 6
    assert (await of(database, now + timedelta(days=99))).asked == 0


async def test_what_is_opened_after_which_question(database: Database, now: datetime) -> None:
    number = await Shelf(database, now).add("扫描电镜")
    usage = Usage()
    for person in range(3):
        usage.ask("sem", person, How.ALL)
        usage.open("SEM", number, person)
    usage.open("没人问过", number, 1)
    await written(database, usage, now)
    found = await of(database, now)
    assert [(line.words, line.times, line.number, line.name) for line in found.opened] == [
        ("sem", 3, number, "扫描电镜")
    ]


async def test_what_is_old_is_dropped(database: Database, usage: Usage, now: datetime) -> None:
    number = await Shelf(database, now).add("扫描电镜")
    usage.ask("sem", 1, How.ALL)
    usage.open("sem", number, 1)
    await written(database, usage, now - KEPT - timedelta(days=2))
    usage.ask("tem", 1, How.ALL)
    await written(database, usage, now)
    async with database.begin() as session:
        await forget(session, now)
    async with database.read() as session:
        for table, left in ((AskedQuestion, 1), (SearchCount, 1), (SearchOpened, 0)):
            assert await session.scalar(select(func.count()).select_from(table)) == left


async def test_what_cannot_be_written_is_kept(
    database: Database, usage: Usage, now: datetime
) -> None:
    usage.ask("sem", 1, How.NONE)
    usage.open("sem", 999_999, 1)  # no such instrument: the database refuses
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await written(database, usage, now)
    usage.ask("sem", 2, How.ALL)
    assert usage.asked["sem"] == {1, 2}
    usage.opened.clear()
    await written(database, usage, now)
    assert (await of(database, now)).asked == 2
    assert await flush(database, usage, SECRET, now) == 0


def test_it_is_bounded(usage: Usage) -> None:
    for n in range(MOST + 10):
        usage.ask(f"q{n}", n, How.ALL)
        usage.open(f"q{n}", n, n)
        usage.ask("q0", n, How.ALL)
    assert len(usage.asked) == len(usage.opened) == MOST
    assert len(usage.asked["q0"]) == MOST + 10


PRIVATE = ["13935412345", "0354-5550123", "142401199001011234", "a.b@c.cn", "139 3541 2345"]


@pytest.mark.parametrize("private", PRIVATE)
@pytest.mark.parametrize("words", ["{}", "电镜{}", "我的电话{} 想测XRD", "{},sem"])
def test_numbers_and_addresses_of_people_are_not_kept(words: str, private: str) -> None:
    kept = told(words.format(private))
    assert private not in kept
    assert not any(part.isdigit() and len(part) >= 5 for part in kept.split())
    assert "@" not in kept


@given(st.text(st.characters(), max_size=200))
def test_any_words_can_be_kept(words: str) -> None:
    kept = told(words)
    kept.encode()
    assert len(kept) <= 40
    assert "\n" not in kept


async def test_any_questions_can_be_written(database: Database, now: datetime) -> None:
    usage, rng = Usage(), random.Random(1)
    for n in range(50):
        words = "".join(
            chr(rng.choice([0, 9, 0x20, 0x41, 0x955C, 0xD83D, 0x1F600])) for _ in range(n)
        )
        usage.ask(words, n, How.NONE)
        usage.ask(f"{words}镜", n, How.NONE)
    await written(database, usage, now)
    assert (await of(database, now)).missed >= 50
