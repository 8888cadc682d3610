"""What the platform pushes, in our words: fields of a message or event → `Heard`.

Everything here came from outside. Text is made safe for JSON and databases (NUL gone, control
characters and lone surrogates replaced), facts are bounded in size and depth, numbers are checked,
and whatever is not known becomes `Act.EVENT` or `Act.OTHER` with its facts; nothing raises but
`Unreadable`, for fields that are no message at all.

Facts keep the platform's names of fields, for only `bot` reads them; events are named in lower
case in `words` (`templatesendjobfinish`), whichever case the platform chose.

The repeat-key of a message is its account, sender and MsgId (ids alone were seen colliding between
senders). Events have none: theirs is account, sender, second and a hash of all other fields, for
sender and second alone would lose real events of the same second (WxJava#2231, #3445).
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from math import isfinite
from typing import Any, NamedTuple

from bot.kit.heard import Act, Heard
from bot.wechat.body import Fields
from bot.wechat.turned_away import Unreadable

OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ACCOUNT = re.compile(r"[A-Za-z0-9_@.-]{1,64}")
NUMBER = re.compile(r"[0-9]{1,20}")
CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATES = re.compile("[\ud800-\udfff]")

LONGEST_FACT = 4096
MOST_FACTS = 64
DEEPEST_FACT = 6
PAST, FUTURE = timedelta(days=1), timedelta(minutes=10)
"""A message older or newer than this has a CreateTime that can't be believed."""
ENVELOPE = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "MsgId"})
SCENE = "qrscene_"

Part = dict[str, Any]
"""Some of `Heard`'s arguments."""


class Inbound(NamedTuple):
    """One message, and the account that it was written to (the answer's sender)."""

    heard: Heard
    account: str


def read(fields: Fields, appid: str, now: datetime) -> Inbound:
    """The message in the fields. Raises Unreadable when there is none."""
    openid, account = _scalar(fields, "FromUserName"), _scalar(fields, "ToUserName")
    kind = _scalar(fields, "MsgType").lower()
    if not kind or not OPENID.fullmatch(openid) or not ACCOUNT.fullmatch(account):
        raise Unreadable("no sender, account or kind")
    if kind == "event":
        event = _scalar(fields, "Event").lower()
        part = EVENTS.get(event, _event)(fields)
    else:
        part = MESSAGES.get(kind, _other)(fields)
    at = moment(_scalar(fields, "CreateTime"), now)
    return Inbound(Heard(key(fields, appid, openid, kind), openid, at, **part), account)


def key(fields: Fields, appid: str, openid: str, kind: str) -> str:
    """The same for every delivery of a message, another for any other; under 200 characters.

    What grows comes first, so that keys kept in order are added at one end.
    """
    number = _scalar(fields, "MsgId")
    if kind != "event" and number != "0" and NUMBER.fullmatch(number):
        return f"{number}:{appid}:{openid}"
    others = json.dumps(fields, sort_keys=True).encode()
    digest = blake2b(others, digest_size=16).hexdigest()
    second = _scalar(fields, "CreateTime")
    return f"{second if NUMBER.fullmatch(second) else ''}:{appid}:{openid}:{digest}"


def moment(second: str, now: datetime) -> datetime:
    """When the message was written, or now where the platform's word makes no sense."""
    if not NUMBER.fullmatch(second) or len(second) > 11:
        return now
    at = datetime.fromtimestamp(int(second), UTC)
    return at if now - PAST <= at <= now + FUTURE else now


def clean(text: str) -> str:
    """Text that JSON, both databases and XML can hold."""
    if text.isprintable():
        return text
    text = CONTROLS.sub(" ", text.replace("\0", ""))
    return SURROGATES.sub("\ufffd", text)


