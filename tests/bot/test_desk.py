"""The desk: order, repeats, pages, numbers, talks beside commands, changes in one transaction."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from bot.desk import Desk, House
from bot.kit.flow import Flow, ask
from bot.kit.heard import Act, Heard
from bot.kit.kinds import whole, words
from bot.kit.route import Router, Routes
from bot.kit.say import Answer, Say
from bot.kit.texts import Texts
from bot.listening import Listening
from store import audit, conversation, person, policies
from store.audit import AuditEntry
from store.context import Context
from store.conversation import Conversation, Repeat
from store.database import Database
from store.errors import Refused

router = Router("desk_test")
COPY = """
[echo]
text = "听到：{words}"
[list]
text = "共 {total} 台"
item = "{n}. {name}"
[opened]
text = "打开 {number}"
[long]
text = "{words}"
[changed]
text = "改好了"
[No]
text = "不行"
[count]
text = "第 {n} 次"
[order]
title = "下单"
[order.confirm]
text = "{size} 个，{why}"
[order.size]
text = "几个？例如「3」"
again = "写个数，例如「3」"
[order.why]
text = "做什么用？例如「测硬度」"
again = "写一句用途"
[order.done]
text = "收到：{size}，{why}"
[help]
text = "这是帮助"
[notice]
text = "隐私说明"
[lost]
text = "没听懂"
[person]
text = "找个人问问（{times}）"
"""
calls: list[str] = []


class No(Refused):
    """Refused, after something was written."""


@router.words("帮助")
async def helped(_context: Context, _heard: Heard) -> Say:
    return Say("desk_test.help")


@router.words("清单")
async def listed(_context: Context, _heard: Heard) -> Say:
    names = tuple({"name": f"仪器{n}"} for n in range(1, 4))
    return Say("desk_test.list", {"total": 3}, names, choices=("YQ7", "YQ8", "YQ9"))


@router.words("{number:YQ}")
async def opened(_context: Context, _heard: Heard, number: int) -> Say:
    return Say("desk_test.opened", {"number": number})


@router.words("长文")
async def long(_context: Context, _heard: Heard) -> Say:
    return Say("desk_test.long", {"words": "\n".join(f"第{n}行：" + "字" * 30 for n in range(60))})


@router.words("改 {what}", changes=True)
async def changed(context: Context, _heard: Heard, what: str) -> Say:
    calls.append(what)
    audit.record(context.session, context.person.id, "test", "thing:1", {}, context.now)
    if what == "坏":
        raise No
    return Say("desk_test.changed")


@router.words("出错")
async def faulty(_context: Context, _heard: Heard) -> Say:
    raise ZeroDivisionError


@router.words("改出错", changes=True)
async def faulty_change(context: Context, _heard: Heard) -> Say:
    audit.record(context.session, context.person.id, "test", "thing:2", {}, context.now)
    raise ZeroDivisionError


@router.fallback
async def echo(_context: Context, heard: Heard) -> Say:
    lost = heard.words == "乱码"
    return Say("desk_test.lost" if lost else "desk_test.echo", {"words": heard.words}, lost=lost)


class Order(Flow, name="desk_test.order"):
    """An order."""

    size: int = ask(whole(1, 9))
    why: str = ask(words(20))

    async def finish(self, context: Context) -> Say:
        calls.append(self.why)
        audit.record(context.session, context.person.id, "test", "order:1", {}, context.now)
        return Say("desk_test.order.done", {"size": self.size, "why": self.why})


router.flow(Order, "下单")


def notice(_context: Context) -> Say:
    return Say("desk_test.notice")


def lost(_context: Context, times: int) -> Say:
    return Say("desk_test.person", {"times": times})


class Follower:
    """Types at a desk."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime], openid: str = "o1") -> None:
        self.desk, self.clock, self.openid = desk, clock, openid
        self.numbers = count(1)

    async def says(self, text: str, key: str = "") -> str:
        answer = await self.hear(text, key)
        return answer.text if answer else ""

    async def hear(self, text: str, key: str = "") -> Answer | None:
        key = key or f"{self.openid}:{next(self.numbers)}"
        return await self.desk.hear(Heard(key, self.openid, self.clock(), Act.TEXT, text))


