from datetime import timedelta

import pytest

from bot.kit.heard import Act
from store.person import Person, Role
from tests.handlers.chat import Chat, listening


async def test_new_again_and_gone(chat: Chat) -> None:
    first = await chat.do("o1", Act.FOLLOW)
    assert first.startswith("您好，这里是仪享晋中，晋中市科学技术局")
    assert "隐私说明" in first
    assert "180 天" in first
    await chat.do("o1", Act.LEAVE)
    async with chat.database.read() as session:
        row = await session.get_one(Person, await chat.id("o1"))
        assert row.left_at == chat.now
        assert row.noticed_at is not None
    again = await chat.do("o1", Act.FOLLOW)
    assert again.startswith("欢迎回来")
    assert "隐私说明" not in again
    async with chat.database.read() as session:
        assert (await session.get_one(Person, await chat.id("o1"))).left_at is None


async def test_following_by_an_instruments_code(chat: Chat) -> None:
    text = await chat.do("o1", Act.FOLLOW, "YQ12")
    assert text.startswith("您好，这里是仪享晋中")
    assert "YQ12" in text
    assert "隐私说明" in text


async def test_following_by_another_code(chat: Chat) -> None:
    assert "直接写要测什么" in await chat.do("o1", Act.FOLLOW, "poster-3")


async def test_menu_is_numbered_and_leads_on(chat: Chat) -> None:
    text = await chat.say("o1", "你好", "菜单")
    assert "1. 找仪器" in text
    assert "待办" not in text
    assert len(text.splitlines()) <= 12
    assert "您现在没有预约" in await chat.say("o1", "2")


async def test_the_longest_menu_fits_a_phone(chat: Chat) -> None:
    await chat.say("o1", f"绑定 {await chat.code(Role.KEEPER, '晋中精密铸造有限公司')}")
    text = await chat.say("o1", "菜单")
    assert "待办" in text
    assert len(text.splitlines()) <= 12


async def test_a_person_to_turn_to(chat: Chat) -> None:
    text = await chat.say("o1", "人工")
    assert "晋中市科学技术局" in text
    assert "工作日 8:30–17:30" in text
    assert "「留言 要问的事」" in text
    assert "电话 \n" not in text


async def test_lost_once_twice_three_times(chat: Chat) -> None:
    assert "也可以这样" not in await chat.say("o1", "嗯嗯")
    assert "也可以这样" in await chat.say("o1", "啊啊")
    assert "晋中市科学技术局" in await chat.say("o1", "哦哦")
    await chat.say("o1", "帮助")
    assert "也可以这样" not in await chat.say("o1", "嗯嗯")


@pytest.mark.parametrize(
    "words", ["帮助", "菜单", "人工", "隐私", "我的资料", "我的单位", "待办", "绑定"]
)
async def test_everything_answers_newcomers(chat: Chat, words: str) -> None:
    text = await chat.say("o1", words)
    assert text
    assert "{" not in text
    assert "您" in text or "回复" in text


async def test_the_privacy_notice_whenever_asked(chat: Chat) -> None:
    chat.now += timedelta(days=1)
    told = await chat.say("o1", "隐私说明")
    assert "取消关注 180 天后销毁（依据《中华人民共和国个人信息保护法》第十九条）" in told


async def test_what_has_no_words_is_answered(chat: Chat) -> None:
    for act in (Act.PICTURE, Act.OTHER):
        assert "看不了" in await chat.do("o1", act)
    assert (await chat.do("o1", Act.SCAN, "poster-3")).startswith("您好")


@pytest.mark.parametrize("words", ["公告", "统计", "同意 BB12", "怎么备案"])
async def test_what_is_not_there_yet_is_said_so(chat: Chat, words: str) -> None:
    assert "还没开通" in await chat.say("o1", words)


def test_texts_have_no_mistakes() -> None:
    heard = listening()
    for path, source in heard.texts.sources.items():
        assert "你" not in source, path
        assert "!!" not in source, path
