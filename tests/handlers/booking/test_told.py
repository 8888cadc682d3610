"""Who hears of it when a user moves a booking, calls it off, or takes that back."""

import pytest
from sqlalchemy import select

from bot import topics
from notifications.notice import Planner, load
from store.outbox import Outbox
from store.person import Role
from tests.handlers import asked
from tests.handlers.chat import POLICY, Chat
from tests.store.people import SECRET

SOON = {"booking.day_before", "booking.two_hours_before"}


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper; what happens is told."""
    chat.database.tell = Planner(topics.TOPICS, load(), POLICY, SECRET).tell
    await chat.say("o1", "你好")
    await asked.follow(chat, "k", Role.KEEPER)
    return await asked.instrument(chat, service_modes=["self"])


async def planned(chat: Chat, openid: str) -> list[str]:
    """Kinds of what somebody is still to be told, in order."""
    who = await chat.id(openid)
    query = select(Outbox.kind).where(Outbox.person_id == who, Outbox.settled_at.is_(None))
    async with chat.database.read() as session:
        return list(await session.scalars(query.order_by(Outbox.id)))


async def test_reminders_follow_the_time(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await chat.say("k", f"同意 {yy}")
    assert set(await planned(chat, "o1")) == SOON | {"booking.approved"}
    await chat.say("o1", f"改期 {yy} 下周四9点到11点", "确认")
    assert await planned(chat, "o1") == []
    assert await planned(chat, "k") == ["booking.asked"]
    await chat.say("k", f"同意 {yy}")
    assert set(await planned(chat, "o1")) == SOON | {"booking.approved"}


async def test_what_is_taken_back_is_told_again(chat: Chat, number: int) -> None:
    yy = await asked.ask(chat, "o1", number, 9, 11)
    await chat.say("k", f"同意 {yy}")
    await chat.say("o1", f"取消预约 {yy}")
    assert await planned(chat, "o1") == []
    assert "booking.cancelled" in await planned(chat, "k")
    await chat.say("o1", f"撤销取消 {yy}")
    assert set(await planned(chat, "o1")) == SOON
    assert "booking.accepted" in await planned(chat, "k")
