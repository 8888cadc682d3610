"""Answers in the platform's shapes, within its limits, whatever is in them."""

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import create_reply, parse_message
from xmltodict import parse

from bot.kit.heard import Act, Heard
from bot.wechat.render import LIMIT, customer, link, reply, tap, within
from tests.bot.wechat.pushing import NOW, OPENID, answer, text, xml

HEARD = Heard("k", OPENID, NOW, Act.TEXT, "离心机")
ACCOUNT = "gh_0123456789ab"
ANY = st.text(st.characters(codec=None) | st.sampled_from("]]>&<\0\x08\ud800测"))
CARD = {
    "title": "三坐标测量机",
    "description": "太谷 · 200元/小时",
    "picture": "https://127.0.0.1/p.jpg",
    "address": "https://127.0.0.1/YQ12?a=1&b=2",
}


def xml_of(said: str, **say: Any) -> dict[str, Any]:
    made = reply(answer(said, **say), HEARD, ACCOUNT)
    assert made is not None
    return dict(parse(made, strip_whitespace=False)["xml"])


def json_of(said: str, **say: Any) -> dict[str, Any]:
    made = reply(answer(said, **say), HEARD, ACCOUNT, as_json=True)
    assert made is not None
    return dict(json.loads(made))


def test_text() -> None:
    oracle = create_reply("您好", parse_message(xml(text()))).render()
    expected = dict(parse(oracle)["xml"]) | {"CreateTime": str(int(NOW.timestamp()))}
    assert xml_of("您好") == expected
    assert json_of("您好") == expected | {"CreateTime": int(NOW.timestamp())}


def test_nothing() -> None:
    for as_json in (False, True):
        assert reply(answer(""), HEARD, ACCOUNT, as_json=as_json) is None
    assert customer(answer("\x00"), OPENID) is None


def test_section_ends_and_control_characters() -> None:
    evil = "a]]></Content><MsgType>news</MsgType>]]]]>>\x08\x00b\ud800"
    safe = "a]]></Content><MsgType>news</MsgType>]]]]>>b"
    for made in (xml_of(evil), json_of(evil)):
        assert (made["Content"], made["MsgType"]) == (safe, "text")


@given(ANY)
def test_any_text_comes_whole_or_cut(said: str) -> None:
    for made in (reply(answer(said), HEARD, ACCOUNT), customer(answer(said), OPENID)):
        if made is None:
            continue
        content = parse(made, strip_whitespace=False)["xml"]["Content"] if isinstance(
            made, bytes
        ) else made["text"]["content"]  # fmt: skip
        kept = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", said)
        assert (content or "").replace("\r\n", "\n").replace("\r", "\n") == kept.replace(
            "\r\n", "\n"
        ).replace("\r", "\n")


@given(st.text(st.sampled_from("a测é\U0001f600"), max_size=900), st.integers(0, 2100))
def test_text_is_cut_at_a_character(said: str, limit: int) -> None:
    cut = within(said, limit)
    assert said.startswith(cut)
    assert len(cut.encode()) <= limit
    assert cut == said or len(said[: len(cut) + 1].encode()) > limit


def test_text_is_cut_before_a_link() -> None:
    tapped = tap("下一页", "下一页")
    for size in range(LIMIT - len(tapped.encode()) - 3, LIMIT + 3):
        content = xml_of("x" * size + tapped + "y")["Content"]
        assert len(content.encode()) <= LIMIT
        assert content.count("<a ") == content.count("</a>")
        assert "<a" not in content or tapped in content


def test_card() -> None:
    made = xml_of("不用的话", card=CARD)
    assert (made["MsgType"], made["ArticleCount"]) == ("news", "1")
    item = made["Articles"]["item"]
    assert item == {
        "Title": CARD["title"],
        "Description": CARD["description"],
        "PicUrl": CARD["picture"],
        "Url": CARD["address"],
    }
    assert json_of("不用的话", card=CARD)["Articles"] == [item]
    sent = customer(answer("不用的话", card=CARD), OPENID)
    assert sent == {
        "touser": OPENID,
        "msgtype": "news",
        "news": {
            "articles": [
                {
                    "title": CARD["title"],
                    "description": CARD["description"],
                    "url": CARD["address"],
                    "picurl": CARD["picture"],
                }
            ]
        },
    }


def test_card_says_the_text_when_it_has_no_description() -> None:
    made = xml_of("仪器说明]]>", card={"title": "仪器", "address": "javascript:alert(1)"})
    item = made["Articles"]["item"]
    assert item["Description"] == "仪器说明]]>"
    assert item["Url"] is None
    assert item["PicUrl"] is None


def test_customer_text() -> None:
    assert customer(answer("您好"), OPENID) == {
        "touser": OPENID,
        "msgtype": "text",
        "text": {"content": "您好"},
    }
    sent = customer(answer("测" * 1000), OPENID)
    assert sent is not None
    assert len(sent["text"]["content"].encode()) <= LIMIT


@given(ANY, ANY)
def test_a_tap_types_its_words_and_is_one_link(label: str, words: str) -> None:
    made = tap(label, words)
    found = re.fullmatch(
        r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&<>\s]*)&msgmenuid=1">([^<>]*)</a>',
        made,
    )
    assert found
    assert unquote(found[1]) == re.sub(
        "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", words
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_the_same_answer_is_rendered_the_same(as_json: bool) -> None:
    made = {reply(answer("您好"), HEARD, ACCOUNT, as_json=as_json) for _ in range(3)}
    assert len(made) == 1


@given(ANY, ANY)
def test_a_link_is_one_link(title: str, address: str) -> None:
    assert re.fullmatch(r'<a href="[^"<>\s]*">[^<>]*</a>', link(title, address))
