"""Any words in any order, while the world moves: nothing raises, and no answer is lost but by
going back, by the talk's end, or because it went stale."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.kit.say import Say
from bot.kit.state import Talk, Turn, walk
from bot.kit.talk import KEPT, begin, hear, prompt, resume
from tests.bot.kit import example
from tests.bot.kit.example import NOW, Request, World, at, texts, world

T = TypeVar("T")
COPY = texts()
LABELS = list(World().instruments.values())
USUAL = [
    *("返回", "取消", "继续", "修改", "修改2", "修改9", "确认", "好的", "不用", "下一页", "上一页"),
    *("1", "2", "3", "第二个", "最后一个", "99", "0", "12个", "送样", "自主上机", "相色", "电镜"),
    *("11月25日上午9点", "明天下午2点", "今天13:00", "12月31日", "测土壤", "13800001234"),
    *("[[确认]]", "<a href='x'>", "{price}", "", " ", "\ud800", "😀" * 4000, "9" * 3000),
    *LABELS,
]
GOOD = {
    "instrument": ("1", "2"),
    "mode": ("自主上机", "送样"),
    "samples": ("3个", "十二"),
    "start": ("12月25日上午9点", "12月26日 14:00"),
    "purpose": ("测土壤", "缸体复检"),
    "voucher": ("要", "不用"),
    "until": ("12月31日", "12月30日"),
    "contact": ("13800001234", "0354-1234567"),
    "confirm": ("确认", "好的"),
}
LINES = st.sampled_from(USUAL) | st.text(max_size=12)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waited")


def stale(name: str, value: Any, now: datetime) -> bool:
    """Whether an answer does not hold any more: the rules told once more, in other words."""
    if name == "instrument":
        return value not in world.instruments or value in world.taken
    return name == "start" and datetime.fromisoformat(value) - now < timedelta(hours=world.notice)


def said(say: Say | None) -> list[str]:
    return [] if say is None else [say.key, *said(say.then)]


class AnyWords(RuleBasedStateMachine):
    """One person, one request, any words."""

    def __init__(self) -> None:
        super().__init__()
        example.world.__init__()  # type: ignore[misc]
        self.now = NOW
        self.talk: Talk | None = None
        self.left: Talk | None = None
        self.done = False
        self.prices = 0
        self.start(answers={})

    def keep(self, turn: Turn) -> None:
        """Keep the talk as its row does."""
        self.done = turn.done is not None
        self.talk = turn.talk and Talk.from_json(json.loads(json.dumps(turn.talk.to_json())))
        assert self.talk == turn.talk
        if turn.say is not None:
            assert COPY.compose(turn.say)
        assert (turn.say is None) == (turn.done is not None)

    @precondition(lambda self: self.talk is None)
    @rule(
        answers=st.fixed_dictionaries(
            {}, optional={"instrument": st.integers(1, 5), "mode": st.just("self")}
        )
    )
    def start(self, answers: dict[str, Any]) -> None:
        turn = run(begin(Request, answers, at(self.now)))
        self.keep(turn)
        assert turn.talk is not None
        for name, value in answers.items():
            was_taken = value in [given.value for given in turn.talk.answers]
            assert was_taken != (name == "instrument" and stale(name, value, self.now))

    @precondition(lambda self: self.talk is not None)
    @rule(line=LINES, command=st.booleans())
    def say(self, line: str, command: bool) -> None:
        before = self.talk
        assert before is not None
        asked = walk(Request, before).step
        turn = run(hear(Request, before, line, at(self.now), command=command))
        self.keep(turn)
        if turn.talk is None:
            self.ended(before, turn, line)
            return
        assert turn.talk.version == before.version + 1
        old = {given.step: given.value for given in before.answers}
        new = {given.step: given.value for given in turn.talk.answers}
        if asked and asked.name == "instrument" and old.get("instrument") != new.get("instrument"):
            self.picked_what_was_shown(before, turn, line)
        changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
        assert changed | (new.keys() - old.keys()) <= ({asked.name} if asked else set())
        if not turn.understood:
            assert new == old
        for name in old.keys() - new.keys():
            self.forgotten(name, old[name], before, turn, line)

    @precondition(lambda self: self.talk is not None)
    @rule(times=st.integers(1, 8), choice=st.integers(0, 1))
    def answer_well(self, times: int, choice: int, upto: str = "") -> None:
        for _ in range(times):
            if self.talk is None:
                return
            step = walk(Request, self.talk).step
            if step is None and upto:
                return
            self.say(GOOD[step.name if step else "confirm"][choice], command=False)

    @precondition(lambda self: self.talk is not None)
    @rule(
        what=st.sampled_from(["taken", "gone", "notice", "price", "list"]),
        line=st.sampled_from(["确认", "1"]),
    )
    def confirm_when_the_world_has_moved(self, what: str, line: str) -> None:
        """Go to the summary, let something happen, confirm."""
        self.answer_well(8, 1, upto="confirm")
        if self.talk is None or walk(Request, self.talk).step is not None:
            return
        picked = next(g.value for g in self.talk.answers if g.step == "instrument")
        if what == "list":
            self.something_else(numbered=True)
        elif what == "price":
            self.prices += 1
            self.rules_change(1000 + self.prices, world.notice)
        elif what == "notice":
            self.rules_change(world.price, 24 * 60)
        else:
            change = (
                self.an_instrument_is_taken_or_not
                if what == "taken"
                else self.an_instrument_comes_or_goes
            )
            change(picked)
        self.say(line, command=False)
        held = what == "list" and line == "确认"
        back = what in ("taken", "gone") and not stale("instrument", picked, self.now)
        assert not self.done or held or back

    def picked_what_was_shown(self, before: Talk, turn: Turn, line: str) -> None:
        """A number picks what stood behind it when it was shown."""
        if before.offered is None or not line.isascii() or not line.isdigit() or turn.talk is None:
            return
        labels = {given.step: given.label for given in turn.talk.answers}
        assert labels["instrument"] == before.offered.choices[int(line) - 1]

    def forgotten(self, name: str, value: Any, before: Talk, turn: Turn, line: str) -> None:
        """An answer is gone: by going back it was the last that counted, else it is stale."""
        if any(key.startswith(f"example.request.{name}.") for key in said(turn.say)):
            assert stale(name, value, self.now)
            return
        assert line == "返回"
        assert before.changing is None
        assert before.offered is None or before.offered.choices[0] != "修改1"
        given = walk(Request, before).given
        last = [each for each in before.answers if each in given][-1]
        assert last.step == name

    def ended(self, before: Talk, turn: Turn, line: str) -> None:
        """A talk is over: confirmed as it stands, or left with all its answers."""
        if turn.done is None:
            assert turn.left is not None
            assert turn.left.answers == before.answers
            assert line == "取消" or self.now - before.touched > Request.idle
            self.left = turn.left
            return
        assert walk(Request, before).step is None
        assert before.seen
        assert line.strip("[]") in ("确认", "好的") or (line == "1" and before.offered is not None)
        assert not any(
            stale(given.step, given.value, self.now) for given in walk(Request, before).given
        )

    @precondition(lambda self: self.talk is None and self.left is not None)
    @rule()
    def come_back(self) -> None:
        assert self.left is not None
        turn = run(resume(Request, self.left, at(self.now)))
        self.keep(turn)
        if turn.talk is None:
            assert self.now - self.left.touched > KEPT
        else:
            kept = {given.step for given in turn.talk.answers}
            for given in self.left.answers:
                assert given.step in kept or stale(given.step, given.value, self.now)
        self.left = None

    @precondition(lambda self: self.talk is not None)
    @rule(numbered=st.booleans())
    def something_else(self, numbered: bool) -> None:
        assert self.talk is not None
        self.talk = self.talk.interrupted(self.now, numbered=numbered)
        say = run(prompt(Request, self.talk, at(self.now), brief=numbered))
        assert COPY.compose(say)
        assert not (numbered and say.choices)

    @rule(minutes=st.sampled_from([1, 1, 1, 8, 25, 120]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(number=st.integers(1, 5))
    def an_instrument_comes_or_goes(self, number: int) -> None:
        if world.instruments.pop(number, None) is None:
            world.instruments[number] = f"气相{number}号"

    @rule(number=st.integers(1, 5))
    def an_instrument_is_taken_or_not(self, number: int) -> None:
        world.taken ^= {number}

    @rule(price=st.sampled_from([200, 300]), notice=st.sampled_from([2, 24 * 10]))
    def rules_change(self, price: int, notice: int) -> None:
        world.price, world.notice = price, notice

    @invariant()
    def the_open_question_is_the_first_without_an_answer(self) -> None:
        if self.talk is None or self.talk.changing:
            return
        at_step = walk(Request, self.talk)
        answered = {given.step for given in self.talk.answers}
        assert at_step.step is None or at_step.step.name not in answered


AnyWords.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyWords = AnyWords.TestCase
