"""Contracts, tickets, own data and addresses that would say or do more than they may."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

import tests.store.contract.test_contract as contracts
from bot import topics
from notifications import notice
from notifications import ticket as tickets
from notifications import voucher as vouchers
from notifications.notice import Planner
from store import consequence, contract, county, link, own_data, retention, ticket
from store.base import Base
from store.booking import Cooperation
from store.booking import Status as Standing
from store.charge import Charge
from store.charge import Status as Fee
from store.contract import Contract, Party, ShareMissing, Side, Status
from store.database import Database
from store.event import Event
from store.link import Errand, LinkUsed, Purpose
from store.organisation import Organisation
from store.outbox import Outbox, Plan, plan
from store.outcome import Found, report
from store.outcome import Kind as Sort
from store.person import Grant, Role
from store.policies import load
from store.rating import rate
from store.ticket import By, Here, Kind, Matter
from store.voucher import apply, programme
from store.voucher.apply import Application
from store.voucher.by import By as VoucherBy
from store.watch import Watch
from tests.store.booked import booking, instrument
from tests.store.people import SECRET, person

POLICY = load("jinzhong")


async def test_no_text_is_agreed_to_that_is_not_there(database: Database, now: datetime) -> None:
    of = await contracts.deal(database, now, cooperation=Cooperation.JOINT)
    given = await contracts.signer(database, of, Side.UNIT)
    async with database.begin() as session:
        row = await session.get_one(Contract, of.contract)
        given = replace(given, party=Party(row, Side.UNIT, of.keeper))
        row = await contract.decline(session, given, "先谈好归属", now)
        assert row.status is Status.DECLINED
    for side in Side:
        with pytest.raises(ShareMissing):
            await contracts.agrees(database, of, side, now)
    await contracts.shares(database, of, Side.USER, "双方各一半", now)
    for side in Side:
        row = await contracts.agrees(database, of, side, now)
    assert row.status is Status.AGREED
    assert row.text_hash


async def test_an_address_for_a_voucher_s_paper_takes_one(
    database: Database, now: datetime
) -> None:
    async with database.begin() as session:
        her = await person(session, now)
        errand = Errand(Purpose.VOUCHER, her, "voucher:1")
        token = await link.issue(session, POLICY, SECRET, errand, now)
        await link.use(session, POLICY, SECRET, token, now)
        with pytest.raises(LinkUsed):
            await link.use(session, POLICY, SECRET, token, now)
        with pytest.raises(LinkUsed):
            await link.look(session, SECRET, token, now)


NOT_EXPORTED = {"bind_try", "credit", "reach"}
"""Counters that say nothing of a person but how often the account may write to them."""


async def test_every_table_about_a_person_is_in_their_own_data(
    database: Database, now: datetime
) -> None:
    async with database.begin() as session:
        number = await instrument(session, now)
        her, him = await person(session, now), await person(session, now)
        here = Here(session, SECRET, POLICY, now)
        row = await booking(
            session, now, instrument_id=number, person_id=her, status=Standing.FINISHED
        )
        opened = await ticket.open_ticket(here, Matter(Kind.HELP, "请打我电话", her))
        await ticket.move(here, opened, "rule", By(him, ticket.Side.BUREAU), text="打过了")
        await rate(here, row, 4, "师傅耐心")
        await report(session, row, Found(Sort.PAPER, "新合金的断口", marked=True), now)
        await plan(session, [Plan("x/1", 1, "x", "x/1", her, {"a": 1}, now, sealed="locked")])
    async with database.read() as session:
        data = await own_data.gather(session, SECRET, her)
    assert [row["text"] for row in data["ticket_words"]] == ["请打我电话"]
    assert [row["text"] for row in data["ratings"]] == ["师傅耐心"]
    assert [row["work"] for row in data["outcomes"]] == ["新合金的断口"]
    assert len(data["tickets"]) == 1
    assert "打过了" not in repr(data)
    assert "locked" not in json.dumps(data)
    with_person = {
        name for name, table in Base.metadata.tables.items() if "person_id" in table.columns
    }
    named = {
        "role_grant": "roles",
        "affiliation": "affiliations",
        "conversation": "conversation",
        "booking": "bookings",
        "usage": "usage",
        "strike": "strikes",
        "contract": "contracts",
        "contract_word": "signatures",
        "charge": "fees",
        "rules_read": "rules_read",
        "outbox": "notices",
        "signed_link": "addresses",
        "ticket": "tickets",
        "voucher": "vouchers",
        "watch": "watches",
        "silence": "silences",
    }
    assert with_person == named.keys() | NOT_EXPORTED
    assert set(named.values()) <= data.keys()


async def test_who_is_forgotten_waits_for_nothing(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        number = await instrument(session, now)
        her = await person(session, now)
        waits = Watch(
            person_id=her,
            instrument_id=number,
            starts_at=now,
            ends_at=now + timedelta(days=3),
            minutes=60,
            made_at=now,
            times=0,
            version=1,
        )
        session.add(waits)
        await session.flush()
        await retention.forget(session, her, now)
        await session.refresh(waits)
        assert waits.ended_at == now


async def test_nobody_settles_what_they_brought_up(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        bureau = await person(session, now)
        here = Here(session, SECRET, POLICY, now)
        row = await ticket.open_ticket(here, Matter(Kind.SUGGESTION, "延长开放", bureau))
        grants = [Grant(Role.BUREAU)]
        assert await ticket.sides(session, row, bureau, grants) == {ticket.Side.USER}


async def test_a_fee_that_stands_is_objected_to_no_more(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        number = await instrument(session, now)
        her = await person(session, now)
        row = await booking(
            session, now, instrument_id=number, person_id=her, status=Standing.FINISHED
        )
        fee = Charge(
            booking_id=row.id,
            instrument_id=number,
            organisation_id=row.organisation_id,
            person_id=her,
            status=Fee.SETTLED,
            fen=100,
            lines=[],
            used={},
            voucher_fen=0,
            policy_id=row.policy_id,
            version=2,
            made_at=now,
            changed_at=now,
        )
        session.add(fee)
        await session.flush()
        here = Here(session, SECRET, POLICY, now)
        matter = Matter(Kind.FEE, "算多了", her, row.organisation_id, number, row.id)
        opened = await ticket.open_ticket(here, matter)
        told = Event("charge", fee.id, "decide", 2, now)
        await consequence.follow(session, [told], POLICY)
        await session.refresh(opened)
        assert opened.status is ticket.Status.RESOLVED


async def test_only_the_bureau_concerned_hears(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        number = await instrument(session, now)
        her = await person(session, now)
        places = [place for place in county.known() if place.region == "jinzhong"][:2]
        here, there = (await county.ensure(session, places)).values()
        near = await person(session, now, Grant(Role.BUREAU, None, here))
        city = await person(session, now, Grant(Role.BUREAU))
        await person(session, now, Grant(Role.BUREAU, None, there))
        row = await booking(session, now, instrument_id=number, person_id=her)
        unit = await session.get_one(Organisation, row.organisation_id)
        unit.county_id = here
        asks = Here(session, SECRET, POLICY, now)
        matter = Matter(Kind.COMPLAINT, "关着门", her, unit.id, number)
        opened = await ticket.open_ticket(asks, matter)
        opened.status = ticket.Status.AT_BUREAU
        await session.flush()
        heard = await tickets.waits(session, Event("ticket", opened.id, "open", 1, now), POLICY)
        assert {each.person_id for each in heard} == {near, city}
        told = Application(
            unit.id, her, here, "91350100M000100Y43", "2023330226A0001234", "检测", 100
        )
        voucher = await apply.apply(session, programme.load("yuhuan-2023"), told, now)
        heard = await vouchers.applied(
            session, Event("voucher", voucher.id, "apply", 1, now), POLICY
        )
        assert {each.person_id for each in heard} == {near, city}


async def test_the_end_of_a_voucher_is_reminded_of_three_times(
    database: Database, now: datetime
) -> None:
    database.tell = Planner(topics.TOPICS, notice.load(), POLICY, SECRET).tell
    rules = programme.load("yuhuan-2023")
    async with database.begin() as session:
        number = await instrument(session, now)
        her = await person(session, now)
        row = await booking(session, now, instrument_id=number, person_id=her)
        told = Application(
            row.organisation_id, her, None, "91350100M000100Y43", "2023330226A0001234", "检测", 100
        )
        voucher = await apply.apply(session, rules, told, now)
        city = VoucherBy(None, frozenset({"city"}), now)
        await apply.grant(session, rules, voucher, 100, city)
    async with database.read() as session:
        ends = Outbox.kind.like("voucher.ending%")
        due = (await session.scalars(select(Outbox.due_at).where(ends))).all()
    assert voucher.valid_until is not None
    assert sorted((voucher.valid_until - at).days for at in due) == [1, 7, 30]