def _scalar(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if type(value) is str:
        return (value if value.isprintable() else clean(value)).strip()
    return str(value) if type(value) is int or type(value) is float else ""


def _inner(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def _bounded(value: object, depth: int = 0) -> object:
    """A JSON value of bounded size: what goes beyond is left out."""
    if type(value) is str:
        return clean(value[:LONGEST_FACT])
    if isinstance(value, dict) and depth < DEEPEST_FACT:
        return _facts(value, depth)
    if isinstance(value, list) and depth < DEEPEST_FACT:
        return [_bounded(one, depth + 1) for one in value[:MOST_FACTS]]
    if type(value) is int and value.bit_length() <= 64:
        return value
    return value if type(value) is bool or (type(value) is float and isfinite(value)) else None


def _facts(fields: Fields, depth: int = 0) -> Part:
    names = [name for name in fields if depth or name not in ENVELOPE][:MOST_FACTS]
    return {clean(name[:64]): _bounded(fields[name], depth + 1) for name in names}


def _place(fields: Fields, latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        place = float(_scalar(fields, latitude)), float(_scalar(fields, longitude))
    except ValueError:
        return None
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None


def _text(fields: Fields) -> Part:
    menu = _scalar(fields, "bizmsgmenuid")
    facts = {"bizmsgmenuid": menu[:64]} if menu else {}
    return {"act": Act.TEXT, "words": _scalar(fields, "Content"), "facts": facts}


def _voice(fields: Fields) -> Part:
    words = _scalar(fields, "Recognition")
    media = _scalar(fields, "MediaId")[:LONGEST_FACT]
    act = Act.TEXT if words else Act.OTHER
    return {"act": act, "words": words, "media": media, "facts": {"MsgType": "voice"}}


def _image(fields: Fields) -> Part:
    media = _scalar(fields, "MediaId")[:LONGEST_FACT]
    return {"act": Act.PICTURE, "media": media, "facts": _facts(fields)}


def _location(fields: Fields) -> Part:
    place = _place(fields, "Location_X", "Location_Y")
    if place is None:
        return _other(fields)
    words = _scalar(fields, "Label")[:LONGEST_FACT]
    return {"act": Act.PLACE, "place": place, "words": words}


def _other(fields: Fields) -> Part:
    """A video, link, sticker, or a kind that the platform invents later."""
    kind = _scalar(fields, "MsgType").lower()[:64]
    media = _scalar(fields, "MediaId")[:LONGEST_FACT]
    return {"act": Act.OTHER, "media": media, "facts": {**_facts(fields), "MsgType": kind}}


def _eventkey(fields: Fields) -> str:
    return _scalar(fields, "EventKey")[:LONGEST_FACT]


def _follow(fields: Fields) -> Part:
    scene = _eventkey(fields)
    words = scene.removeprefix(SCENE) if scene.startswith(SCENE) else ""
    return {"act": Act.FOLLOW, "words": words, "facts": _facts(fields)}


def _leave(_fields: Fields) -> Part:
    return {"act": Act.LEAVE}


def _scan(fields: Fields) -> Part:
    return {"act": Act.SCAN, "words": _eventkey(fields), "facts": _facts(fields)}


def _tap(fields: Fields) -> Part:
    return {"act": Act.TAP, "words": _eventkey(fields), "facts": _facts(fields)}


def _scancode(fields: Fields) -> Part:
    """Scanned from the menu while the follower waits: like a scan, with what the code says."""
    words = _scalar(_inner(fields, "ScanCodeInfo"), "ScanResult")[:LONGEST_FACT]
    return {"act": Act.SCAN, "words": words, "facts": _facts(fields)}


def _event(fields: Fields) -> Part:
    event = _scalar(fields, "Event").lower()[:64]
    return {"act": Act.EVENT, "words": event, "facts": _facts(fields)}


def _whereabouts(fields: Fields) -> Part:
    """The phone tells where it is by itself; nobody asked anything, so it is no `PLACE`."""
    return {**_event(fields), "place": _place(fields, "Latitude", "Longitude")}


def _chosen_place(fields: Fields) -> Part:
    """Chosen from the menu; the location itself follows as a message."""
    place = _place(_inner(fields, "SendLocationInfo"), "Location_X", "Location_Y")
    return {**_event(fields), "place": place}


def _subscribed(fields: Fields) -> Part:
    """Subscription events nest a list that is no list when it has one entry: give it one shape."""
    part = _event(fields)
    facts = part["facts"]
    holder = next((value for value in facts.values() if isinstance(value, dict)), {})
    entries = facts.get("List") or holder.get("List") or []
    part["facts"] = {"List": entries if isinstance(entries, list) else [entries]}
    return part


MESSAGES: dict[str, Callable[[Fields], Part]] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "location": _location,
}
EVENTS: dict[str, Callable[[Fields], Part]] = {
    "subscribe": _follow,
    "unsubscribe": _leave,
    "scan": _scan,
    "click": _tap,
    "scancode_waitmsg": _scancode,
    "location": _whereabouts,
    "location_select": _chosen_place,
    "subscribe_msg_popup_event": _subscribed,
    "subscribe_msg_change_event": _subscribed,
    "subscribe_msg_sent_event": _subscribed,
}
