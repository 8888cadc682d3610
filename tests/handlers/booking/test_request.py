"""Asking for an instrument in chat: what is asked, what is refused, what is made, and only once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.kit.heard import Act, Heard
from store import listing, strike
from store.booking import Booking, Cooperation, Mode, Status
from store.instrument import Instrument
from store.listing import By
from store.person import Grant, Role
from store.terms import TermsRow
from tests.handlers import asked
from tests.handlers.chat import POLICY, Chat
from tests.store.search.catalogue import Shelf

TUESDAY = "11月24日9点到11点"


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument that is open at any hour, by oneself."""
    for openid in ("o1", "o2"):
        await chat.say(openid, "你好")
    return await asked.instrument(chat, service_modes=["self"], fee="200元/小时")


async def count(chat: Chat) -> int:
    async with chat.database.read() as session:
        found: int = await session.scalar(select(func.count()).select_from(Booking)) or 0
        return found


async def only(chat: Chat) -> Booking:
    async with chat.database.read() as session:
        return (await session.scalars(select(Booking))).one()


async def change(chat: Chat, number: int, **columns: Any) -> None:
    async with chat.database.begin() as session:
        await session.execute(update(Instrument).where(Instrument.id == number).values(**columns))


async def test_one_line_asks_only_for_the_purpose(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"约YQ{number}下周二上午9点到11点")
    assert "11月24日（周二）9:00–11:00，2小时" in text
    assert "用途是什么" in text
    text = await chat.say("o1", "缸盖平面度")
    assert "约 400 元（200 元/小时 × 2）" in text
    assert "11月23日（周一）9:00 前可免费取消" in text
    assert "依据市科函〔2023〕5号第（十）条" in text
    text = await chat.say("o1", "确认")
    assert text.startswith("已提交，单号 YY1，还要等机主答复，不等于约成")
    assert "预约成功" not in text
    row = await only(chat)
    assert (row.status, row.mode, row.purpose) == (Status.REQUESTED, Mode.SELF, "缸盖平面度")
    assert (row.starts_at, row.ends_at) == (asked.at(9), asked.at(11))
    assert row.estimate_fen == 40_000


async def test_the_purpose_may_stand_in_the_line(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"预约 YQ{number} {TUESDAY} 用途：缸盖平面度")
    assert "请核对" in text
    assert "用途：缸盖平面度" in text


async def test_step_by_step(chat: Chat, number: int) -> None:
    assert "约哪一台" in await chat.say("o1", "预约")
    assert "什么时间用" in await chat.say("o1", f"YQ{number}")
    text = await chat.say("o1", "下周二下午")
    assert "几点到几点" in text
    assert "2. 14:00–16:00，2小时" in text
    assert "用途是什么" in await chat.say("o1", "3点到5点")
    assert "11月24日（周二）15:00–17:00" in await chat.say("o1", "复检")
    assert "单号 YY1" in await chat.say("o1", "1")


@pytest.mark.parametrize("said", ["两个小时", "到11点", "11点", "9点到11点", "2"])
async def test_an_end_for_a_beginning(chat: Chat, number: int, said: str) -> None:
    await chat.say("o1", f"预约 YQ{number} 下周二上午9点")
    text = await chat.say("o1", said, "复检")
    assert "11月24日（周二）9:00–11:00，2小时 · 自主上机" in text


async def test_confirming_again_says_the_same(chat: Chat, number: int) -> None:
    first = await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检", "确认")
    assert await chat.say("o1", "确认") == first
    assert await chat.say("o1", "1") == first
    assert await count(chat) == 1


