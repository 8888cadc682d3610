"""Beginning with what was said in one line: words read as answers, offers, what rests on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.kinds import period, words
from bot.kit.moments import Offers, Period, read_period
from bot.kit.state import Turn
from bot.kit.talk import begin, hear
from store.errors import Refused
from tests.bot.kit.example import NOW, at

if TYPE_CHECKING:
    from store.context import Context

FREE = read_period("11月24日9点到11点", NOW)
BUSY = read_period("11月21日9点到11点", NOW)
ROOMS = {1: "扫描电镜", 2: "透射电镜", 3: "三坐标"}
CLOSED = {3}


@dataclass(eq=False)
class Busy(Offers, Refused):
    """Another time is free."""


async def rooms(_context: Context, said: str, _so_far: Any) -> list[Option[int]]:
    return [Option(n, name) for n, name in ROOMS.items() if not said or said in name]


def free(value: Period, _context: Context, so_far: Wish) -> None:
    if value == BUSY or so_far.room in CLOSED:
        raise Busy((FREE,))


class Wish(Flow, name="example.wish"):
    """Ask for a room."""

    room: int = pick(rooms)
    when: Period = ask(period, check=free)
    purpose: str = ask(words(30))


def offered(turn: Turn) -> tuple[str, ...]:
    assert turn.talk is not None
    return turn.talk.offered.choices if turn.talk.offered else ()


def keys(turn: Turn) -> list[str]:
    say, found = turn.say, []
    while say is not None:
        found.append(say.key.removeprefix("example.wish."))
        say = say.then
    return found


async def test_words_are_read_as_answers() -> None:
    turn = await begin(Wish, {}, at(), {"room": "三坐", "when": "11月24日9点到11点"})
    assert keys(turn) == ["when.Busy", "when:offer"]
    turn = await begin(Wish, {"room": 1}, at(), {"when": "11月24日9点到11点", "purpose": "复检"})
    assert keys(turn) == ["confirm"]


async def test_unreadable_words_are_asked_without_a_word_about_them() -> None:
    turn = await begin(Wish, {}, at(), {"room": "飞船", "when": "缸盖"})
    assert keys(turn) == ["room"]


async def test_several_are_offered() -> None:
    turn = await begin(Wish, {}, at(), {"room": "电镜", "when": "11月24日9点到11点"})
    assert keys(turn) == ["room"]
    assert offered(turn) == ("扫描电镜", "透射电镜")
    assert turn.talk is not None
    turn = await hear(Wish, turn.talk, "1", at())
    assert keys(turn) == ["purpose"]


async def test_what_a_refusal_suggests_can_be_chosen_at_once() -> None:
    turn = await begin(Wish, {"room": 1}, at(), {"when": "11月21日9点到11点"})
    assert keys(turn) == ["when.Busy", "when:offer"]
    assert offered(turn) == ("11月24日（周二）9:00–11:00，2小时",)
    assert turn.talk is not None
    turn = await hear(Wish, turn.talk, "1", at())
    assert keys(turn) == ["purpose"]


async def test_an_answer_that_rests_on_a_later_one_is_checked_at_once() -> None:
    turn = await begin(Wish, {}, at(), {"when": "11月24日9点到11点"})
    assert keys(turn) == ["room"]
    assert turn.talk is not None
    turn = await hear(Wish, turn.talk, "三坐标", at())
    assert keys(turn) == ["when.Busy", "when:offer"]


async def test_what_went_stale_at_the_end_is_offered_anew() -> None:
    turn = await begin(Wish, {"room": 1}, at(), {"when": "11月24日9点到11点", "purpose": "复检"})
    CLOSED.add(1)
    try:
        assert turn.talk is not None
        turn = await hear(Wish, turn.talk, "确认", at())
    finally:
        CLOSED.remove(1)
    assert keys(turn) == ["when.Busy", "when:offer"]
    assert offered(turn) == ("11月24日（周二）9:00–11:00，2小时",)


def test_words_for_no_question_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="asks no colour"):
        Begin(Wish, said={"colour": "红"})
