from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import contract, organisation, personal, privacy
from store.booking.table import Booking, Cooperation, Group, Mode
from store.contract import (
    Contract,
    NoSuchContract,
    Party,
    ShareMissing,
    Side,
    Signer,
    SignerUnnamed,
    Status,
    WordsUnfit,
)
from store.contract.compose import CLAUSES, HEADING, clauses, hashed
from store.database import Database
from store.event import history
from store.instrument import Instrument
from store.lifecycle import NotNow
from store.person import Grant, Person, Role
from store.policies import REGIONS, load
from tests.store.booked import booking, instrument
from tests.store.people import SECRET, person

POLICY = load("jinzhong")


@dataclass
class Deal:
    """Both sides of one contract."""

    contract: int
    booking: int
    user: int
    keeper: int
    grant: Grant


async def deal(database: Database, now: datetime, **columns: Any) -> Deal:
    async with database.begin() as session:
        number = await instrument(session, now)
        row = await session.get_one(Instrument, number)
        grant = Grant(Role.KEEPER, row.organisation_id)
        keeper = await person(session, now, grant)
        user = await person(session, now)
        await personal.tell(session, SECRET, keeper, name="赵管理")
        await personal.tell(session, SECRET, user, name="李强")
        booked = await booking(session, now, instrument_id=number, person_id=user, **columns)
        made = await contract.make(session, booked, POLICY, now)
        assert made is not None
        return Deal(made.id, booked.id, user, keeper, grant)


async def signer(database: Database, of: Deal, side: Side) -> Signer:
    async with database.read() as session:
        who = of.user if side is Side.USER else of.keeper
        grants = [] if side is Side.USER else [of.grant]
        return Signer(SECRET, await contract.party(session, of.contract, who, grants))


async def agrees(database: Database, of: Deal, side: Side, now: datetime) -> Contract:
    given = await signer(database, of, side)
    async with database.begin() as session:
        row = await session.get_one(Contract, of.contract)
        given = replace(given, party=Party(row, side, given.party.person_id))
        return await contract.agree(session, given, POLICY, now)


async def shares(database: Database, of: Deal, side: Side, words: str, now: datetime) -> Contract:
    async with database.begin() as session:
        row = await session.get_one(Contract, of.contract)
        who = of.user if side is Side.USER else of.keeper
        return await contract.share(session, Party(row, side, who), words, POLICY, now)


async def said(database: Database, of: Deal) -> str:
    async with database.read() as session:
        row = await session.get_one(Contract, of.contract)
        assert row.text_hash
        return await contract.text_of(session, row.text_hash)


async def test_it_stands_once_both_sides_agreed(database: Database, now: datetime) -> None:
    of = await deal(database, now)
    async with database.read() as session:
        booked = await session.get_one(Booking, of.booking)
        why = await contract.missing(session, booked)
        assert why is not None
        assert why.number == f"HT{of.contract}"
    assert (await agrees(database, of, Side.USER, now)).status is Status.OPEN
    assert (await agrees(database, of, Side.USER, now)).status is Status.OPEN
    row = await agrees(database, of, Side.UNIT, now)
    assert (row.status, row.agreed_at) == (Status.AGREED, now)
    async with database.read() as session:
        assert await contract.missing(session, booked) is None
        signed = await contract.signatures(session, SECRET, row)
        assert [(each.side, each.name, each.current) for each in signed] == [
            (Side.UNIT, "赵管理", True),
            (Side.USER, "李强", True),
        ]
        verbs = [event.verb for event in await history(session, "contract", of.contract)]
        assert verbs == ["make", "agree", "conclude"]
    assert hashed(await said(database, of)) == row.text_hash


async def test_joint_work_is_shared_first_and_both_agree_to_the_share(
    database: Database, now: datetime
) -> None:
    of = await deal(database, now, cooperation=Cooperation.JOINT)
    with pytest.raises(ShareMissing) as why:
        await agrees(database, of, Side.USER, now)
    assert why.value.cite == "市科函〔2023〕5号第（十二）条"
    await shares(database, of, Side.USER, "用户 60%，单位 40%", now)
    assert "用户 60%，单位 40%" in await said(database, of)
    await agrees(database, of, Side.USER, now)
    await shares(database, of, Side.UNIT, "双方各半", now)  # another text: nobody agreed to it yet
    assert (await agrees(database, of, Side.UNIT, now)).status is Status.OPEN
    assert (await agrees(database, of, Side.USER, now)).status is Status.AGREED
    with pytest.raises(NotNow):
        await shares(database, of, Side.UNIT, "单位全部", now)


async def test_independent_work_is_the_users(database: Database, now: datetime) -> None:
    text = await said(database, await deal(database, now))
    assert "由此形成的知识产权由乙方自主拥有" in text
    assert "依据市科函〔2023〕5号第（十二）条" in text
    assert "联合" not in text


async def test_somebody_elses_is_as_one_that_is_not(database: Database, now: datetime) -> None:
    of = await deal(database, now)
    others: tuple[list[Grant], ...] = (
        [],
        [Grant(Role.KEEPER, 999_999)],
        [Grant(Role.BUREAU)],
        [Grant(Role.KEEPER)],
    )
    async with database.begin() as session:
        stranger = await person(session, now)
        refused = []
        for number, grants in [(of.contract, each) for each in others] + [(of.contract + 1, [])]:
            with pytest.raises(NoSuchContract) as why:
                await contract.party(session, number, stranger, grants)
            refused.append(why.value.number.removeprefix("HT"))
        assert refused == [*[str(of.contract)] * 4, str(of.contract + 1)]
        assert await contract.mine(session, stranger, others[1]) == []


