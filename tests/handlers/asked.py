"""People around one instrument, in chat: who asks for it, and who keeps it."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from store import booking, organisation, person
from store.booking import Booking, Mode, Wish
from store.person import Grant, Role
from store.terms import of
from tests.handlers.chat import POLICY, Chat
from tests.store import booked

UNIT = "晋中煤化工研究院"
HERE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, tzinfo=HERE)
HOURS = "每天 0:00-24:00"
_tokens = count(1)


def at(hour: float, day: datetime = TUESDAY) -> datetime:
    """That hour of the Tuesday."""
    return day + timedelta(hours=hour)


async def instrument(chat: Chat, **columns: Any) -> int:
    """One that is open at any hour."""
    async with chat.database.begin() as session:
        return await booked.instrument(
            session, chat.now, **{"open_hours": "全天候", "keeps": UNIT, **columns}
        )


async def follow(chat: Chat, openid: str, role: Role | None = None, unit: str = UNIT) -> int:
    """Somebody who follows, in a role for the unit (the bureau's for the region); their number."""
    await chat.say(openid, "你好")
    who = await chat.id(openid)
    if role is None:
        return who
    async with chat.database.begin() as session:
        where = None if role is Role.BUREAU else await organisation.add(session, unit, chat.now)
        await person.give(session, who, Grant(role, where), chat.now)
    return who


async def ask(chat: Chat, openid: str, number: int, start: float, end: float, **more: Any) -> str:
    """Ask for it between two hours of the Tuesday; the booking's number as people write it."""
    given: dict[str, Any] = {"mode": Mode.SELF, "starts_at": at(start), "ends_at": at(end)}
    given |= {"purpose": "缸盖平面度", "estimate_fen": 40_000} | more
    wish = Wish(
        instrument_id=number,
        person_id=await chat.id(openid),
        token=f"asked-{next(_tokens)}",
        **given,
    )
    async with chat.database.begin() as session:
        terms = await of(session, number, POLICY)
        row = await booking.request(session, wish, terms, POLICY, chat.now)
    return f"YY{row.number}"


async def shown(chat: Chat, number: str) -> Booking:
    """What a number shows."""
    async with chat.database.read() as session:
        row = await booking.present(session, int(number.removeprefix("YY")))
        assert row is not None
        return row
