"""WeChat's messages → what a phone shows, and a follower's deeds → WeChat's messages."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.chats import Json
from bot.sandbox.platform import Exchange

Shape = tuple[str, Json]
"""A bubble's form and its facts."""
Picture = Callable[[str], str]
"""The address under which a page shows a media id; empty if it is not known."""

HTTP_OK = 200
WHAT = re.compile(r"<(?:Event|MsgType)><!\[CDATA\[(\w+)\]\]>|\"(?:Event|MsgType)\":\s*\"(\w+)\"")


def shown(message: Mapping[str, Any], picture: Picture) -> Shape:
    """A message from the account, passive (`MsgType`) or by API (`msgtype`), as phones show it."""
    kind = str(message.get("MsgType") or message.get("msgtype") or "")
    inside = message.get(kind, {})
    match kind:
        case "text":
            return "text", {"text": str(message.get("Content") or _of(inside, "content"))}
        case "news" | "mpnews" | "mpnewsarticle":
            return "news", _article(message.get("Articles") or _of(inside, "articles") or inside)
        case "image":
            media = _of(message.get("Image"), "MediaId") or _of(inside, "media_id")
            return "image", {"picture": picture(str(media))}
        case "msgmenu":
            return "menu", _menu(inside)
        case "template" | "subscription":
            return "template", {key: message.get(key) for key in ("title", "fields", "url")}
        case _:
            return kind or "?", {}


def _of(inside: object, key: str) -> Any:  # noqa: ANN401 - JSON
    return inside.get(key, "") if isinstance(inside, Mapping) else ""


def _article(articles: object) -> Json:
    one = articles
    while not (isinstance(one, Mapping) and ({"Title", "title"} & one.keys())):
        if isinstance(one, Mapping) and one:
            one = next(iter(one.values()))
        elif isinstance(one, list | tuple) and one:
            one = one[0]
        else:
            return {"title": ""}
    lower = {str(key).lower(): value for key, value in one.items()}
    return {
        "title": lower.get("title") or "",
        "description": lower.get("description") or lower.get("digest") or "",
        "picture": lower.get("picurl") or "",
        "url": lower.get("url") or "",
    }


def _menu(inside: object) -> Json:
    return {
        "head": _of(inside, "head_content"),
        "list": _of(inside, "list") or [],
        "tail": _of(inside, "tail_content"),
    }


def said(text: str, menu: str = "") -> Json:
    """Typed, or tapped a link that types (then `menu` is its id)."""
    return {"MsgType": "text", "Content": text} | ({"bizmsgmenuid": menu} if menu else {})


def pressed(kind: str, key: str) -> Json:
    """Pressed an entry of the menu."""
    event = "VIEW" if kind == "view" else "view_miniprogram" if kind == "miniprogram" else "CLICK"
    return {"MsgType": "event", "Event": event, "EventKey": key}


def scanned(scene: str, kind: str, *, following: bool) -> Json:
    """Scanned a code: as a follower, a newcomer, or from a menu entry (`kind`: type and key)."""
    if kind:
        event, _, key = kind.partition(" ")
        result = {"ScanType": "qrcode", "ScanResult": scene}
        return {"MsgType": "event", "Event": event, "EventKey": key, "ScanCodeInfo": result}
    event, key = ("SCAN", scene) if following else ("subscribe", f"qrscene_{scene}")
    return {"MsgType": "event", "Event": event, "EventKey": key, "Ticket": f"ticket_{scene}"}


def stood(latitude: float, longitude: float, label: str) -> Json:
    """Sent a location."""
    return {
        "MsgType": "location",
        "Location_X": f"{latitude:.6f}",
        "Location_Y": f"{longitude:.6f}",
        "Scale": "15",
        "Label": label,
    }


def summary(exchange: Exchange, phone: str | None) -> Json:
    """One line for the list of what went over the wire."""
    return {
        "number": exchange.number,
        "at": int(exchange.at.timestamp() * 1000),
        "way": exchange.way,
        "phone": phone,
        "what": _what(exchange),
        "status": exchange.status,
        "code": _code(exchange),
    }


def sends(exchange: Exchange) -> bool:
    """Whether a call made phones show a message (mass messages name no single follower)."""
    sending = "/message/" in exchange.address and not exchange.address.endswith("/typing")
    return sending and exchange.status == HTTP_OK and not _code(exchange)


def _what(exchange: Exchange) -> str:
    if exchange.way != "door":
        return exchange.address.partition("?")[0].rpartition("cgi-bin/")[2].lstrip("/")
    names = [one or other for one, other in WHAT.findall(exchange.plain)]
    return names[-1] if names else ""


def _code(exchange: Exchange) -> int:
    if exchange.way == "door":
        return 0
    try:
        answer = json.loads(exchange.answer_plain)
    except ValueError:
        return 0
    return int(answer.get("errcode") or 0) if isinstance(answer, dict) else 0