async def test_who_told_no_name_signs_nothing(database: Database, now: datetime) -> None:
    of = await deal(database, now)
    async with database.begin() as session:
        await personal.tell(session, SECRET, of.user, name="")
    with pytest.raises(SignerUnnamed):
        await agrees(database, of, Side.USER, now)


async def test_a_name_is_sealed_and_goes_with_its_person(database: Database, now: datetime) -> None:
    of = await deal(database, now)
    row = await agrees(database, of, Side.USER, now)
    async with database.begin() as session:
        kept = (await session.execute(text("SELECT * FROM contract_word"))).all()
        texts = (await session.execute(text("SELECT text FROM contract_text"))).scalars().all()
        assert "李强" not in f"{kept}{texts}"
        assert "李强".encode() not in kept[0].name
        someone = await session.get_one(Person, of.user)
        someone.key = None
    async with database.read() as session:
        (signed,) = await contract.signatures(session, SECRET, row)
        assert (signed.name, signed.side) == ("", Side.USER)


@pytest.mark.parametrize("table", ["contract_word", "contract_text"])
async def test_what_was_said_is_never_changed(
    database: Database, now: datetime, table: str
) -> None:
    await agrees(database, await deal(database, now), Side.USER, now)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):  # noqa: S608
        with pytest.raises(DBAPIError):
            async with database.begin() as session:
                await session.execute(text(statement))


async def test_declined_with_a_reason_and_taken_up_again(database: Database, now: datetime) -> None:
    of = await deal(database, now)
    given = await signer(database, of, Side.UNIT)
    async with database.begin() as session:
        row = await session.get_one(Contract, of.contract)
        given = replace(given, party=Party(row, Side.UNIT, of.keeper))
        with pytest.raises(WordsUnfit):
            await contract.decline(session, given, "  ", now)
        row = await contract.decline(session, given, "仪器要先校准", now)
        assert row.status is Status.DECLINED
    await agrees(database, of, Side.USER, now)
    assert (await agrees(database, of, Side.UNIT, now)).status is Status.AGREED


async def test_another_time_is_another_contract(database: Database, now: datetime) -> None:
    of = await deal(database, now, cooperation=Cooperation.JOINT)
    await shares(database, of, Side.USER, "双方各半", now)
    async with database.begin() as session:
        old = await session.get_one(Booking, of.booking)
        new = await booking(
            session,
            now + timedelta(days=1),
            instrument_id=old.instrument_id,
            person_id=of.user,
            cooperation=Cooperation.JOINT,
            replaces_id=old.id,
            origin_id=old.id,
        )
        made = await contract.make(session, new, POLICY, now)
        assert made is not None
        assert (made.status, made.share) == (Status.OPEN, "双方各半")
        before = await session.get_one(Contract, of.contract, populate_existing=True)
        assert before.status is Status.VOID
        assert await contract.make(session, new, POLICY, now) is made


async def test_none_within_the_unit(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        number, her = await instrument(session, now), await person(session, now)
        own = await booking(session, now, instrument_id=number, person_id=her, group=Group.OWN)
        assert await contract.make(session, own, POLICY, now) is None
        assert await contract.missing(session, own) is None


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("mode", list(Mode))
async def test_every_region_has_all_seven_clauses_whole(
    database: Database, now: datetime, region: str, mode: Mode
) -> None:
    policy = load(region)
    async with database.begin() as session:
        number, her = (
            await instrument(session, now, fee="校外80元/样；40元/小时"),
            await person(session, now),
        )
        firm = await organisation.add(session, "介休机械有限公司", now)
        samples = 3 if mode is Mode.SAMPLE else None
        booked = await booking(
            session, now, instrument_id=number, person_id=her, mode=mode, samples=samples,
            employer_id=firm, voucher_fen=10_000,
        )  # fmt: skip
        made = await contract.make(session, booked, policy, now)
        assert made is not None
        assert made.text_hash is not None
        whole = await contract.text_of(session, made.text_hash)
    lines = whole.splitlines()
    heads = [line for line in lines if line.startswith(HEADING)]
    assert [clause.key for clause in clauses(region)] == list(CLAUSES)
    assert [clause.title in head for clause, head in zip(clauses(region), heads, strict=True)] == [
        True
    ] * 7
    assert "乙方（用户）：介休机械有限公司" in lines
    assert not any(sign in whole for sign in ("{", "}", "None", "（）", "。。", "，。", "依据，"))
    numbered = [line.split("　")[0] for line in lines if line[0].isdigit()]
    assert numbered == sorted(numbered, key=lambda each: [int(n) for n in each.split(".")])


def test_a_name_sealed_for_one_contract_opens_no_other() -> None:
    key = privacy.new_key()
    sealed = privacy.seal(privacy.derive(key, "contract"), "李强".encode(), "contract:1")
    with pytest.raises(privacy.Unopenable):
        privacy.unseal(privacy.derive(key, "contract"), sealed, "contract:2")
