"""What keepers and the bureau are offered leads somewhere."""

import pytest

from store import booking
from store.booking import Mode, Status, Wish
from store.person import Role
from store.terms import of
from tests.handlers.asked import ask, follow, instrument, shown
from tests.handlers.chat import POLICY, Chat


@pytest.fixture
async def number(chat: Chat) -> int:
    found = await instrument(chat, service_modes=["self", "sample"], fee="200元/小时")
    await follow(chat, "keeper", Role.KEEPER)
    await follow(chat, "bureau", Role.BUREAU)
    await follow(chat, "user")
    return found


async def send(chat: Chat, number: int) -> str:
    """Samples at a price that the keeper is to name."""
    wish = Wish(
        instrument_id=number,
        person_id=await chat.id("user"),
        mode=Mode.SAMPLE,
        token="sent",
        samples=2,
        sample_words="水稻DNA",
        price={"prices": [{"part": "use", "per": "quote", "fen": None}]},
    )
    async with chat.database.begin() as session:
        row = await booking.request(
            session, wish, await of(session, number, POLICY), POLICY, chat.now
        )
    return f"YY{row.number}"


async def test_samples_have_no_other_time_to_type(chat: Chat, number: int) -> None:
    yy = await ask(
        chat, "user", number, 9, 11, mode=Mode.SAMPLE, starts_at=None, ends_at=None, samples=3
    )
    card = await chat.say("keeper", f"处理 {yy}")
    assert "拒绝" in card
    assert "改时间" not in card


async def test_what_waits_for_the_user_says_so_to_the_keeper(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    await chat.say("keeper", f"改时间 {yy} 11月25日9点到11点")
    card = await chat.say("keeper", f"处理 {yy}")
    assert card.startswith(f"{yy} 等用户同意")
    assert "等您同意" in await chat.say("user", yy)


async def test_the_bureau_names_a_price_where_nobody_else_can(chat: Chat, number: int) -> None:
    yy = await send(chat, number)
    card = await chat.say("bureau", f"处理 {yy}")
    assert "1. 报价，等用户同意" in card
    assert "同意\n" not in card.replace("报价，等用户同意", "")
    assert "1,200 元" in await chat.say("bureau", "1", "1200")
    assert (await shown(chat, yy)).status is Status.OFFERED
    assert "约好了" in await chat.say("user", f"同意 {yy}")
