"""Pausing, resuming, withdrawing: who may, from where, and what is remembered."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from store.card import facts
from store.database import Database
from store.instrument import CatalogueChange, Instrument, Status, history, load
from store.ledger import read, write
from store.lifecycle import NotNow, NotYours
from store.listing import (
    LIFECYCLE,
    By,
    NoSuchInstrument,
    ReasonMissing,
    pause,
    relist,
    resume,
    withdraw,
)
from store.person import Grant, Role
from tests.store.ledger.test_sample import SAMPLE

BUREAU = By(1, frozenset({Grant(Role.BUREAU)}))


@pytest.fixture
async def filled(database: Database, now: datetime) -> Database:
    await write(database, read(SAMPLE), now)
    return database


async def test_a_keeper_pauses_and_resumes(filled: Database, now: datetime) -> None:
    later = now + timedelta(hours=1)
    async with filled.begin() as session:
        instrument = await session.get_one(Instrument, 3)
        keeper = By(7, frozenset({Grant(Role.KEEPER, organisation_id=instrument.organisation_id)}))
        assert await pause(session, 3, " 主机  维修 ", keeper, later) is Status.PAUSED
        with pytest.raises(NotNow):
            await pause(session, 3, "再停", keeper, later)
    async with filled.begin() as session:
        instrument = await session.get_one(Instrument, 3)
        assert (instrument.status, instrument.reason) == (Status.PAUSED, "主机 维修")
        assert (instrument.version, instrument.changed_at) == (2, later)
        assert await resume(session, 3, keeper, later) is Status.LISTED
        told = [(one.verb, one.actor_id, one.version) for one in await history(session, 3)]
        assert told == [("import", None, 1), ("pause", 7, 2), ("resume", 7, 3)]
        feed = select(CatalogueChange.instrument_id).order_by(CatalogueChange.seq.desc()).limit(2)
        assert list(await session.scalars(feed)) == [3, 3]


async def test_only_whose_it_is(filled: Database, now: datetime) -> None:
    async with filled.begin() as session:
        for grants in (
            frozenset[Grant](),
            frozenset({Grant(Role.KEEPER, organisation_id=9999)}),
            frozenset({Grant(Role.KEEPER)}),
            frozenset({Grant(Role.BUREAU, county_id=9999)}),
            frozenset({Grant(Role.FINANCE)}),
        ):
            with pytest.raises(NotYours):
                await pause(session, 3, "维修", By(7, grants), now)


async def test_withdrawn_is_for_the_bureau_to_undo(filled: Database, now: datetime) -> None:
    async with filled.begin() as session:
        instrument = await session.get_one(Instrument, 3)
        keeper = By(7, frozenset({Grant(Role.KEEPER, organisation_id=instrument.organisation_id)}))
        assert await withdraw(session, 3, "报废", keeper, now) is Status.WITHDRAWN
        with pytest.raises(NotYours):
            await relist(session, 3, keeper, now)
        assert await relist(session, 3, BUREAU, now) is Status.LISTED


async def test_a_reason_and_a_number_are_needed(filled: Database, now: datetime) -> None:
    async with filled.begin() as session:
        with pytest.raises(ReasonMissing):
            await pause(session, 3, "  ", BUREAU, now)
        with pytest.raises(ReasonMissing):
            await withdraw(session, 3, "长" * 201, BUREAU, now)
        with pytest.raises(NoSuchInstrument) as refused:
            await resume(session, 99999, BUREAU, now)
    assert refused.value.number == "YQ99999"


def test_every_status_is_reachable_and_drawn() -> None:
    reached = {Status.LISTED}
    for _ in Status:
        reached |= {Status(move.new) for move in LIFECYCLE if move.old in reached}
    assert reached == set(Status)
    assert "listed --> paused: pause" in LIFECYCLE.mermaid()


async def test_a_card_s_facts(filled: Database) -> None:
    async with filled.read() as session:
        found = await load(session, 1)
        assert await load(session, 99999) is None
    assert found is not None
    shown = facts(*found)
    assert (shown["number"], shown["name"]) == ("YQ1", "便携式光合作用测定系统")
    assert (shown["organisation"], shown["organisation_kind"]) == (
        "晋中农业工程学院分析测试中心",
        "高等院校",
    )
    assert (shown["county"], shown["place"]) == ("平遥县", "平遥")
    assert (shown["worth"], shown["started"]) == ("50.9万元", "2013年4月24日")
    assert (shown["modes"], shown["fee"]) == ("自主上机", "150元/天")
