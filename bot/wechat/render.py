"""An answer as the platform wants it: passive reply in XML or JSON, customer-service body, taps.

All pure. An answer's length and characters were seen to when it was composed; here is the last
wall, for the platform fails silently beyond it: text within 2,000 UTF-8 bytes, nothing that XML
can't carry, `]]>` kept from closing its section (wechatpy lets it), one article.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.kit.heard import Heard
from bot.kit.say import Answer, Facts
from bot.wechat.envelope import SPLIT

LIMIT = 2000
"""UTF-8 bytes of a text; the platform was measured to take 2,048."""
TITLE, DESCRIPTION, ADDRESS = 64, 512, 1024
"""Characters of an article's parts."""
MENU = "1"
"""Comes back as `bizmsgmenuid` with every tapped link."""
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
OPEN_LINK = re.compile(r"<a\b(?:(?!</a>).)*\Z", re.DOTALL)
BRACKETS = str.maketrans({"<": "\uff1c", ">": "\uff1e"})
SUCCESS = b"success"

TEXT = (
    "<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName>"
    "<CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[%s]]></Content></xml>"
)
NEWS = (
    "<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName>"
    "<CreateTime>%d</CreateTime><MsgType><![CDATA[news]]></MsgType>"
    "<ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[%s]]></Title>"
    "<Description><![CDATA[%s]]></Description><PicUrl><![CDATA[%s]]></PicUrl>"
    "<Url><![CDATA[%s]]></Url></item></Articles></xml>"
)


def reply(answer: Answer, heard: Heard, account: str, *, as_json: bool = False) -> bytes | None:
    """The passive reply to a message, unsealed; None when there is nothing to say.

    It carries the message's own second, so that every rendering of the same answer is the same.
    """
    second = int(heard.at.timestamp())
    if as_json:
        return _json(answer, heard.openid, account, second)
    if answer.say.card is not None:
        parts = map(cdata, article(answer.say.card, answer.text))
        return (NEWS % (heard.openid, account, second, *parts)).encode()
    text = within(legal(answer.text))
    if not text:
        return None
    return (TEXT % (heard.openid, account, second, cdata(text))).encode()


def customer(answer: Answer, openid: str) -> dict[str, Any] | None:
    """The same answer as a customer-service message; None when there is nothing to say.

    Must be sent without escaping to ASCII: the platform shows such escapes as they are (40033).
    """
    if answer.say.card is not None:
        title, description, picture, address = article(answer.say.card, answer.text)
        page = {"title": title, "description": description, "url": address, "picurl": picture}
        return {"touser": openid, "msgtype": "news", "news": {"articles": [page]}}
    text = within(legal(answer.text))
    return {"touser": openid, "msgtype": "text", "text": {"content": text}} if text else None


def tap(label: str, words: str) -> str:
    """A link that makes the follower send these words."""
    content = quote(legal(words), safe="")
    shown = (label or words).translate(BRACKETS)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={MENU}">{shown}</a>'


def link(title: str, address: str) -> str:
    """A link that opens a page of ours."""
    shown = title.translate(BRACKETS)
    return f'<a href="{quote(legal(address), safe=":/?&=%#")}">{shown}</a>'


def article(card: Facts, text: str) -> tuple[str, str, str, str]:
    """Title, description, picture and address of the one article."""
    return (
        legal(str(card.get("title") or ""))[:TITLE],
        legal(str(card.get("description") or text))[:DESCRIPTION],
        _web(card.get("picture")),
        _web(card.get("address")),
    )


def legal(text: str) -> str:
    """Text without what XML can't carry: control characters and lone surrogates."""
    return ILLEGAL.sub("", text) if ILLEGAL.search(text) else text


def within(text: str, limit: int = LIMIT) -> str:
    """At most so many UTF-8 bytes, never ending inside a character or a link."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    return OPEN_LINK.sub("", raw[:limit].decode("utf-8", "ignore"))


def cdata(text: str) -> str:
    """Text for inside a CDATA section."""
    return text.replace("]]>", SPLIT)


def _web(address: object) -> str:
    """A web address, or none: an article that opens anything else is not ours."""
    text = legal(str(address or ""))
    return text if text.startswith(("https://", "http://")) and len(text) <= ADDRESS else ""


def _json(answer: Answer, openid: str, account: str, second: int) -> bytes | None:
    """The passive reply where the console is set to JSON."""
    head = {"ToUserName": openid, "FromUserName": account, "CreateTime": second}
    body: Mapping[str, Any]
    if answer.say.card is not None:
        names = ("Title", "Description", "PicUrl", "Url")
        item = dict(zip(names, article(answer.say.card, answer.text), strict=True))
        body = {"MsgType": "news", "ArticleCount": 1, "Articles": [item]}
    else:
        text = within(legal(answer.text))
        if not text:
            return None
        body = {"MsgType": "text", "Content": text}
    return json.dumps({**head, **body}, ensure_ascii=False).encode()
