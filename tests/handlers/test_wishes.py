"""Free words at the desk: the same handler as the command; questions keep their answers."""

from dataclasses import dataclass, replace

import pytest

from bot.desk import Desk
from bot.kit import intents
from bot.kit.intents import Intent
from bot.wishing import Wishes
from store.person import Role
from tests.handlers.chat import Chat, listening


@pytest.mark.parametrize(
    ("free", "typed"),
    [
        ("看看我的资料", "我的资料"),
        ("怎么用啊", "帮助"),
        ("打开菜单", "菜单"),
        ("转人工", "人工"),
        ("我有邀请码", "绑定"),
        ("把我的信息删了", "注销"),
        ("我想退出绑定", "注销"),
        ("我想改手机号", "电话"),
        ("改一下邮箱", "邮箱"),
        ("隐私政策在哪看", "隐私说明"),
        ("附近有什么仪器", "附近"),
        ("谢谢老师", "谢谢"),
        ("我有多少券", "创新券"),
        ("我有什么预约", "我的预约"),
        ("算了不弄了", "取消"),
        ("回到上一步", "返回"),
    ],
)
async def test_free_words_get_what_the_command_gets(chat: Chat, free: str, typed: str) -> None:
    await chat.say("o1", "你好")
    await chat.say("o2", "你好")
    assert await chat.say("o1", free) == await chat.say("o2", typed)


@pytest.mark.parametrize("words", ["测土壤里的重金属", "预约系统用的显微镜", "电子天平", "送丝机"])
async def test_a_search_stays_one(chat: Chat, words: str) -> None:
    await chat.say("o1", "你好")
    await chat.say("o2", "你好")
    assert await chat.say("o1", words) == await chat.say("o2", f"搜 {words}")


async def test_a_changing_command_in_free_words_changes(chat: Chat) -> None:
    await chat.say("o1", "我的手机号改成13800001234")
    assert "138****1234" in await chat.say("o1", "我的资料")
    code = await chat.code(Role.KEEPER, "晋中精密铸造有限公司")
    assert "绑定成功：机主" in await chat.say("o1", f"我的邀请码是{code}")


async def test_roles_hold_for_free_words_too(chat: Chat) -> None:
    assert "您的账号还不能用" in await chat.say("o1", "有什么要我处理的")
    assert "您的账号还不能用" in await chat.say("o1", "我想邀请同事")


async def test_typed_commands_go_before_free_words(chat: Chat) -> None:
    assert "欧**" in await chat.say("o1", "我叫欧阳修")
    assert "欧**" in await chat.say("o1", "姓名 欧阳修")


async def test_asked_in_the_middle(chat: Chat) -> None:
    """As in VOICE.md: answered, and the open question put again."""
    await chat.say("o1", "姓名")
    answer = await chat.say("o1", "我还有多少券")
    assert answer.startswith("创新券发给企业")
    assert answer.endswith("例如「张三」。加密保存，列表里只显示「张*」。")
    assert "王**" in await chat.say("o1", "王小明")


async def test_an_answer_is_an_answer(chat: Chat) -> None:
    await chat.say("o1", "姓名")
    assert "维*" in await chat.say("o1", "维修")


async def test_steering_in_free_words(chat: Chat) -> None:
    await chat.say("o1", "姓名")
    assert "先不办了" in await chat.say("o1", "算了不弄了")
    assert "怎么称呼" in await chat.say("o1", "接着刚才的")
    await chat.say("o1", "不办了")
    assert "没有正在办的事" in await chat.say("o1", "确认无误，提交吧")


async def test_a_summary_is_confirmed_by_a_plain_yes_alone(chat: Chat) -> None:
    await chat.say("o1", "姓名 王小明")
    await chat.say("o1", "注销")
    for words in ("确认吗", "先不确认", "没问题吗", "确认之后会怎样", "怎么确认"):
        assert "已注销" not in await chat.say("o1", words), words
    assert "已注销" in await chat.say("o1", "确认无误，提交吧")


async def test_a_noun_in_a_wrong_answer_starts_nothing(chat: Chat) -> None:
    await chat.say("o1", "绑定")
    assert (await chat.say("o1", "我的单位代码")).startswith("邀请码是 10 位")


# A second opinion


@dataclass
class Second:
    """Says what it was told to, and counts how often it was asked."""

    intent: Intent | None = None
    asked: int = 0
    known: bool = True

    async def ask(self, words: str) -> Intent | None:
        self.asked += 1
        return self.intent

    def recall(self, words: str) -> Intent | None:
        return self.intent if self.known else None


def advised(chat: Chat, second: Second) -> None:
    wishes = Wishes(intents.reader().read, second.recall, second.ask)
    heard = replace(listening(), wishes=wishes)
    chat.desk = Desk(chat.desk._house, heard, heard.texts)


async def test_a_second_opinion_is_asked_where_nothing_is_known(chat: Chat) -> None:
    await chat.say("o1", "你好")
    second = Second(Intent("vouchers", "创新券", sure=False))
    advised(chat, second)
    assert (await chat.say("o1", "政府抵钱那玩意儿还剩不")).startswith("创新券发给企业")
    assert second.asked == 1
    await chat.say("o1", "怎么用")
    await chat.say("o1", "我的资料")
    await chat.say("o1", "1")
    assert second.asked == 1


async def test_a_newcomer_is_asked_about_once_outside_the_transaction(chat: Chat) -> None:
    """The first message is heard twice, for the notice is written down: the model only once."""
    second = Second(Intent("vouchers", "创新券", sure=False))
    advised(chat, second)
    answer = await chat.say("o7", "政府抵钱那玩意儿还剩不")
    assert answer.startswith("创新券发给企业")
    assert "隐私" in answer
    assert second.asked == 1


@pytest.mark.parametrize(
    "intent", [None, Intent("x", "没有这样的命令"), Intent("cancel", "取消"), Intent("x", "")]
)
async def test_without_a_useful_one_all_is_as_before(chat: Chat, intent: Intent | None) -> None:
    await chat.say("o1", "你好")
    plain = await chat.say("o1", "政府抵钱那玩意儿还剩不")
    await chat.say("o1", "你好")
    advised(chat, Second(intent))
    assert await chat.say("o1", "政府抵钱那玩意儿还剩不") == plain


async def test_a_second_opinion_that_begins_a_talk(chat: Chat) -> None:
    await chat.say("o1", "你好")
    advised(chat, Second(Intent("delete_account", "注销", sure=False)))
    assert "注销前请核对" in await chat.say("o1", "政府抵钱那玩意儿还剩不")


async def test_in_a_talk_nobody_else_is_asked(chat: Chat) -> None:
    second = Second()
    advised(chat, second)
    await chat.say("o1", "绑定")
    await chat.say("o1", "政府抵钱那玩意儿还剩不")
    assert second.asked == 0


def test_a_typed_command_is_not_looked_up() -> None:
    read: list[str] = []

    def counting(words: str) -> Intent | None:
        read.append(words)
        return None

    routes = listening().routes
    assert Wishes(counting).of(routes, "帮助").words == "帮助"
    assert read == []
    assert Wishes(counting).of(routes, "测农残").match is None
    assert read == ["测农残"]
