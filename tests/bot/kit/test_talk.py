from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.kit.answer import Given
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.kinds import words
from bot.kit.say import Say
from bot.kit.state import Talk, Turn, walk
from bot.kit.talk import KEPT, begin, hear, prompt, refuse, resume
from tests.bot.kit.example import NOW, Note, Request, Taken, World, at, texts

if TYPE_CHECKING:
    from store.context import Context

START = "11月25日上午9点"
ANSWERS = ("2", "送样", "3个", START, "缸体复检", "不用")
FLOWS: dict[str, type[Flow]] = {flow.name: flow for flow in (Request, Note)}


async def play(*lines: str, answers: Mapping[str, Any] | None = None) -> Turn:
    """Begin a request and say these lines; every talk goes through its row on the way."""
    turn = await begin(Request, answers or {}, at())
    for line in lines:
        turn = await more(turn, line)
    return turn


async def more(turn: Turn, line: str, now: datetime = NOW, *, command: bool = False) -> Turn:
    assert turn.talk is not None
    talk = Talk.from_json(json.loads(json.dumps(turn.talk.to_json())))
    assert talk == turn.talk
    return await hear(FLOWS[talk.flow], talk, line, at(now), command=command)


def keys(turn: Turn) -> list[str]:
    """The keys said, from top to bottom."""
    found, say = [], turn.say
    while say is not None:
        found.append(say.key.removeprefix("example.request."))
        say = say.then
    return found


def kept(turn: Turn) -> dict[str, Any]:
    assert turn.talk is not None
    return {given.step: given.value for given in turn.talk.answers}


def step(turn: Turn) -> str | None:
    assert turn.talk is not None
    open_step = walk(FLOWS[turn.talk.flow], turn.talk).step
    return open_step.name if open_step else None


async def test_the_straight_way() -> None:
    turn = await play()
    for line, key in zip(
        ANSWERS, ["mode", "samples", "start", "purpose", "voucher", "confirm"], strict=True
    ):
        turn = await more(turn, line)
        assert keys(turn) == [key]
    turn = await more(turn, "确认")
    assert turn.talk is None
    assert isinstance(turn.done, Request)
    assert turn.done.instrument == 2
    assert turn.done.samples == 3
    assert turn.done.start == datetime(2026, 11, 25, 9, tzinfo=NOW.tzinfo)
    assert turn.done.until is None
    assert await turn.done.finish(at()) == Say("example.request.done")


async def test_the_summary_in_words() -> None:
    turn = await play(*ANSWERS)
    assert turn.say is not None
    assert texts().compose(turn.say).splitlines()[:5] == [
        "请核对：",
        "三坐标测量机 · 送样 · 3",
        "11月25日（周三）9:00",
        "用途：缸体复检",
        "约 200 元",
    ]


async def test_a_branch_not_taken_asks_nothing() -> None:
    assert keys(await play("2", "自主上机")) == ["start"]
    assert keys(await play("2", "送样")) == ["samples"]
    assert keys(await play("2", "送样", "10", START, "x", "不用")) == ["contact"]


async def test_what_is_known_is_not_asked() -> None:
    turn = await play(answers={"instrument": 3, "mode": "self"})
    assert keys(turn) == ["start"]
    assert turn.say is not None
    assert turn.say.args == {"instrument": "气相色谱仪", "mode": "自主上机"}


async def test_what_is_known_is_checked(world: World) -> None:
    world.taken.add(3)
    turn = await play(answers={"mode": "self", "instrument": 3})
    assert keys(turn) == ["instrument.Taken", "instrument"]
    assert kept(turn) == {"mode": "self"}
    assert keys(await play(answers={"instrument": 99})) == ["instrument.NotOffered", "instrument"]


def test_only_questions_can_be_known() -> None:
    with pytest.raises(ValueError, match="asks no colour"):
        Begin(Request, {"colour": 1})


@pytest.mark.parametrize("line", ["返回", "上一步", "「返回」"])
async def test_back_forgets_the_last_answer(line: str) -> None:
    turn = await more(await play("2", "送样", "3"), line)
    assert keys(turn) == ["samples"]
    assert kept(turn) == {"instrument": 2, "mode": "sample"}


async def test_back_at_the_beginning_says_so() -> None:
    assert keys(await play("返回")) == ["talk.first", "instrument"]


async def test_back_from_the_summary() -> None:
    assert keys(await play(*ANSWERS, "返回")) == ["voucher"]


