"""Money that people can reckon again, and that a booking's card says as it now is."""

from decimal import Decimal

import pytest

from handlers.charge.account import _sum
from store import charge
from store.booking import Status
from store.person import Role
from tests.handlers.asked import ask, at, follow, instrument, shown
from tests.handlers.chat import POLICY, Chat


@pytest.mark.parametrize(
    ("times", "said"),
    [("1.516666666666666666666666667", "1小时31分钟"), ("1.75", "1.75"), ("2", "2")],
)
def test_a_sum_can_be_reckoned_again(times: str, said: str) -> None:
    kept = {"part": "use", "group": "all", "per": "hour", "fen": 20_000, "to_fen": None}
    line = _sum({**kept, "label": "", "times": times, "sum_fen": int(Decimal(times) * 20_000)})
    assert line["args"]["times"] == said


async def test_the_card_of_what_was_used_says_the_fee(chat: Chat) -> None:
    number = await instrument(chat, service_modes=["self"], fee="200元/小时")
    await follow(chat, "k", Role.KEEPER)
    await follow(chat, "u")
    for who in ("u", "k"):
        await chat.say(who, "我叫张晓岚")
    yy = await ask(chat, "u", number, 9, 11)
    await chat.say("k", f"同意 {yy}")
    for who in ("u", "k"):
        await chat.say(who, "同意 HT1")
    chat.now = at(9)
    assert "已签到" in await chat.say("u", f"签到 YQ{number}")
    chat.now = at(10.5)
    await chat.say("u", f"签退 YQ{number}")
    row = await shown(chat, yy)
    assert row.status is Status.FINISHED
    async with chat.database.begin() as session:
        await charge.begin(session, row, POLICY, chat.now)
    card = await chat.say("u", yy)
    assert f"等机主核定，看结算单 {yy}" in card
    assert "费用：约" not in card


async def test_what_nobody_came_to_leads_on(chat: Chat) -> None:
    number = await instrument(chat, service_modes=["self"])
    await follow(chat, "u")
    yy = await ask(chat, "u", number, 9, 11)
    async with chat.database.begin() as session:
        row = await shown(chat, yy)
        row = await session.merge(row)
        row.status = Status.NO_SHOW
    assert "接下来可以回复：爽约记录" in await chat.say("u", yy)
