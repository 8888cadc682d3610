"""What the rules are, how one instrument is booked, why something was said."""

import tomllib
from pathlib import Path

from bot.kit.texts import Texts
from handlers import rules
from store.policies import REGIONS, load
from tests.handlers.chat import ROOT, Chat
from tests.handlers.test_free import added

TABLE = tomllib.loads(Path(rules.__file__).with_suffix(".toml").read_text("utf-8"))


async def test_rules_stand_with_their_articles(chat: Chat) -> None:
    said = await chat.say("a", "规则")
    assert "市科函〔2023〕5号" in said
    assert "单位应及时回应（第（九）条）" in said
    assert "知识产权归用户（第（十二）条）" in said
    more = await chat.say("a", "下一页")
    assert "· 验收后 30 天内报备或入网（第（六）条）" in more
    assert "· 原值 20 万元及以上的要开放共享（第（一）条）" in more


async def test_the_rules_of_an_instrument(chat: Chat) -> None:
    number = await added(chat)
    said = await chat.say("a", f"规则 YQ{number}")
    assert "· 开放：工作日 8:30-12:00，14:00-17:30" in said
    assert "· 一次 30分钟 到 3天，按 15 分钟一格" in said
    assert "· 使用前和单位订合同 · 依据市科函〔2023〕5号第（十）条" in said
    assert len(said.split("\n")) <= 14
    assert "没有 YQ999 这台仪器" in await chat.say("a", "规则 YQ999")


async def test_why_after_a_summary_cites_the_article(chat: Chat) -> None:
    number = await added(chat)
    said = await chat.say("a", f"预约 YQ{number} 下周二9点到11点", "缸盖平面度")
    assert "核对" in said
    said = await chat.say("a", "为什么")
    assert "可以免费取消\n  文件没有规定，是平台的默认" in said
    assert "依据市科函〔2023〕5号第（十）条" in said


def test_every_rule_that_may_be_told_has_words() -> None:
    texts = Texts.load([ROOT / "handlers/texts", ROOT / "bot/texts"])
    named = {rule for several in TABLE["why"].values() for rule in several}
    for region in REGIONS:
        policy = load(region)
        for name in named | set(TABLE["told"]["rules"]):
            key = "rules." + name + (".no" if getattr(policy, name).value is False else "")
            if name in named or rules.stands(getattr(policy, name)):
                assert texts.find(key) == key