async def test_cancel_ends_and_resume_brings_back() -> None:
    turn = await play("2", "送样", "取消")
    assert turn.talk is None
    assert turn.left is not None
    assert keys(turn) == ["talk.cancelled"]
    back = await resume(Request, turn.left, at(NOW + KEPT))
    assert keys(back) == ["talk.resumed", "samples"]
    assert kept(back) == {"instrument": 2, "mode": "sample"}
    gone = await resume(Request, turn.left, at(NOW + KEPT + timedelta(seconds=1)))
    assert gone.talk is None
    assert keys(gone) == ["talk.gone"]


async def test_a_talk_left_alone_ends() -> None:
    turn = await play("2")
    assert keys(await more(turn, "送样", NOW + timedelta(minutes=20))) == ["samples"]
    late = NOW + timedelta(minutes=20, seconds=1)
    ended = await more(turn, "送样", late)
    assert ended.talk is None
    assert ended.left is not None
    assert not ended.understood
    assert keys(ended) == ["talk.expired"]
    assert keys(await resume(Request, ended.left, at(late))) == ["talk.resumed", "mode"]


async def test_asked_again_in_other_words_and_then_a_person_is_offered() -> None:
    turn = await play("2", "自主上机")
    for variant in ("again", "third", "third"):
        turn = await more(turn, "随便")
        assert keys(turn) == [f"start:{variant}"]
        assert not turn.understood
    assert kept(turn) == {"instrument": 2, "mode": "self"}
    turn = await more(await more(turn, START), "返回")
    assert keys(turn) == ["start"]


async def test_a_refused_answer_was_understood() -> None:
    turn = await play("2", "自主上机", "今天10:30")
    assert keys(turn) == ["start.TooLate", "start"]
    assert turn.understood
    assert texts().compose(turn.say or Say("")).startswith("要提前 2 小时。")


@pytest.mark.parametrize(
    "line", ["三", "第三个", "选3", "３", "③", "气相色谱仪", "气相", "倒数", "气相 色谱仪。"]
)
async def test_picking(line: str) -> None:
    turn = await play(line)
    assert kept(turn) == ({} if line == "倒数" else {"instrument": 3})


async def test_a_label_that_is_a_number_goes_before_the_line_of_that_number() -> None:
    async def years(_context: Context, _said: str, _so_far: Flow) -> list[Option[int]]:
        return [Option(2, "2"), Option(1, "1")]

    class Years(Flow, name="example.years", confirm=False):
        year: int = pick(years)

    turn = await begin(Years, {}, at())
    assert turn.talk is not None
    turn = await hear(Years, turn.talk, "1", at())
    assert isinstance(turn.done, Years)
    assert turn.done.year == 1


async def test_words_that_several_have_offer_those() -> None:
    turn = await play("相色")
    assert turn.understood
    assert turn.say is not None
    assert turn.say.choices == ("气相色谱仪", "液相色谱仪")
    assert kept(turn) == {}
    assert kept(await more(turn, "2")) == {"instrument": 4}


async def test_a_number_past_the_list_is_said_so() -> None:
    turn = await play("9")
    assert keys(turn) == ["instrument.OutOfRange", "instrument"]
    assert turn.say is not None
    assert turn.say.args == {"low": 1, "high": 4}


async def test_a_list_that_changed_is_shown_again_rather_than_guessed(world: World) -> None:
    turn = await play()
    del world.instruments[1]
    turn = await more(turn, "2")
    assert keys(turn) == ["instrument.ListChanged", "instrument"]
    assert kept(turn) == {}
    assert kept(await more(turn, "2")) == {"instrument": 3}


async def test_a_label_holds_even_when_the_list_changed(world: World) -> None:
    turn = await play()
    del world.instruments[1]
    assert kept(await more(turn, "三坐标测量机")) == {"instrument": 2}


async def test_a_long_list_has_pages(world: World) -> None:
    world.instruments = {n: f"仪器{n:02}号" for n in range(1, 21)}
    turn = await play()
    assert turn.say is not None
    assert len(turn.say.items) == 8
    assert turn.say.args["rest"] == 12
    turn = await more(turn, "下一页")
    assert turn.say is not None
    assert turn.say.first == 9
    assert turn.say.items[0]["label"] == "仪器09号"
    turn = await more(await more(await more(turn, "下一页"), "下一页"), "看不懂")
    assert turn.say is not None
    assert [item["label"] for item in turn.say.items] == [f"仪器{n}号" for n in range(17, 21)]
    assert turn.say.args["rest"] is None
    assert kept(await more(turn, "12")) == {"instrument": 12}
    assert keys(await more(await more(turn, "上一页"), "上一页")) == ["instrument"]


