from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from store import record, service_record, strike, visit
from store.booking import Group, Status
from store.booking.reading import NoSuchBooking
from store.database import Database
from store.lifecycle import NotNow
from store.listing import By, NoSuchInstrument
from store.person import Grant, Role
from store.record import AlreadyRecorded, Entry, NotOver, UseTooLong, UseTooOld
from store.service_record import Scope
from store.usage import Source, Usage
from tests.store.visiting import HOUR, POLICY, Room, end, start

YEAR = timedelta(days=365)


@pytest.fixture
async def room(database: Database, now: datetime) -> Room:
    return await Room.open(database, now)


async def written(room: Room, entry: Entry, by: By | None = None) -> Usage:
    who = by or await room.by()
    async with room.database.begin() as session:
        return await record.record(session, POLICY, entry, who, room.now)


async def test_somebody_without_a_booking(room: Room, now: datetime) -> None:
    entry = Entry(room.instrument, now - 2 * HOUR, now - HOUR, "平面度", visitor="平遥酒厂")
    row = await written(room, entry)
    assert (row.person_id, row.visitor, row.group) == (None, "平遥酒厂", Group.OUTSIDE)
    assert (row.recorded_by, row.source, row.spent) == (room.keeper, Source.HAND, HOUR)
    with pytest.raises(AlreadyRecorded):
        await written(room, entry)
    own = Entry(room.instrument, now - 4 * HOUR, now - 3 * HOUR, "教学", visitor="晋中理工学院")
    row = await written(room, own)
    assert (row.employer_id, row.visitor, row.group) == (room.organisation, None, Group.OWN)


async def test_who_came_after_all_has_no_strike(room: Room, now: datetime) -> None:
    her = await room.user()
    booked = await room.booked(her, now + 3 * HOUR)
    room.now = end(booked)
    async with room.database.begin() as session:
        await visit.sweep(session, POLICY, room.now)
        assert (await strike.of_person(session, POLICY, her, room.now)).count == 1
        rows = await record.open_bookings(session, POLICY, room.instrument, room.now)
        assert [row.id for row in rows] == [booked.id]
    number = booked.number
    row = await written(
        room, Entry(room.instrument, start(booked), end(booked), "平面度", booking=number)
    )
    assert (row.person_id, row.booking_id) == (her, booked.id)
    assert (await room.fresh(booked)).status is Status.FINISHED
    async with room.database.begin() as session:
        assert (await strike.of_person(session, POLICY, her, room.now)).count == 0
        assert await record.open_bookings(session, POLICY, room.instrument, room.now) == []
    with pytest.raises(NotNow):
        await written(
            room, Entry(room.instrument, start(booked), end(booked), "平面度", booking=number)
        )


async def test_a_forgotten_check_out_is_corrected(room: Room, now: datetime) -> None:
    booked = await room.booked(await room.user(), now + 3 * HOUR)
    async with room.database.begin() as session:
        here = (await visit.about_now(session, POLICY, booked.person_id, start(booked)))[0]
        await visit.check_in(session, POLICY, here, Source.SCAN, start(booked))
        await visit.sweep(session, POLICY, end(booked) + HOUR)
    room.now = end(booked) + HOUR
    entry = Entry(room.instrument, start(booked), start(booked) + HOUR, "复检", booked.number)
    row = await written(room, entry)
    assert (row.ends_at, row.forgotten, row.content) == (entry.ends_at, False, "复检")


async def test_what_can_not_be_written_down(room: Room, now: datetime) -> None:
    def entry(begin: datetime, finish: datetime) -> Entry:
        return Entry(room.instrument, begin, finish, "平面度", visitor="平遥酒厂")

    for begin, finish, why in (
        (now - HOUR, now + HOUR, NotOver),
        (now - HOUR, now - 2 * HOUR, NotOver),
        (now - timedelta(days=40), now - HOUR, UseTooLong),
        (now - timedelta(days=91), now - timedelta(days=90), UseTooOld),
    ):
        with pytest.raises(why):
            await written(room, entry(begin, finish))
    good = entry(now - 2 * HOUR, now - HOUR)
    stranger = By(1, frozenset({Grant(Role.KEEPER, organisation_id=room.organisation + 1)}))
    with pytest.raises(NoSuchInstrument):
        await written(room, good, stranger)
    with pytest.raises(NoSuchBooking):
        await written(room, Entry(room.instrument, good.starts_at, good.ends_at, "x", booking=99))
    other = await Room.open(room.database, now, "扫描电镜", "other")
    elsewhere = await other.booked(await room.user(), now + 3 * HOUR)
    with pytest.raises(NoSuchBooking):
        await written(
            room,
            Entry(room.instrument, good.starts_at, good.ends_at, "x", booking=elsewhere.number),
        )


async def test_the_record_has_what_the_nation_asks_for(room: Room, now: datetime) -> None:
    her = await room.user()
    booked = await room.booked(her, now + 3 * HOUR)
    async with room.database.begin() as session:
        here = (await visit.about_now(session, POLICY, her, start(booked)))[0]
        await visit.check_in(session, POLICY, here, Source.SCAN, start(booked))
        await visit.check_out(session, POLICY, here, start(booked) + HOUR)
        told = {"project": "高强铸铁", "funds": "省部级", "field": "材料科学"}
        assert await record.describe(session, here, told, now)
        (row,) = await rows(session, room, Grant(Role.KEEPER, room.organisation))
    assert row["instrument"] == "三坐标测量机 GLOBAL"
    assert (row["hours"], row["applicant"], row["booking"]) == (1.0, her, f"YY{booked.number}")
    assert (row["project"], row["funds"], row["field"]) == ("高强铸铁", "省部级", "材料科学")
    assert (row["agreement"], row["inside"], row["score"]) == (False, True, None)


async def test_everybody_sees_their_own_alone(room: Room, now: datetime) -> None:
    entry = Entry(room.instrument, now - 2 * HOUR, now - HOUR, "平面度", visitor="平遥酒厂")
    await written(room, entry)
    async with room.database.read() as session:
        for grant, seen in (
            (Grant(Role.KEEPER, room.organisation), 1),
            (Grant(Role.REPRESENTATIVE, room.organisation), 1),
            (Grant(Role.BUREAU), 1),
            (Grant(Role.BUREAU, county_id=1), 1),
            (Grant(Role.BUREAU, county_id=2), 0),
            (Grant(Role.KEEPER, room.organisation + 1), 0),
            (Grant(Role.EXPERT), 0),
        ):
            assert len(await rows(session, room, grant)) == seen, grant
        scope = Scope(now - YEAR, now + YEAR, frozenset())
        assert await service_record.rows(session, scope) == []


async def rows(session: AsyncSession, room: Room, grant: Grant) -> list[service_record.Row]:
    scope = Scope(room.now - YEAR, room.now + YEAR, frozenset({grant}))
    return await service_record.rows(session, scope)
