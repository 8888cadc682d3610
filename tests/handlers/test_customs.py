"""Supervised imports: no outside use without the customs' number, and only for three kinds."""

from datetime import date

import pytest

from store.person import Role
from tests.handlers import asked
from tests.handlers.chat import Chat

TIME = "下周二上午9点到11点"


@pytest.fixture
async def number(chat: Chat) -> int:
    """A supervised instrument with a keeper, and one who wants it."""
    await chat.say("o1", "你好")
    await asked.follow(chat, "k", Role.KEEPER)
    number = await asked.instrument(
        chat,
        service_modes=["self"],
        customs_supervised=True,
        customs_released_on=date(2025, 6, 1),
    )
    await chat.catalogue.follow(chat.database)
    return number


async def test_no_outside_use_without_the_number(chat: Chat, number: int) -> None:
    text = await chat.say("o1", f"约YQ{number}{TIME}")
    assert "海关监管期内" in text
    text = await chat.say("k", f"海关批准 YQ{number} 并关函〔2026〕15号")
    assert "已登记" in text
    text = await chat.say("o1", f"约YQ{number}{TIME}")
    assert "用途是什么" in text
    assert "科学研究" in await chat.say("o1", "缸盖平面度")
    assert "请核对" in await chat.say("o1", "教学：缸盖平面度")


async def test_who_does_not_keep_it_has_no_say(chat: Chat, number: int) -> None:
    await asked.follow(chat, "k2", Role.KEEPER, "介休机械有限公司")
    await chat.say("k2", f"海关批准 YQ{number} 并关函〔2026〕15号")
    assert "海关监管期内" in await chat.say("o1", f"约YQ{number}{TIME}")