async def test_a_command_is_left_to_others_where_any_words_would_do() -> None:
    turn = await play("2", "自主上机", START)
    assert kept(await more(turn, "测土壤"))["purpose"] == "测土壤"
    aside = await more(turn, "创新券", command=True)
    assert not aside.understood
    assert kept(aside) == kept(turn)


async def test_a_command_that_is_surely_the_answer_is_the_answer() -> None:
    assert kept(await more(await play(), "扫描电镜", command=True)) == {"instrument": 1}
    aside = await more(await play(), "电镜", command=True)
    assert not aside.understood
    assert kept(aside) == {}


async def test_steering_words_are_no_free_text() -> None:
    turn = await play("2", "自主上机", START)
    for line in ("确认", "下一页"):
        turn = await more(turn, line)
        assert "purpose" not in kept(turn)
    assert keys(await more(turn, "继续")) == ["purpose:third"]


async def test_the_question_is_put_again_below_something_else() -> None:
    turn = await play("2", "自主上机")
    assert turn.talk is not None
    say = await prompt(Request, turn.talk, at(), brief=True)
    assert texts().compose(say) == "接着约三坐标测量机：什么时间用？"
    assert (await prompt(Request, turn.talk, at())).key == "example.request.start"
    turn = await play(*ANSWERS)
    assert turn.talk is not None
    assert (await prompt(Request, turn.talk, at(), brief=True)).key == "talk.waiting"
    assert (await prompt(Request, turn.talk, at())).key == "talk.waiting"


@pytest.mark.parametrize("line", ["确认", "确认。", "好的", "1", "１", "一", "ok"])
async def test_confirming(line: str) -> None:
    assert (await play(*ANSWERS, line)).done is not None


@pytest.mark.parametrize("line", ["4", "缸盖", "", "确认吗", "两个"])
async def test_not_confirming(line: str) -> None:
    turn = await play(*ANSWERS, line)
    assert turn.done is None
    assert keys(turn) == ["talk.unconfirmed"]
    assert not turn.understood
    assert keys(await more(turn, line)) == ["talk.third"]
    assert (await more(turn, "确认")).done is not None


@pytest.mark.parametrize("line", ["不", "算了", "不用了", "取消"])
async def test_a_no_to_the_summary_leaves(line: str) -> None:
    turn = await play(*ANSWERS, line)
    assert keys(turn) == ["talk.cancelled"]
    assert turn.talk is None
    assert turn.left is not None


async def test_an_interrupting_list_never_lets_a_number_confirm() -> None:
    turn = await play(*ANSWERS)
    assert turn.talk is not None
    beside = Turn(turn.talk.interrupted(NOW, numbered=True))
    assert (await more(beside, "1")).done is None
    assert (await more(beside, "确认")).done is not None
    beside = Turn(turn.talk.interrupted(NOW, numbered=False))
    assert (await more(beside, "1")).done is not None


async def test_every_check_runs_again_at_confirm(world: World) -> None:
    turn = await play(*ANSWERS)
    world.taken.add(2)
    world.notice = 24 * 30
    turn = await more(turn, "确认")
    assert turn.done is None
    assert keys(turn) == ["instrument.Taken", "start.TooLate", "instrument"]
    assert kept(turn) == {"mode": "sample", "samples": 3, "purpose": "缸体复检", "voucher": False}
    world.notice = 2
    turn = await more(turn, "扫描电镜")
    assert keys(turn) == ["start"]
    assert keys(await more(turn, START)) == ["confirm"]


async def test_what_is_not_offered_any_more_is_stale(world: World) -> None:
    turn = await play(*ANSWERS)
    del world.instruments[2]
    assert keys(await more(turn, "确认")) == ["instrument.NotOffered", "instrument"]


async def test_only_what_was_seen_is_confirmed(world: World) -> None:
    turn = await play(*ANSWERS)
    world.price = 300
    turn = await more(turn, "确认")
    assert turn.done is None
    assert keys(turn) == ["talk.changed", "confirm"]
    assert (await more(turn, "确认")).done is not None


