"""Tickets in chat, between a user, a keeper and the bureau, on either database."""

from datetime import timedelta

from sqlalchemy import func, select

from store.person import Role
from store.ticket import Status, Ticket
from store.ticket.deeds import sweep
from store.ticket.table import TicketWord
from tests.handlers.chat import POLICY, Chat
from tests.store.search.catalogue import Shelf

UNIT = "晋中理工学院"
SEM = "扫描电子显微镜"


async def served(chat: Chat) -> int:
    """A catalogue with one instrument, its keeper, and the bureau."""
    number = await Shelf(chat.database, chat.now).add(SEM, unit=UNIT)
    await chat.catalogue.follow(chat.database)
    await chat.say("keeper", f"绑定 {await chat.code(Role.KEEPER, UNIT)}")
    await chat.say("bureau", f"绑定 {await chat.code(Role.BUREAU)}")
    return number


async def ticket(chat: Chat, number: int) -> Ticket:
    async with chat.database.read() as session:
        return await session.get_one(Ticket, number)


async def test_a_demand_finds_who_can_serve_it(chat: Chat) -> None:
    await served(chat)
    said = await chat.say("user", "需求 扫描电子显微镜看金属断口，三个样")
    assert "已登记需求 XQ1" in said
    assert "已告诉 1 家可能做得了的单位" in said
    assert SEM in said
    assert "XQ1 需求：扫描电子显微镜看金属断口，三个样" in await chat.say("keeper", "待办")
    assert "能做写「能做 XQ1" in await chat.say("keeper", "1")
    assert "用户会收到" in await chat.say("keeper", "能做 XQ1 可以，每样 200 元，三天")
    card = await chat.say("user", "XQ1")
    assert "已答复，等您的意见" in card
    assert f"· {UNIT}（2026年11月20日）：可以，每样 200 元，三天" in card
    assert "XQ1 已办结" in await chat.say("user", "满意 XQ1 5")
    assert "您打了 5 分" in await chat.say("user", "XQ1")


async def test_a_demand_that_nobody_can_serve_goes_to_the_bureau(chat: Chat) -> None:
    await served(chat)
    assert "XQ1" in await chat.say("user", "需求", "想测深海沉积物的古地磁")
    assert (await ticket(chat, 1)).status is Status.AT_BUREAU
    assert "XQ1" in await chat.say("bureau", "待办")


async def test_a_complaint_is_the_bureau_s(chat: Chat) -> None:
    await served(chat)
    said = await chat.say("user", "投诉 YQ1 预约了没人开门")
    assert "已登记投诉 GD1，由晋中市科学技术局处理，11月24日（周二）18:00 前答复" in said
    assert "GD1 投诉" in await chat.say("bureau", "待办", "1")
    await chat.say("bureau", "答复 GD1 已责成单位补做，本周内联系您")
    again = await chat.say("user", "不满意 GD1 还是没人联系")
    assert "已转晋中市科学技术局" in again
    assert "依据市科函〔2023〕5号第（十三）条" in again
    await chat.say("user", "补充 GD1 等到现在", "撤回 GD1")
    assert (await ticket(chat, 1)).status is Status.WITHDRAWN
    assert "不能再补充" in await chat.say("user", "补充 GD1 又想起来了")


async def test_trouble_is_the_keeper_s_and_asks_only_what_is_missing(chat: Chat) -> None:
    await served(chat)
    assert "YQ1 出了什么问题" in await chat.say("user", "报修 YQ1")
    assert "已报修 GD1" in await chat.say("user", "真空抽不下去")
    assert "GD1 报修：真空抽不下去" in await chat.say("keeper", "待办")
    assert "没有 YQ99 这台仪器" in await chat.say("user", "报修 YQ99 坏了")


async def test_a_stranger_sees_nothing(chat: Chat) -> None:
    await served(chat)
    await chat.say("user", "投诉 机主态度不好")
    hidden = await chat.say("stranger", "GD1")
    assert hidden == (await chat.say("stranger", "GD77")).replace("GD77", "GD1")
    for line in ("补充 GD1 试试", "答复 GD1 试试", "满意 GD1 5", "撤回 GD1", "XQ1"):
        assert "没有" in await chat.say("stranger", line)
    assert "没有 GD1" in await chat.say("keeper", "GD1")
    assert (await ticket(chat, 1)).version == 1


async def test_silence_goes_to_the_bureau_and_then_closes(chat: Chat) -> None:
    await served(chat)
    await chat.say("user", "报修 YQ1 有异响")
    chat.now += timedelta(days=5)
    assert await swept(chat) == 1
    assert (await ticket(chat, 1)).status is Status.AT_BUREAU
    await chat.say("bureau", "答复 GD1 已请厂家来修")
    chat.now += timedelta(days=30)
    assert await swept(chat) == 1
    assert await swept(chat) == 0
    assert (await ticket(chat, 1)).status is Status.RESOLVED


async def swept(chat: Chat) -> int:
    async with chat.database.begin() as session:
        return await sweep(session, POLICY, chat.now)


async def test_words_are_sealed_and_go_with_their_author(chat: Chat) -> None:
    await served(chat)
    await chat.say("user", "投诉 我叫张三丰电话13912345678没人理")
    async with chat.database.read() as session:
        sealed = await session.scalar(select(TicketWord.sealed))
        assert sealed is not None
        assert "张三丰".encode() not in sealed
    await chat.say("user", "注销", "确认")
    assert "本人已注销" in await chat.say("bureau", "GD1")


async def test_too_long_and_empty_change_nothing(chat: Chat) -> None:
    await served(chat)
    await chat.say("user", "需求 " + "测" * 600)
    await chat.say("user", "投诉", "取消")
    async with chat.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 0
