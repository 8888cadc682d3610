"""A question that is answered with a period: what is not sure comes back numbered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.kit.flow import Flow, ask
from bot.kit.kinds import day, period
from bot.kit.moments import Offers, Period, Scope, show_period
from bot.kit.say import Say
from bot.kit.state import Talk, Turn, walk
from bot.kit.talk import begin, hear
from bot.kit.texts import Texts, untapped
from store.errors import Refused
from tests.bot.kit.example import HOUSE, NOW, at

if TYPE_CHECKING:
    from store.context import Context

COPY = {
    "moments.book:title": "预约",
    "moments.book.confirm": "{when}",
    "moments.book.when": "什么时间用？例如「下周二上午9点到11点」。",
    "moments.book.when:title": "时间",
    "moments.book.when.Shut": "那时不开放。",
    "moments.leave.until": "到哪天？",
}


@dataclass(eq=False)
class Shut(Offers, Refused):
    """It is not open then."""


def not_at_noon(value: Period, _context: Context, _so_far: Any) -> None:
    """Refuse noon, and say when else."""
    if value.start.hour == 12:
        later = timedelta(hours=1)
        other = Period(value.start + later, value.end and value.end + later, length=value.length)
        raise Shut((other,))


class Book(Flow, name="moments.book"):
    """Ask when."""

    when: Period = ask(period, check=not_at_noon)


async def open_by_day(_context: Context, _so_far: Any) -> Callable[[Period], bool]:
    """Open from half past eight to half past five."""

    def is_open(value: Period) -> bool:
        end = value.end or value.start
        return value.start.hour * 60 + value.start.minute >= 510 and end.hour < 18

    return is_open


class BookByDay(Flow, name="moments.book"):
    """Ask when, of something that has opening hours."""

    when: Period = ask(period, fits=open_by_day)


class Leave(Flow, name="moments.leave"):
    """Ask for a day."""

    until: Any = ask(day)


def words(say: Say | None) -> str:
    assert say is not None
    sources = Texts.load([HOUSE]).sources
    return Texts({**sources, **COPY}, untapped, untapped).compose(say)


async def play(*lines: str, flow: type[Flow] = Book, now: datetime = NOW) -> Turn:
    turn = await begin(flow, {}, at(now))
    for line in lines:
        assert turn.talk is not None
        talk = Talk.from_json(json.loads(json.dumps(turn.talk.to_json())))
        turn = await hear(flow, talk, line, at(now))
    return turn


def when(turn: Turn, flow: type[Flow] = Book) -> Period:
    assert turn.talk is not None
    value: Period = walk(flow, turn.talk).so_far.when  # type: ignore[attr-defined]
    return value


async def test_what_is_sure_is_summed_up() -> None:
    turn = await play("明天下午3点到5点")
    assert words(turn.say) == "11月21日（周六）15:00–17:00，2小时"
    assert when(turn).scope is Scope.EXACT


async def test_an_answer_that_means_two_times_comes_back_numbered() -> None:
    turn = await play("三点到五点")
    assert words(turn.say).splitlines() == [
        "这个时间还不能确定，请说得具体些。",
        "",
        "什么时间用？例如「下周二上午9点到11点」。",
        "1. 11月20日（周五）15:00–17:00，2小时",
        "2. 11月21日（周六）凌晨3:00–5:00，2小时",
    ]
    assert turn.understood


@pytest.mark.parametrize(
    ("line", "start"), [("1", "11-20 15:00"), ("２", "11-21 03:00"), ("第二个", "11-21 03:00")]
)
async def test_a_number_takes_a_reading(line: str, start: str) -> None:
    turn = await play("三点到五点", line)
    assert when(turn).start.strftime("%m-%d %H:%M") == start


async def test_words_are_still_an_answer() -> None:
    turn = await play("三点到五点", "明天上午9点到11点")
    assert show_period(when(turn)) == "11月21日（周六）9:00–11:00，2小时"
    turn = await play("三点到五点", "9")
    assert turn.talk is not None
    assert turn.talk.offered is None
    assert not turn.understood


async def test_a_reading_in_another_year_keeps_it() -> None:
    turn = await play("11月10日上午9点", "1")
    assert when(turn).start == datetime(2027, 11, 10, 9, tzinfo=NOW.tzinfo)


async def test_a_check_may_offer_other_times() -> None:
    turn = await play("明天12点到14点")
    assert words(turn.say).startswith("那时不开放。")
    turn = await play("明天12点到14点", "1")
    assert show_period(when(turn)) == "11月21日（周六）13:00–15:00，2小时"


async def test_opening_hours_decide() -> None:
    turn = await play("三点到五点", flow=BookByDay)
    assert show_period(when(turn, BookByDay)) == "11月20日（周五）15:00–17:00，2小时"
    turn = await play("周五下午", flow=BookByDay)
    assert turn.talk is not None
    assert turn.talk.answers == ()


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("昨天下午3点", "这个时间已经过了。"),
        ("11月31日", "没有这个日子或钟点。"),
        ("下午5点到3点", "结束比开始还早，请再看一下。"),
        ("春节后第一个工作日", "2027年的放假安排还没有公布，这里只能推算。"),
        ("不要周三", "这句没能全看懂，怕弄错时间，请只写要用的时间。"),
        ("农历八月十五", "农历日子还不会换算，请写公历，例如「11月25日」。"),
    ],
)
async def test_every_no_has_its_reason(line: str, first: str) -> None:
    assert words((await play(line)).say).splitlines()[0] == first


async def test_a_day_may_be_ambiguous_too() -> None:
    turn = await play("周五", flow=Leave)
    assert turn.talk is not None
    assert turn.talk.offered is not None
    assert turn.talk.offered.choices == ("11月20日（周五）", "11月27日（周五）")
    turn = await play("周五", "2", flow=Leave)
    assert turn.talk is not None
    assert turn.talk.answers[0].value == "2026-11-27"