async def test_changing_one_answer() -> None:
    turn = await play(*ANSWERS, "修改")
    assert keys(turn) == ["talk.change"]
    assert turn.say is not None
    assert texts().compose(turn.say).splitlines()[1:4] == [
        "1. 仪器：三坐标测量机",
        "2. 方式：送样",
        "3. 样品数：3",
    ]
    turn = await more(turn, "3")
    assert keys(turn) == ["samples"]
    assert kept(turn)["samples"] == 3
    turn = await more(turn, "5")
    assert keys(turn) == ["confirm"]
    assert kept(turn)["samples"] == 5


@pytest.mark.parametrize("line", ["修改3", "修改第三项", "改一下3"])
async def test_changing_in_one_line(line: str) -> None:
    assert keys(await play(*ANSWERS, line)) == ["samples"]


async def test_changing_by_the_summary_s_number() -> None:
    assert keys(await play(*ANSWERS, "2")) == ["talk.change"]


@pytest.mark.parametrize("lines", [("修改", "返回"), ("修改", "3", "返回")])
async def test_back_gives_a_change_up(lines: tuple[str, ...]) -> None:
    turn = await play(*ANSWERS, *lines)
    assert keys(turn) == ["confirm"]
    assert kept(turn) == kept(await play(*ANSWERS))


async def test_a_change_that_is_refused_leaves_the_old_answer() -> None:
    turn = await play(*ANSWERS, "修改3", "99")
    assert keys(turn) == ["samples.OutOfRange", "samples"]
    assert kept(turn)["samples"] == 3


async def test_changing_in_the_middle() -> None:
    turn = await play("2", "送样", "3", "修改1")
    assert keys(turn) == ["instrument"]
    assert keys(await more(turn, "扫描电镜")) == ["start"]


async def test_the_only_answer_is_changed_without_asking_which() -> None:
    assert keys(await play("2", "修改")) == ["instrument"]
    assert keys(await play("修改")) == ["talk.first", "instrument"]


async def test_an_answer_of_a_branch_left_waits_and_does_not_count() -> None:
    turn = await play(*ANSWERS, "修改2", "自主上机")
    assert keys(turn) == ["confirm"]
    assert kept(turn)["samples"] == 3
    assert turn.say is not None
    assert "samples" not in turn.say.args
    done = (await more(turn, "确认")).done
    assert isinstance(done, Request)
    assert done.samples is None
    turn = await more(await more(turn, "修改2"), "送样")
    assert turn.say is not None
    assert turn.say.args["samples"] == "3"


async def test_a_flow_without_confirm_is_done_at_once() -> None:
    turn = await begin(Note, {}, at())
    assert turn.talk is not None
    turn = await hear(Note, turn.talk, "买试剂", at())
    assert isinstance(turn.done, Note)
    assert turn.done.text == "买试剂"
    assert (await begin(Note, {"text": "买试剂"}, at())).done is not None


async def test_a_finish_that_is_refused_goes_on() -> None:
    turn = await play(*ANSWERS)
    assert turn.talk is not None
    turn = await refuse(Request, turn.talk, Taken(2), at())
    assert keys(turn) == ["Taken", "confirm"]


async def test_a_finish_that_is_refused_with_nothing_to_ask_is_over() -> None:
    talk = Talk(Note.name, NOW, (Given("text", "买试剂", "买试剂"),))
    turn = await refuse(Note, talk, Taken(2), at())
    assert turn == Turn(None, Say("example.note.Taken", {"instrument": 2}))


async def test_a_value_that_the_code_does_not_know_any_more_is_asked_again() -> None:
    turn = await play(*ANSWERS)
    assert turn.talk is not None
    row = turn.talk.to_json()
    for answer in row["answers"]:
        if answer[0] in ("mode", "start"):
            answer[1] = "long ago"
    row["answers"].append(["gone", 1, "1"])
    turn = Turn(Talk.from_json(row))
    assert step(turn) == "mode"
    turn = await more(await more(turn, "送样"), START)
    assert keys(turn) == ["confirm"]


async def test_versions_count_messages() -> None:
    turn = await play("2", "看不懂", "返回")
    assert turn.talk is not None
    assert turn.talk.version == 3


def test_a_step_can_not_hide_what_every_flow_has() -> None:
    with pytest.raises(TypeError, match="summary"):

        class Bad(Flow, name="example.bad"):
            summary: str = ask(words(3))  # type: ignore[assignment]
