"""Units that nobody is bound to: the bureau answers for them, phones them, invites them."""

import pytest

from store.booking import Status
from store.county import County
from store.person import Grant, Role, give, take
from tests.handlers.asked import UNIT, ask, follow, instrument, shown
from tests.handlers.chat import Chat


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument of a unit that nobody is bound to; the bureau, and somebody who asks."""
    found = await instrument(chat, phone="0354-5550110", contact="王工")
    await follow(chat, "bureau", Role.BUREAU)
    await follow(chat, "user")
    return found


async def test_its_requests_come_to_the_bureau(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    duties = await chat.say("bureau", "待办")
    assert f"1. {yy} 三坐标测量机" in duties
    assert "2. 1 家单位还没有人绑定 · 1 件申请在等" in duties
    assert "1. 同意" in await chat.say("bureau", "1")
    assert "已同意" in await chat.say("bureau", "1")
    assert (await shown(chat, yy)).status is Status.APPROVED


async def test_invited_in_two_taps(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    listed = await chat.say("bureau", "待办", "2")
    assert f"1. {UNIT} · 1 台 · 1 件申请在等" in listed
    card = await chat.say("bureau", "1")
    assert "公开电话：0354-5550110 王工" in card
    invited = await chat.say("bureau", "1")
    code = invited.splitlines()[-1]
    assert code.startswith("绑定 ")
    assert f"机主 · {UNIT}" in await chat.say("keeper", code)
    assert yy in await chat.say("keeper", "待办")
    assert await chat.say("bureau", "待办") == "现在没有等您处理的事。"
    assert "已经有人绑定" in await chat.say("bureau", "单位 1")
    assert "已经有人绑定" in await chat.say("bureau", "邀请代表 1")


async def test_a_representative_as_well(chat: Chat, number: int) -> None:
    code = (await chat.say("bureau", "还没有人绑定的单位", "1", "2")).splitlines()[-1]
    assert f"单位代表 · {UNIT}" in await chat.say("rep", code)


async def test_a_code_ends_with_who_made_it(chat: Chat, number: int) -> None:
    code = (await chat.say("bureau", "单位 1", "1")).splitlines()[-1]
    async with chat.database.begin() as session:
        await take(session, await chat.id("bureau"), chat.now)
    assert "绑定成功" not in await chat.say("keeper", code)


async def test_only_the_bureau_over_it(chat: Chat, number: int) -> None:
    await ask(chat, "user", number, 9, 11)
    await follow(chat, "keeper", Role.KEEPER, "平遥煤化工公司")
    await follow(chat, "county")
    async with chat.database.begin() as session:
        county = County(name="平遥县", city="晋中市", province="山西省")
        session.add(county)
        await session.flush()
        await give(
            session, await chat.id("county"), Grant(Role.BUREAU, county_id=county.id), chat.now
        )
    assert await chat.say("county", "待办") == "现在没有等您处理的事。"
    assert "都有人绑定" in await chat.say("county", "还没有人绑定的单位")
    for line in ("单位 1", "邀请机主 1", "邀请代表 1"):
        assert "没有这个单位" in await chat.say("county", line)
        assert "还不能用" in await chat.say("keeper", line)


async def test_many_are_shown_in_pages(chat: Chat, number: int) -> None:
    for n in range(9):
        await instrument(chat, keeps=f"晋中第{n + 1}研究院")
    first = await chat.say("bureau", "还没有人绑定的单位")
    assert first.startswith("10 家")
    assert "9. " not in first
    assert "10. " in await chat.say("bureau", "下一页")
    assert "公开电话" not in await chat.say("bureau", "10")
