"""What the bureau reads of searches, and that nobody else does."""

import pytest

from store.person import Grant, Role, give
from store.search import usage
from tests.handlers.chat import Chat
from tests.store.people import SECRET
from tests.store.search.catalogue import Shelf


async def counted(chat: Chat) -> None:
    await usage.flush(chat.database, chat.catalogue.usage, SECRET, chat.now)


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument that people look for."""
    number = await Shelf(chat.database, chat.now).add("扫描电镜")
    await chat.catalogue.follow(chat.database)
    return number


async def test_the_bureau_reads_what_was_missed_and_opened(chat: Chat, number: int) -> None:
    await chat.say("bureau", "帮助")
    async with chat.database.begin() as session:
        await give(session, await chat.id("bureau"), Grant(Role.BUREAU), chat.now)
    assert "还没有人找过" in await chat.say("bureau", "搜索统计")
    for who in ("一", "二", "三"):
        await chat.say(who, "扫描电镜")
        await chat.say(who, "1")
        await chat.say(who, "量子计算机")
    await chat.say("一", "王小二的手机13912345678")
    await chat.say("一", f"YQ{number}")
    await counted(chat)
    said = await chat.say("bureau", "搜索统计")
    assert "找仪器 7 次，其中 4 次没找到" in said
    assert "· 量子计算机 3 次" in said
    assert "另有 1 种说法" in said
    assert "· 扫描电镜 3 次" in said
    assert f"· 扫描电镜 → 扫描电镜（YQ{number}）3 次" in said
    assert "王小二" not in said
    assert "近 7 天" in await chat.say("bureau", "搜索统计 7")
    assert "近 366 天" in await chat.say("bureau", "搜索统计9999")


async def test_nobody_else_does(chat: Chat) -> None:
    await chat.say("她", "电镜")
    await counted(chat)
    assert "次没找到" not in await chat.say("她", "搜索统计")
