"""Roles that somebody would keep, or take, without right."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import affiliation, invitation, organisation
from store.database import Database
from store.invitation import CodeExpired, Invitation, Offer
from store.person import Grant, Role, grants, take
from store.policies import load
from tests.handlers.chat import Chat
from tests.handlers.conftest import chat as chat  # noqa: PLC0414 - the fixture
from tests.store.people import SECRET, person

POLICY = load("jinzhong")


async def test_codes_of_a_representative_who_is_none_any_more(
    database: Database, now: datetime
) -> None:
    async with database.begin() as session:
        unit = await organisation.add(session, "甲厂", now)
        speaker, guest = await person(session, now), await person(session, now)
        operators = Offer(Role.REPRESENTATIVE, unit)
        code = await invitation.invite(session, POLICY, SECRET, operators, now=now)
        await bind(session, speaker, code, now)
        offer = Offer(Role.KEEPER, unit)
        codes = [
            await invitation.invite(session, POLICY, SECRET, offer, now=now, by=speaker)
            for _ in range(2)
        ]
        await bind(session, guest, codes[0], now)
        assert await grants(session, guest) == {Grant(Role.KEEPER, unit)}
        await take(session, speaker, now, organisation_id=unit)
        with pytest.raises(CodeExpired):
            await bind(session, speaker, codes[1], now)
        assert await grants(session, speaker) == frozenset()


async def bind(session: AsyncSession, who: int, code: str, now: datetime) -> None:
    await invitation.bind(
        session, POLICY, SECRET, person_id=who, code=code.replace("-", ""), now=now
    )


async def test_other_peoples_claims_codes_and_papers(chat: Chat) -> None:
    one = await chat.code(Role.REPRESENTATIVE, "甲厂")
    other = await chat.code(Role.REPRESENTATIVE, "乙厂")
    keeper = await chat.code(Role.KEEPER, "丙厂")
    await chat.say("one", f"绑定 {one}", "我叫王一")
    await chat.say("other", f"绑定 {other}", "我叫王二")
    await chat.say("keeper", f"绑定 {keeper}", "我叫王三")
    await chat.say("she", "你好", "我叫李四", "我的单位", "甲厂", "一年", "确认")
    for thief in ("other", "keeper", "she"):
        for n in range(1, 6):
            said = await chat.say(thief, f"核对 {n}", "同意", "确认", f"材料 {n}", f"任职 {n}9")
            assert "李四" not in said
            await chat.say(thief, "取消", f"离职 {n}9", f"撤回任职 {n}9")
    async with chat.database.read() as session:
        rows = await affiliation.open_of(session, await chat.id("she"), chat.now)
        assert [row.status for row in rows] == [affiliation.Status.CLAIMED]


async def test_a_talk_begun_with_a_role_ends_with_it(chat: Chat) -> None:
    code = await chat.code(Role.REPRESENTATIVE, "甲厂")
    await chat.say("one", f"绑定 {code}", "我叫王一", "邀请", "机主")
    async with chat.database.begin() as session:
        await take(session, await chat.id("one"), chat.now)
    said = await chat.say("one", "确认")
    assert "绑定" not in said or "邀请码" not in said
    async with chat.database.read() as session:
        made = (await session.scalars(select(Invitation))).all()
        assert len(made) == 1
