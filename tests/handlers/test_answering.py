"""A keeper's answers in chat, and the user's to what was offered."""

from datetime import timedelta

import pytest

from store.booking import Status
from store.person import Role
from tests.handlers.asked import ask, at, follow, instrument, shown
from tests.handlers.chat import Chat


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument with a keeper; somebody who may ask for it."""
    found = await instrument(chat)
    await follow(chat, "keeper", Role.KEEPER)
    await follow(chat, "user")
    await chat.say("user", "我叫张晓岚")
    return found


async def test_the_list_the_card_and_yes(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    listed = await chat.say("keeper", "待办")
    assert listed.startswith("1 件等您：")
    assert f"1. {yy} 三坐标测量机，11月24日（周二）9:00–11:00，2小时" in listed
    assert "缸盖平面度" in listed
    card = await chat.say("keeper", "1")
    assert "外单位（未核验） · 张**" in card
    assert "1. 同意\n2. 拒绝（要写原因）\n3. 改时间" in card
    assert "费用约 400 元" in card
    assert len(card.splitlines()) <= 12
    done = await chat.say("keeper", "1")
    assert done.startswith(f"已同意 {yy}")
    assert (await shown(chat, yy)).status is Status.APPROVED
    assert await chat.say("keeper", "待办") == "现在没有等您处理的事。"


async def test_no_asks_for_its_reason(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "为什么不能约" in await chat.say("keeper", "待办", "1", "2")
    assert "原因要写" in await chat.say("keeper", "2")
    assert (await shown(chat, yy)).status is Status.REQUESTED
    done = await chat.say("keeper", "周二上午仪器保养")
    assert f"已拒绝 {yy}" in done
    assert "原因已告诉对方：周二上午仪器保养" in done
    row = await shown(chat, yy)
    assert (row.status, row.reason) == (Status.REJECTED, "周二上午仪器保养")


async def test_no_in_one_line(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "原因要写" in await chat.say("keeper", f"拒绝 {yy} 忙")
    assert "已拒绝" in await chat.say("keeper", f"拒绝{yy} 仪器保养")


async def test_another_time_and_the_user_takes_it(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "改到什么时候" in await chat.say("keeper", f"处理 {yy}", "3")
    done = await chat.say("keeper", "周三下午2点到4点")
    assert f"已向对方提出 {yy} 改到 11月25日（周三）14:00–16:00，2小时" in done
    assert "正等对方答复" in await chat.say("keeper", f"同意 {yy}")
    taken = await chat.say("user", f"同意 {yy}")
    assert taken.startswith(f"约好了（{yy}）")
    row = await shown(chat, yy)
    assert (row.status, row.starts_at) == (Status.APPROVED, at(14 + 24))


async def test_another_time_in_one_line_and_refused(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "已向对方提出" in await chat.say("keeper", f"改时间 {yy} 11月25日9点到11点")
    assert "已回绝" in await chat.say("user", f"拒绝 {yy}")
    assert (await shown(chat, yy)).status is Status.CANCELLED


async def test_a_time_that_is_taken_is_not_offered(chat: Chat, number: int) -> None:
    await follow(chat, "other")
    await ask(chat, "other", number, 38, 40)
    yy = await ask(chat, "user", number, 9, 11)
    text = await chat.say("keeper", f"改时间 {yy} 11月25日14点到16点")
    assert "1. " in text
    assert "已向对方提出" in await chat.say("keeper", "1")
    assert (await shown(chat, yy)).status is Status.OFFERED


async def test_a_stale_card_tells_who_was_first(chat: Chat, number: int) -> None:
    await follow(chat, "colleague", Role.KEEPER)
    await chat.say("colleague", "我叫王建国")
    yy = await ask(chat, "user", number, 9, 11)
    await chat.say("keeper", f"处理 {yy}")
    await chat.say("colleague", f"同意 {yy}")
    chat.now += timedelta(minutes=5)
    told = await chat.say("keeper", "1")
    assert f"{yy} 王**已在 11月20日（周五）10:00 同意：11月24日（周二）9:00–11:00" in told
    assert "王**已在" in await chat.say("keeper", f"拒绝 {yy} 仪器保养")
    assert "王**已在" in await chat.say("keeper", f"拒绝 {yy}")
    assert f"{yy} 您已在" in await chat.say("colleague", f"同意 {yy}")
    assert (await shown(chat, yy)).status is Status.APPROVED


async def test_decided_while_the_reason_was_typed(chat: Chat, number: int) -> None:
    await follow(chat, "colleague", Role.KEEPER)
    yy = await ask(chat, "user", number, 9, 11)
    await chat.say("keeper", f"拒绝 {yy}")
    await chat.say("colleague", f"同意 {yy}")
    assert "机主已在" in await chat.say("keeper", "周二要做年检")
    assert (await shown(chat, yy)).status is Status.APPROVED


async def test_another_units_keeper_hears_what_strangers_hear(chat: Chat, number: int) -> None:
    await follow(chat, "other", Role.KEEPER, "平遥煤化工公司")
    yy = await ask(chat, "user", number, 9, 11)
    assert await chat.say("other", "待办") == "现在没有等您处理的事。"
    for line in (
        "同意 {}",
        "拒绝 {} 仪器保养",
        "改时间 {} 周三9点到11点",
        "处理 {}",
        "叫停预约 {}",
    ):
        known = (await chat.say("other", line.format(yy))).replace(yy, "")
        assert known == (await chat.say("other", line.format("YY999"))).replace("YY999", "")
        assert "没有" in known
    assert (await shown(chat, yy)).status is Status.REQUESTED


async def test_who_asked_waits_for_the_keeper(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    for line in (f"同意 {yy}", f"拒绝 {yy}", f"拒绝 {yy} 不要了"):
        assert "还在等机主答复" in await chat.say("user", line)
    assert (await shown(chat, yy)).status is Status.REQUESTED


async def test_calling_off(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    await chat.say("keeper", f"同意 {yy}")
    summary = await chat.say("keeper", f"叫停预约 {yy} 主机坏了等配件")
    assert "对方会马上收到通知" in summary
    assert (await shown(chat, yy)).status is Status.APPROVED
    assert f"已叫停 {yy}" in await chat.say("keeper", "确认")
    row = await shown(chat, yy)
    assert (row.status, row.reason) == (Status.ABORTED, "主机坏了等配件")
    assert "叫停" in await chat.say("keeper", f"同意 {yy}")


async def test_samples_have_no_time_to_change(chat: Chat, number: int) -> None:
    more = {"mode": "sample", "starts_at": None, "ends_at": None, "samples": 3}
    yy = await ask(chat, "user", number, 0, 1, **more, sample_words="煤样")
    card = await chat.say("keeper", f"处理 {yy}")
    assert "样品 3 个（煤样） · 送样" in card
    assert "改时间\n" not in card
    assert "不用改" in await chat.say("keeper", f"改时间 {yy}")
    assert "已同意" in await chat.say("keeper", f"同意 {yy}")


async def test_many_are_shown_in_pages(chat: Chat, number: int) -> None:
    numbers = [await ask(chat, "user", number, hour, hour + 1) for hour in range(6, 16)]
    first = await chat.say("keeper", "待办")
    assert first.startswith("10 件等您")
    assert "8. " in first
    assert "9. " not in first
    assert "9. " in await chat.say("keeper", "下一页")
    assert numbers[9] in await chat.say("keeper", "10")


async def test_the_users_words_do_for_a_keeper_too(chat: Chat, number: int) -> None:
    yy = await ask(chat, "user", number, 9, 11)
    assert "1. 同意" in await chat.say("keeper", yy)
    assert "已向对方提出" in await chat.say("keeper", f"改期 {yy} 11月25日14点到16点")
    assert "约好了" in await chat.say("user", f"同意 {yy}")
    assert "为什么叫停" in await chat.say("keeper", f"取消预约 {yy}")
    await chat.say("keeper", "主机坏了等配件", "确认")
    assert (await shown(chat, yy)).status is Status.ABORTED


async def test_the_users_words_are_no_way_in_for_strangers(chat: Chat, number: int) -> None:
    await follow(chat, "other", Role.KEEPER, "平遥煤化工公司")
    yy = await ask(chat, "user", number, 9, 11)
    for line in ("改期 {} 11月25日14点到16点", "取消预约 {}", "{}"):
        known = (await chat.say("other", line.format(yy))).replace(yy, "")
        assert known == (await chat.say("other", line.format("YY999"))).replace("YY999", "")
    assert (await shown(chat, yy)).status is Status.REQUESTED
