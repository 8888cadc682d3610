"""What is not open yet: honest, with the instrument and the way there is today."""

import re
import tomllib

import pytest

from bot.kit.intents import reader
from tests.handlers.chat import ROOT, Chat, listening
from tests.store.search.catalogue import Shelf

TOPICS = tomllib.loads((ROOT / "handlers/texts/coming.toml").read_text("utf-8"))
LINES = ["同意 BB12", "退回 BB12 缺图", "同意 PY12", "怎么备案", "公告", "最新清单", "统计"]


@pytest.fixture
async def number(chat: Chat) -> int:
    """An instrument that is there."""
    shelf = Shelf(chat.database, chat.now)
    found = await shelf.add("三坐标测量机", model="GLOBAL", phone="0354-5550110")
    await chat.catalogue.follow(chat.database)
    await chat.say("o1", "你好")
    return found


@pytest.mark.parametrize("line", LINES)
async def test_every_line_of_the_interface_is_answered(chat: Chat, number: int, line: str) -> None:
    text = await chat.say("o1", line)
    assert "还没开通" in text
    assert "为您找到" not in text
    assert "{" not in text
    assert len(text.splitlines()) <= 12


async def test_the_price_of_one_stands_on_its_card(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"YQ{number}多少钱一小时")
    assert text.startswith("三坐标测量机 GLOBAL")


async def test_an_unknown_number_is_said_so(chat: Chat, number: int) -> None:
    assert "没有 YQ99999 这台仪器" in await chat.say("o1", "预约 YQ99999 明天上午9点到11点")


@pytest.mark.parametrize("words", ["HT7700", "ht 7700", "GD-1000", "XQ1", "BB12", "PY3", "CXQ9"])
async def test_a_number_that_nobody_has(chat: Chat, number: int, words: str) -> None:
    letters = re.sub(r"[^A-Z]", "", words.upper())
    text = await chat.say("o1", words)
    assert f"没有 {letters}" in text


async def test_a_models_name_is_not_taken_for_a_number(chat: Chat) -> None:
    shelf = Shelf(chat.database, chat.now)
    await shelf.add("透射电子显微镜", model="HT7700")
    await chat.catalogue.follow(chat.database)
    assert "透射电子显微镜 HT7700" in await chat.say("o1", "HT7700")


async def test_nothing_is_promised(chat: Chat) -> None:
    for topic, table in TOPICS.items():
        text = str(table)
        assert not re.search(r"\d+月|明年|下个?月|马上|很快|即将|敬请", text), topic
        assert "！" not in text, topic


def test_every_intent_leads_to_a_handler() -> None:
    """What the tables understand, something answers: nothing falls into a hole."""
    routes = listening().routes
    unled = {
        rule.name
        for rule in reader().rules
        for numbers in [ANY.get(rule.name, ("YY12",))]
        for said in numbers
        if rule.name not in {"next_page", "back", "cancel", "resume", "confirm"}
        and routes.command(_filled(rule.typed, said)) is None
    }
    assert unled == set()


ANY = {
    "approve": ("YY12", "BB12", "PY12"),
    "reject": ("YY12", "HT12", "BB12", "PY12"),
    "send_back": ("BB12", "PY12"),
    "ticket": ("GD12", "XQ12", "BB12", "PY12"),
    "ticket_add": ("GD12", "XQ12"),
    "ticket_withdraw": ("GD12", "XQ12", "CXQ12"),
    "ticket_satisfied": ("GD12", "XQ12"),
    "ticket_unsatisfied": ("GD12", "XQ12"),
}
"""The numbers that the rules with `{any}` take."""


def _filled(typed: str, said: str) -> str:
    told = {"yq": "YQ12", "yy": "YY12", "cxq": "CXQ12", "ht": "HT12", "any": said, "stars": "5"}
    return re.sub(r"\{(\w+)\}", lambda slot: told.get(slot[1], "三坐标"), typed)