async def test_three_deliveries_of_one_confirm_make_one_booking(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    heard = Heard("again", "o1", chat.now, Act.TEXT, "确认")
    said = {answer.text for _ in range(3) if (answer := await chat.desk.hear(heard))}
    assert len(said) == 1
    assert await count(chat) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("-3小时", "时长不能是负的"),
        ("明天9点 到 -3小时", "时长不能是负的"),
        ("一年", "一次约不了几个月"),
        ("明天起用半年", "一次约不了几个月"),
        ("11月24日到明年11月24日", "太长了，一次最多 3天"),
        ("昨天9点到11点", "已经过了"),
        ("今天10点半到11点", "太近了，最早能约 11月20日（周五）12:00"),
        ("明年11月24日9点到11点", "太远了，现在只能约到 1月20日"),
        ("11月24日9:00-9:10", "太短了，一次至少 30分钟"),
        ("2月30日9点到11点", "没有这个日子"),
    ],
)
async def test_what_can_not_be_is_said_and_changes_nothing(
    chat: Chat, number: int, said: str, why: str
) -> None:
    text = await chat.say("o1", f"预约 YQ{number} {said}")
    assert why in text
    assert "确认" not in text
    assert await count(chat) == 0


async def test_all_reasons_and_three_to_choose_from(chat: Chat, number: int) -> None:
    await change(chat, number, open_hours="工作日 8:30-17:30")
    await asked.ask(chat, "o2", number, 9, 11)
    text = await chat.say("o1", f"预约 YQ{number} 下周二 早上7点到10点")
    assert "只开放 8:30–17:30" in text
    assert "11月24日（周二）9:00–11:00 已有人约" in text
    assert [line[:2] for line in text.splitlines() if line[:2] in {"1.", "2.", "3.", "4."}] == [
        "1.",
        "2.",
        "3.",
    ]
    text = await chat.say("o1", "2")
    assert "用途是什么" in text
    assert "单号 YY2" in await chat.say("o1", "复检", "确认")


async def test_opening_hours_decide_what_three_o_clock_is(chat: Chat, number: int) -> None:
    await change(chat, number, open_hours="工作日 8:30-17:30")
    text = await chat.say("o1", f"预约 YQ{number} 下周二三点到五点", "复检")
    assert "11月24日（周二）15:00–17:00" in text


async def test_two_at_once_for_one_time(chat: Chat, number: int) -> None:
    for openid in ("o1", "o2"):
        assert "请核对" in await chat.say(openid, f"约YQ{number} {TUESDAY}", "复检")
    assert "单号 YY1" in await chat.say("o1", "确认")
    text = await chat.say("o2", "确认")
    assert "已有人约" in text
    assert "1. 11月24日" in text
    assert await count(chat) == 1
    text = await chat.say("o2", "1")
    assert "请核对" in text  # the purpose is known still
    assert "单号 YY" in await chat.say("o2", "确认")
    assert await count(chat) == 2


