from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from store import personal, privacy
from store.database import Database
from store.person import (
    Grant,
    Person,
    Role,
    RoleGrant,
    follow,
    give,
    grants,
    holders,
    leave,
    notice,
    take,
)
from store.personal import Personal
from tests.store.people import SECRET, person

NAME, PHONE = "张晓岚", "13912340757"


async def test_told_found_masked(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        await personal.tell(session, SECRET, her, name=NAME, phone=PHONE)
        await personal.tell(session, SECRET, her, email="zxl@example.cn")
    async with database.read() as session:
        told = await personal.known(session, SECRET, her)
        assert told == Personal(NAME, PHONE, "zxl@example.cn")
        assert told.masked == Personal("张**", "139****0757", "z***@example.cn")
        assert await personal.by_phone(session, SECRET, PHONE) == [her]
        assert await personal.by_phone(session, SECRET, "13912340758") == []


async def test_nothing_personal_stands_in_the_row(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        await personal.tell(session, SECRET, her, name=NAME, phone=PHONE)
        row = (await session.execute(select(Person.__table__))).mappings().one()
        assert NAME not in repr(dict(row))
        assert PHONE not in repr(dict(row))
        assert NAME.encode() not in row["personal"]


async def test_taken_back(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        await personal.tell(session, SECRET, her, name=NAME, phone=PHONE)
        assert await personal.tell(session, SECRET, her, phone="") == Personal(NAME)
        assert await personal.by_phone(session, SECRET, PHONE) == []


async def test_one_row_does_not_open_as_another(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        her, him = await person(session, now), await person(session, now)
        await personal.tell(session, SECRET, her, name=NAME)
        hers, his = await session.get_one(Person, her), await session.get_one(Person, him)
        his.key, his.personal = hers.key, hers.personal
        with pytest.raises(privacy.Unopenable):
            personal.opened(SECRET, his)
        with pytest.raises(privacy.Unopenable):
            personal.opened(bytes(32), hers)


async def test_another_account_key(database: Database, now: datetime) -> None:
    other = bytes(range(1, 33))
    async with database.begin() as session:
        her = await person(session, now)
        await personal.tell(session, SECRET, her, name=NAME, phone=PHONE)
        personal.rekeyed(SECRET, other, await session.get_one(Person, her))
        await session.flush()
        assert await personal.known(session, other, her) == Personal(NAME, PHONE)
        assert await personal.by_phone(session, other, PHONE) == [her]
        assert await personal.by_phone(session, SECRET, PHONE) == []


async def test_follow_leave_follow(database: Database, now: datetime) -> None:
    later = now + timedelta(days=1)
    async with database.begin() as session:
        row = Person(openid="o1")
        session.add(row)
        await session.flush()
        assert not await follow(session, row.id, now)
        await leave(session, row.id, later)
        await session.refresh(row)
        assert row.left_at == later
        assert await follow(session, row.id, later)
        await session.refresh(row)
        assert row.left_at is None
        await notice(session, row.id, now)
        await notice(session, row.id, later)
        await session.refresh(row)
        assert row.noticed_at == now


async def test_roles_are_given_once_and_ended(database: Database, now: datetime) -> None:
    keeper = Grant(Role.KEEPER, organisation_id=7)
    bureau = Grant(Role.BUREAU)
    async with database.begin() as session:
        him = await person(session, now, keeper, keeper, bureau)
        await give(session, him, Grant(Role.BUREAU, county_id=2), now)
        assert await grants(session, him) == {keeper, bureau, Grant(Role.BUREAU, county_id=2)}
        assert len((await session.scalars(select(RoleGrant))).all()) == 3
        assert await holders(session, Role.KEEPER, organisation_id=7) == [him]
        assert await holders(session, Role.KEEPER, organisation_id=8) == []
        await take(session, him, now)
        assert await grants(session, him) == set()
        await give(session, him, keeper, now)
        assert await grants(session, him) == {keeper}


def test_addresses() -> None:
    assert personal.read_email(" Zxl@Example.CN ") == "zxl@example.cn"
    with pytest.raises(personal.EmailUnreadable):
        personal.read_email("zxl@")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.text(max_size=10))
def test_sealing_goes_both_ways(key: bytes, plain: bytes, about: str) -> None:
    sealed = privacy.seal(key, plain, about)
    assert privacy.unseal(key, sealed, about) == plain
    with pytest.raises(privacy.Unopenable):
        privacy.unseal(key, sealed, about + "x")
    with pytest.raises(privacy.Unopenable):
        privacy.unseal(key, sealed[:-1], about)


@given(st.text(max_size=30))
def test_masks_never_raise(words: str) -> None:
    for mask in (privacy.mask_name, privacy.mask_phone, privacy.mask_email):
        assert "*" in mask(words)
