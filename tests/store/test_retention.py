from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store import affiliation, audit, own_data, personal
from store.affiliation import works_for
from store.conversation import Conversation
from store.database import Database
from store.file import Paper, Vault, find, keep, key_of
from store.invitation import CodeExpired, Offer, bind, invite
from store.link import Errand, Purpose, issue
from store.organisation import Organisation
from store.outbox import Outbox, Plan, plan
from store.person import Grant, Person, Role, grants, leave
from store.policies import load
from store.privacy import Unopenable
from store.rekey import rekey
from store.retention import Swept, forget, sweep
from tests.store import samples
from tests.store.people import SECRET, person
from tests.store.test_file import arrived

POLICY = load("jinzhong")
KEPT = POLICY.personal_kept.value


async def somebody(database: Database, now: datetime) -> int:
    async with database.begin() as session:
        her = await person(session, now, Grant(Role.KEEPER, 7), openid="o-her")
        await personal.tell(session, SECRET, her, name="张晓岚", phone="13912340757")
        await affiliation.invited(session, POLICY, person_id=her, organisation_id=7, now=now)
        await affiliation.claim(session, POLICY, person_id=her, organisation_id=8, now=now)
        session.add(Conversation(person_id=her, version=1, state={}, heard_at=now))
        await plan(session, [Plan("x/1", 1, "x", "x/1", her, {"a": 1}, now)])
        await issue(session, POLICY, SECRET, Errand(Purpose.OWN_DATA, her), now)
        return her


async def test_forgotten_entirely_and_twice(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    for _ in range(2):
        async with database.begin() as session:
            await forget(session, her, now, by=her)
    async with database.read() as session:
        row = await session.get_one(Person, her)
        assert (row.openid, row.key, row.personal, row.phone_hash) == (None, None, None, None)
        assert row.forgotten_at == now
        assert await personal.known(session, SECRET, her) == personal.Personal()
        assert await personal.by_phone(session, SECRET, "13912340757") == []
        assert await grants(session, her) == set()
        assert await affiliation.open_of(session, her, now) == []
        assert await session.get(Conversation, her) is None
        told = (await session.scalars(select(Outbox))).one()
        assert (told.facts, told.settled_at) == ({}, now)
        assert [row.verb for row in await audit.about(session, her)].count("forget") == 1


async def test_the_forgotten_cannot_be_told_of_again(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    async with database.begin() as session:
        await forget(session, her, now)
        with pytest.raises(Unopenable):
            await personal.tell(session, SECRET, her, name="张晓岚")


async def test_who_left_long_ago_is_forgotten(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    async with database.begin() as session:
        await leave(session, her, now)
        before = await sweep(session, POLICY, now + KEPT - timedelta(seconds=1))
        assert before.people == 0
        assert (await sweep(session, POLICY, now + KEPT)).people == 1
        assert await sweep(session, POLICY, now + KEPT) == Swept(0, 0, 0, 0)
        assert (await session.get_one(Person, her)).openid is None


async def test_who_follows_is_kept(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    async with database.begin() as session:
        assert (await sweep(session, POLICY, now + 3 * KEPT)).people == 0
        assert (await personal.known(session, SECRET, her)).name == "张晓岚"
        assert await works_for(session, her, now + 3 * KEPT) == []


async def test_another_key_for_all(database: Database, now: datetime, tmp_path: Path) -> None:
    other = bytes(range(1, 33))
    her = await somebody(database, now)
    incoming, kind = arrived(Vault(tmp_path), samples.png())
    async with database.begin() as session:
        code = await invite(session, POLICY, SECRET, Offer(Role.BUREAU), now=now)
        paper = Paper(her, Purpose.PROOF, "affiliation:1", kind)
        number = await keep(session, POLICY, SECRET, incoming, paper, now)
        done = await rekey(session, SECRET, other, now)
        assert (done.people, done.files, done.codes) == (1, 0, 1)
        assert (await personal.known(session, other, her)).name == "张晓岚"
        assert await key_of(session, other, await find(session, number)) == incoming.key
        with pytest.raises(Unopenable):
            await personal.known(session, SECRET, her)
        with pytest.raises(CodeExpired):
            await bind(session, POLICY, SECRET, person_id=her, code=code, now=now)


async def test_a_wrong_old_key_changes_nothing(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    with pytest.raises(Unopenable):
        async with database.begin() as session:
            await rekey(session, bytes(32), bytes(range(1, 33)), now)
    async with database.read() as session:
        assert (await personal.known(session, SECRET, her)).name == "张晓岚"


async def test_own_data_is_all_of_it_and_nobody_elses(database: Database, now: datetime) -> None:
    her = await somebody(database, now)
    async with database.begin() as session:
        row = Organisation(
            id=7, name="晋中精密铸造有限公司", key="k", kind="company", version=1, changed_at=now
        )
        session.add(row)
        him = await person(session, now)
        await personal.tell(session, SECRET, him, name="李雷")
        await plan(session, [Plan("x/2", 1, "x", "x/2", him, {"a": 1}, now)])
    async with database.read() as session:
        data = await own_data.gather(session, SECRET, her)
        assert data["person"][0]["name"] == "张晓岚"
        assert data["person"][0]["phone"] == "13912340757"
        assert data["roles"][0]["organisation"] == "晋中精密铸造有限公司"
        assert [row["status"] for row in data["affiliations"]] == ["confirmed", "claimed"]
        assert [len(data[name]) for name in ("conversation", "notices", "addresses")] == [1, 1, 1]
        assert {row["verb"] for row in data["trail"]} == {"invite", "claim"}
        assert "李雷" not in repr(data)
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 2