@pytest.fixture
def copy(tmp_path: Path) -> Texts:
    (tmp_path / "desk_test.toml").write_text(COPY, encoding="utf-8")
    here = Path(__file__).parents[2]
    return Texts.load([tmp_path, here / "bot/texts", here / "bot/kit/texts"])


class Moving:
    """A clock moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(now: datetime) -> Moving:
    return Moving(now)


def make_desk(database: Database, copy: Texts, clock: Moving) -> Desk:
    ids = count(1)
    house = House(
        database,
        policies.load("jinzhong"),
        cast("Any", None),
        "http://127.0.0.1",
        b"k" * 32,
        clock,
        random.Random(1),
        lambda: f"{next(ids):08d}",
    )
    return Desk(house, Listening(Routes(router), {Order.name: Order}, copy, lost, notice), copy)


@pytest.fixture
async def she(database: Database, copy: Texts, clock: Moving) -> Follower:
    calls.clear()
    await known(database, clock, "o1")
    return Follower(make_desk(database, copy, clock), clock)


async def known(database: Database, clock: Moving, *openids: str) -> None:
    """Followers who were told what is kept of them."""
    async with database.begin() as session:
        await conversation.admit(session, openids)
        for openid in openids:
            await person.notice(session, await person.by_openid(session, openid), clock())


async def test_the_privacy_notice_is_said_once(
    database: Database, copy: Texts, clock: Moving
) -> None:
    he = Follower(make_desk(database, copy, clock), clock, "o9")
    assert (await he.says("你好")).endswith("隐私说明")
    assert await he.says("你好") == "听到：你好"


async def test_a_talk_left_too_long_does_not_swallow_the_words(
    she: Follower, clock: Moving
) -> None:
    await she.says("下单")
    clock.at += timedelta(hours=1)
    assert (await she.says("你好")).startswith("听到：你好")
    await she.says("下单")
    clock.at += timedelta(hours=1)
    answer = await she.says("帮助")
    assert answer.startswith("这是帮助")
    assert "几个" not in answer


async def audited(database: Database) -> int:
    async with database.read() as session:
        return (await session.scalar(select(func.count()).select_from(AuditEntry))) or 0


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(
    she: Follower, database: Database, copy: Texts, clock: Moving
) -> None:
    first = await she.says("改 甲", key="m1")
    assert await she.says("改 甲", key="m1") == first == "改好了"
    restarted = Follower(make_desk(database, copy, clock), clock)
    assert await restarted.says("改 甲", key="m1") == first
    assert calls == ["甲"]
    assert await audited(database) == 1


async def test_deliveries_at_two_replicas_at_once_change_once(
    database: Database, copy: Texts, clock: Moving
) -> None:
    calls.clear()
    await known(database, clock, "o1")
    replicas = [Follower(make_desk(database, copy, clock), clock) for _ in range(4)]
    answers = await asyncio.gather(*(r.says("改 乙", key="m2") for r in replicas * 5))
    assert set(answers) == {"改好了"}
    assert await audited(database) == 1


async def test_many_followers_at_once_each_get_their_own(
    database: Database, copy: Texts, clock: Moving
) -> None:
    await known(database, clock, *(f"o{n}" for n in range(60)))
    desks = [make_desk(database, copy, clock) for _ in range(2)]
    many = [Follower(desks[n % 2], clock, f"o{n}") for n in range(60)]
    answers = await asyncio.gather(*(each.says(f"我是{each.openid}") for each in many))
    assert answers == [f"听到：我是{each.openid}" for each in many]


async def test_a_number_opens_the_line_of_the_last_list(she: Follower) -> None:
    assert "1. 仪器1" in await she.says("清单")
    assert await she.says("帮助") == "这是帮助"
    assert await she.says("２") == "打开 8"
    assert await she.says("第三个") == "打开 9"
    assert "1–3" in await she.says("7")


async def test_long_text_comes_in_parts(she: Follower) -> None:
    texts = [await she.says("长文")]
    while "下一页" in texts[-1]:
        texts.append(await she.says("下一页"))
    assert all(len(text.encode()) <= 2000 for text in texts)
    lines = [line for text in texts for line in text.splitlines() if line.startswith("第")]
    assert lines == [f"第{n}行：" + "字" * 30 for n in range(60)]


async def test_refused_change_leaves_nothing(she: Follower, database: Database) -> None:
    assert await she.says("改 坏") == "不行"
    assert await audited(database) == 0


async def test_a_fault_is_told_with_its_number(she: Follower, database: Database) -> None:
    assert "00000001" in await she.says("出错")
    assert "00000002" in await she.says("改出错")
    assert await audited(database) == 0
    assert await she.says("你好") == "听到：你好"


async def test_a_talk_to_its_end(she: Follower, database: Database) -> None:
    assert "几个" in await she.says("下单")
    assert "做什么用" in await she.says("三个")
    assert "3" in await she.says("测硬度")
    assert await she.says("确认", key="c1") == "收到：3，测硬度"
    assert await she.says("确认", key="c1") == "收到：3，测硬度"
    assert await she.says("确认") == "收到：3，测硬度"
    assert await she.says("1") == "收到：3，测硬度"
    assert calls == ["测硬度"]
    await she.says("你好")
    assert "没有正在办" in await she.says("确认")
    assert await audited(database) == 1


async def test_a_command_in_the_middle_is_answered_and_the_question_put_again(
    she: Follower,
) -> None:
    await she.says("下单")
    await she.says("3")
    answer = await she.says("帮助")
    assert answer.startswith("这是帮助")
    assert "做什么用" in answer
    assert "测硬度" in await she.says("测硬度")


async def test_an_interrupting_list_takes_the_numbers(she: Follower) -> None:
    await she.says("下单")
    await she.says("3")
    await she.says("测硬度")
    await she.says("清单")
    answer = await she.says("1")
    assert answer.startswith("打开 7")
    assert calls == []
    assert await she.says("确认") == "收到：3，测硬度"


async def test_left_talk_comes_back_within_ten_minutes(
    she: Follower, database: Database, copy: Texts, clock: Moving
) -> None:
    await she.says("下单")
    await she.says("3")
    await she.says("取消")
    clock.at += timedelta(minutes=9)
    again = Follower(make_desk(database, copy, clock), clock, she.openid)
    again.numbers = count(100)
    assert "做什么用" in await again.says("继续")
    assert "测硬度" in await again.says("测硬度")


async def test_what_is_said_in_a_talk_is_not_kept_in_the_clear(
    she: Follower, database: Database
) -> None:
    await she.says("下单")
    await she.says("3")
    await she.says("王小明要用")
    async with database.read() as session:
        kept = str((await session.execute(select(Conversation.state))).all())
        said = str((await session.execute(select(Repeat.said))).all())
    assert "王小明" not in kept + said
    assert "下单" not in kept


async def test_lost_again_and_again_brings_a_person(she: Follower) -> None:
    assert await she.says("乱码") == "没听懂"
    assert "找个人问问（2）" in await she.says("乱码")
    await she.says("帮助")
    assert await she.says("乱码") == "没听懂"


async def test_an_answer_kept_is_given_on_request(she: Follower, clock: Moving) -> None:
    heard = Heard("slow", she.openid, clock(), Act.TEXT, "慢")
    await she.desk.keep(heard, Answer("听到：慢", Say("desk_test.echo", {"words": "慢"})))
    assert await she.says("继续") == "听到：慢"
    assert "没有正在办" in await she.says("继续")