async def test_an_instrument_that_goes_meanwhile(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    bureau = By(None, frozenset({Grant(Role.BUREAU)}))
    async with chat.database.begin() as session:
        await listing.withdraw(session, number, "已报废", bureau, chat.now)
    text = await chat.say("o1", "确认")
    assert "已退出台账" in text
    assert await count(chat) == 0
    assert "已退出台账" in await chat.say("o1", "取消", f"预约 YQ{number}")


async def test_a_new_price_is_shown_and_confirmed_anew(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    await change(chat, number, fee="300元/小时")
    text = await chat.say("o1", "确认")
    assert "费用：约 400 元（200 元/小时 × 2） → 约 600 元（300 元/小时 × 2）" in text
    assert await count(chat) == 0
    await chat.say("o1", "确认")
    assert (await only(chat)).estimate_fen == 60_000


async def test_booked_at_once_where_the_unit_says_so(chat: Chat, number: int) -> None:
    async with chat.database.begin() as session:
        row = TermsRow(instrument_id=number, approval=False, version=1, changed_at=chat.now)
        session.add(row)
    text = await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    assert "提交就算约成" in text
    text = await chat.say("o1", "确认")
    assert text.startswith("预约成功，单号 YY1")
    assert (await only(chat)).status is Status.APPROVED


async def test_a_changed_mind(chat: Chat, number: int) -> None:
    other = await asked.instrument(chat, name="扫描电镜", service_modes=["self"], fee="100元/小时")
    await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    assert "1. 仪器" in await chat.say("o1", "修改")
    text = await chat.say("o1", "1", f"YQ{other}")
    assert f"（YQ{other}）" in text
    assert "约 200 元" in text
    text = await chat.say("o1", "修改", "2", "下周三9点到12点")
    assert "11月25日（周三）9:00–12:00" in text
    assert "先不办了" in await chat.say("o1", "3")
    assert "请核对" in await chat.say("o1", "继续")


async def test_a_restart_in_between(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}")
    await chat.catalogue.close()
    chat.__post_init__()
    assert "请核对" in await chat.say("o1", "复检")


async def test_a_question_in_between(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}")
    text = await chat.say("o1", "我的资料")
    assert "姓名" in text
    assert "用途是什么" in text
    assert "请核对" in await chat.say("o1", "复检")


async def test_samples(chat: Chat, number: int) -> None:
    lab = await asked.instrument(chat, name="质谱仪", service_modes=["sample"], fee="80元/样")
    text = await chat.say("o1", f"送样 YQ{lab} 3个")
    assert "是什么样品" in text
    text = await chat.say("o1", "土壤，测铅镉", "污染调查")
    assert "样品 3 个：土壤，测铅镉" in text
    assert "约 240 元（80 元/样 × 3）" in text
    text = await chat.say("o1", "确认")
    assert "先不要寄样" in text
    row = await only(chat)
    assert (row.mode, row.samples, row.sample_words) == (Mode.SAMPLE, 3, "土壤，测铅镉")
    assert row.starts_at is None


async def test_samples_are_not_sent_where_none_are_taken(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"送样 YQ{number} 3个")
    assert "不收送样，开放方式是自主上机" in text
    lab = await asked.instrument(chat, name="质谱仪", service_modes=["sample"])
    text = await chat.say("o1", f"预约 YQ{lab} {TUESDAY}")
    assert "不用约时间" in text
    assert "送几个样品" in text


async def test_the_mode_is_asked_where_several_are_possible(chat: Chat, number: int) -> None:
    both = await asked.instrument(chat, name="质谱仪", service_modes=["self", "sample", "joint"])
    text = await chat.say("o1", f"预约 YQ{both}")
    assert "1. 自主上机" in text
    assert "2. 送样" in text
    assert "送几个样品" in await chat.say("o1", "寄样品")
    text = await chat.say("o1", f"预约 YQ{both} {TUESDAY}")
    assert "用途是什么" in text  # who names a time comes to use it
    text = await chat.say("o1", f"预约 YQ{both} 合作研究 {TUESDAY}", "复检")
    assert "第（十二）条" in text
    await chat.say("o1", "确认")
    assert (await only(chat)).cooperation is Cooperation.JOINT


async def test_free_words_find_what_to_book(chat: Chat, number: int) -> None:
    shelf = Shelf(chat.database, chat.now)
    for name in ("扫描电子显微镜", "透射电子显微镜"):
        await shelf.add(name, modes=["self"], open_hours="全天候")
    await chat.catalogue.follow(chat.database)
    text = await chat.say("o1", "帮我约下周二上午9点到11点的电镜")
    assert "约哪一台" in text
    assert "2. " in text
    text = await chat.say("o1", "2")
    assert "11月24日（周二）9:00–11:00" in text
    assert "用途是什么" in text


async def test_whoever_is_shut_out_is_told_until_when(chat: Chat, number: int) -> None:
    for start in (9, 12, 15):
        taken = await asked.shown(chat, await asked.ask(chat, "o1", number, start, start + 1))
        async with chat.database.begin() as session:
            await strike.add(session, POLICY, taken, strike.Kind.NO_SHOW, chat.now)
    text = await chat.say("o1", f"预约 YQ{number} {TUESDAY}")
    assert "12月20日" in text
    assert await count(chat) == 3


async def test_an_open_request_is_put_away_when_left(chat: Chat, number: int) -> None:
    await chat.say("o1", f"约YQ{number} {TUESDAY}", "复检")
    chat.now += timedelta(minutes=31)
    text = await chat.say("o1", "确认")
    assert "先收起来了" in text
    assert "请核对" in await chat.say("o1", "继续")
    assert await count(chat) == 0
