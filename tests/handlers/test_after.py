"""Rating a booking, and what came of it, in chat; on either database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from store import policies
from store.booking import Booking, Cooperation, Group, Mode, Status
from store.instrument import Instrument
from store.outcome import Outcome
from store.rating import Rating, mean, words
from tests.handlers.chat import POLICY, Chat
from tests.store.people import SECRET
from tests.store.search.catalogue import Shelf


async def booked(chat: Chat, status: Status = Status.FINISHED, openid: str = "user") -> int:
    """A booking of the user's that stands so; its number."""
    number = await Shelf(chat.database, chat.now).add("三坐标测量机", model="GLOBAL")
    await chat.say(openid, "你好")
    async with chat.database.begin() as session:
        machine = await session.get_one(Instrument, number)
        row = Booking(
            token=f"t{number}",
            instrument_id=number,
            organisation_id=machine.organisation_id,
            person_id=await chat.id(openid),
            group=Group.OUTSIDE,
            mode=Mode.SELF,
            cooperation=Cooperation.OWN,
            status=status,
            starts_at=chat.now,
            ends_at=chat.now + timedelta(hours=2),
            price={},
            policy_id=await policies.in_force(session, POLICY, chat.now),
            requested_at=chat.now,
            version=1,
            changed_at=chat.now,
        )
        session.add(row)
        await session.flush()
        return row.number


async def test_rated_in_one_line_and_changed(chat: Chat) -> None:
    number = await booked(chat)
    assert f"YY{number} 记下了 4 分" in await chat.say("user", f"评价 YY{number} 4分，师傅很耐心")
    assert f"投诉 YY{number}" in await chat.say("user", f"评价 YY{number} 2")
    async with chat.database.read() as session:
        row = await session.get_one(Booking, number)
        assert await words(session, SECRET, row) == "师傅很耐心"
        rating = await session.get_one(Rating, number)
        assert "师傅".encode() not in (rating.sealed or b"")
        average = await mean(session, instrument_id=row.instrument_id)
        assert average is not None
        assert (average.score, average.count) == (2.0, 1)


@pytest.mark.parametrize("line", ["五分 很好", "５", "5星，谢谢"])
async def test_five_is_written_in_many_ways(chat: Chat, line: str) -> None:
    number = await booked(chat)
    assert "记下了 5 分" in await chat.say("user", f"评价 YY{number} {line}")


async def test_what_is_missing_is_asked(chat: Chat) -> None:
    number = await booked(chat)
    assert "打几分" in await chat.say("user", f"评价 YY{number}")
    assert "1 到 5 之间" in await chat.say("user", "8")
    assert "记下了 3 分" in await chat.say("user", "三")
    assert f"1. YY{number} 三坐标测量机" in await chat.say("user", "评价")


async def test_not_before_it_was_used_nor_by_another(chat: Chat) -> None:
    number = await booked(chat, Status.APPROVED)
    assert "还没用完" in await chat.say("user", f"评价 YY{number} 5")
    assert f"没有 YY{number}" in await chat.say("other", f"评价 YY{number} 5")
    chat.now += timedelta(days=1)


async def test_kept_after_a_month(chat: Chat) -> None:
    number = await booked(chat)
    await chat.say("user", f"评价 YY{number} 5")
    chat.now += timedelta(days=31)
    assert "不能再改" in await chat.say("user", f"评价 YY{number} 1")


async def test_acknowledgement_and_outcome(chat: Chat) -> None:
    number = await booked(chat)
    thanks = await chat.say("user", f"致谢 YY{number}")
    assert "三坐标测量机（GLOBAL" in thanks
    assert "单位有要求的" in thanks
    await chat.say("user", f"成果 YY{number}", "论文", "缸盖平面度研究 10.1000/x", "是")
    assert f"已记下 YY{number} 的论文" in await chat.say("user", "确认")
    assert "缸盖平面度研究" in await chat.say("user", "我的成果")
    async with chat.database.read() as session:
        row = (await session.scalars(select(Outcome))).one()
        assert (row.kind, row.marked) == ("paper", True)
    await chat.say("user", f"成果 YY{number}", "论文", "缸盖平面度研究 10.1000/x", "是")
    assert "已经记下" in await chat.say("user", "确认")
