"""Taking an instrument out of use in chat: read, shown whom it hits, confirmed, taken back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.closing.reading import OPEN, line, show
from store.booking import Status
from store.instrument import Instrument
from store.instrument import Status as Listed
from store.person import Role
from tests.handlers.asked import ask, follow, instrument, shown
from tests.handlers.chat import Chat

NOW = datetime(2026, 11, 20, 10, 3, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper, and two who may ask for it."""
    found = await instrument(chat)
    await follow(chat, "keeper", Role.KEEPER)
    await follow(chat, "user")
    await follow(chat, "other")
    return found


@pytest.mark.parametrize(
    ("words", "when", "reason"),
    [
        ("主机故障", None, "主机故障"),
        ("明天全天 保养", "11月21日（周六）全天", "保养"),
        ("保养，下周一到周三", "11月23日（周一）至11月25日（周三）全天", "保养"),
        ("11月25日8:00到12:00 校准", "11月25日（周三）8:00–12:00，4小时", "校准"),
        ("三天 送修", "11月20日（周五）10:03到11月22日（周日）24:00", "送修"),
        ("两小时 换气", "11月20日（周五）10:03–12:03，2小时", "换气"),
        ("到下周五 出差", "11月20日（周五）10:03到11月27日（周五）24:00", "出差"),
        ("今天起 送修", None, "送修"),
        ("等2个配件", None, "等2个配件"),
        ("3号机房停电", None, "3号机房停电"),
        ("XRD 管老化", None, "XRD 管老化"),
    ],
)
def test_how_long_and_why(words: str, when: str | None, reason: str) -> None:
    said = line(words, NOW)
    assert said.reason == reason
    assert said.span is not None
    assert (None if said.span == OPEN else show(said.span)) == when


async def listed(chat: Chat, number: int) -> Listed:
    async with chat.database.read() as session:
        return (await session.get_one(Instrument, number)).status


async def test_whom_it_hits_is_told_before(chat: Chat, number: int) -> None:
    first = await ask(chat, "user", number, 9, 11)
    second = await ask(chat, "other", number, 14, 16)
    await chat.say("keeper", f"同意 {second}")
    summary = await chat.say("keeper", f"停用 YQ{number} 11月24日全天 年度校准")
    assert f"会取消 2 个预约，涉及 2 人：{first}、{second}" in summary
    assert "11月24日（周二）全天" in summary
    assert "原因：年度校准" in summary
    assert (await shown(chat, first)).status is Status.REQUESTED
    done = await chat.say("keeper", "确认")
    assert "取消了 2 个预约，2 人会收到原因" in done
    for yy in (first, second):
        row = await shown(chat, yy)
        assert (row.status, row.reason) == (Status.ABORTED, "年度校准")
    back = await chat.say("keeper", f"撤销停用 YQ{number}")
    assert f"恢复了 {first}、{second}" in back
    assert (await shown(chat, first)).status is Status.REQUESTED
    assert (await shown(chat, second)).status is Status.APPROVED


async def test_a_booking_that_came_between_is_told(chat: Chat, number: int) -> None:
    assert "没有预约受影响" in await chat.say("keeper", f"停用 YQ{number} 11月24日全天 年度校准")
    await ask(chat, "user", number, 9, 11)
    assert "会取消 1 个预约" in await chat.say("keeper", "确认")
    assert "取消了 1 个预约" in await chat.say("keeper", "确认")


async def test_until_further_notice(chat: Chat, number: int) -> None:
    assert "没定，停到启用为止" in await chat.say("keeper", f"停用 YQ{number} 主机故障")
    await chat.say("keeper", "确认")
    assert await listed(chat, number) is Listed.PAUSED
    assert "已经停用了" in await chat.say("keeper", f"停用 YQ{number} 再停", "确认")
    assert f"已启用 YQ{number}" in await chat.say("keeper", "启用", "1")
    assert await listed(chat, number) is Listed.LISTED
    assert "没有停用" in await chat.say("keeper", f"启用 YQ{number}")


async def test_step_by_step(chat: Chat, number: int) -> None:
    assert "停用哪一台" in await chat.say("keeper", "停用")
    assert "停到什么时候" in await chat.say("keeper", "1")
    assert "为什么停用" in await chat.say("keeper", "明天到后天")
    assert "11月21日（周六）至11月22日（周日）全天" in await chat.say("keeper", "年度校准")
    assert "已停用" in await chat.say("keeper", "确认")


async def test_free_words_keep_their_time(chat: Chat, number: int) -> None:
    text = await chat.say("keeper", f"YQ{number}要维护，先停用三天")
    assert "11月22日（周日）24:00" in text + await chat.say("keeper", "维护")


async def test_not_for_others(chat: Chat, number: int) -> None:
    await follow(chat, "stranger", Role.KEEPER, "平遥煤化工公司")
    for text in ("停用 YQ{} 保养", "启用 YQ{}", "撤销停用 YQ{}"):
        known = (await chat.say("stranger", text.format(number))).replace(f"YQ{number}", "")
        assert known == (await chat.say("stranger", text.format(999))).replace("YQ999", "")
        assert "不归您管" in known
        assert "还不能用" in await chat.say("user", text.format(number))
    assert "不归您管" in await chat.say("stranger", "结束停用 1")
    assert await listed(chat, number) is Listed.LISTED


async def test_several_to_come(chat: Chat, number: int) -> None:
    for day in ("11月24日", "11月26日"):
        await chat.say("keeper", f"停用 YQ{number} {day}全天 年度校准", "确认")
    several = await chat.say("keeper", f"启用 YQ{number}")
    assert "2. 11月26日（周四）全天，年度校准" in several
    assert "已结束" in await chat.say("keeper", "2")
    assert "的停用结束了" in await chat.say("keeper", f"启用 YQ{number}")
