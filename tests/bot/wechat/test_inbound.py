"""Fields to `Heard`: every kind of message and event, and whatever else comes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message

from bot.kit.heard import Act, Heard
from bot.wechat.inbound import clean, key, read
from bot.wechat.turned_away import Unreadable
from tests.bot.wechat.pushing import APPID, NOW, OPENID, event, text, xml

TICKET = "gQH47joAAAAAAAAAASxodHRwOi8vd2VpeGluLnFxLmNvbS9xL2taZ2Z3TVRtNzJXV1Brb3ZhYmJJ"


def hear(fields: dict[str, Any]) -> Heard:
    return read(fields, APPID, NOW).heard


def message(kind: str, **fields: Any) -> dict[str, Any]:
    made = text() | {"MsgType": kind} | fields
    del made["Content"]
    return made


def test_text() -> None:
    inbound = read(text(" 离心机\n平遥 "), APPID, NOW)
    assert inbound.account == "gh_0123456789ab"
    assert inbound.heard == Heard(f"7:{APPID}:{OPENID}", OPENID, NOW, Act.TEXT, "离心机\n平遥")


def test_tapped_text() -> None:
    heard = hear(text() | {"bizmsgmenuid": "101"})
    assert (heard.act, heard.words, heard.facts) == (Act.TEXT, "离心机", {"bizmsgmenuid": "101"})


@pytest.mark.parametrize(
    ("fields", "act", "words"),
    [
        (message("voice", MediaId="m", Format="amr", Recognition="离心机"), Act.TEXT, "离心机"),
        (message("voice", MediaId="m", Format="amr", Recognition=""), Act.OTHER, ""),
        (message("voice", MediaId="m", Format="amr"), Act.OTHER, ""),
        (message("image", MediaId="m", PicUrl="http://p/1"), Act.PICTURE, ""),
        (message("video", MediaId="m", ThumbMediaId="t"), Act.OTHER, ""),
        (message("shortvideo", MediaId="m", ThumbMediaId="t"), Act.OTHER, ""),
    ],
)
def test_media(fields: dict[str, Any], act: Act, words: str) -> None:
    heard = hear(fields)
    assert (heard.act, heard.words, heard.media) == (act, words, "m")


def test_location() -> None:
    fields = message("location", Location_X="37.42", Location_Y="112.55", Scale="15", Label="太谷")
    heard = hear(fields)
    assert (heard.act, heard.place, heard.words) == (Act.PLACE, (37.42, 112.55), "太谷")
    assert hear(fields | {"Location_X": 37.42, "Location_Y": 112}).place == (37.42, 112.0)
    for nonsense in ("", "nan", "inf", "91", "-1e9", "x", "9" * 400):
        assert hear(fields | {"Location_X": nonsense}).act is Act.OTHER


def test_link_and_unknown_kinds() -> None:
    link = hear(message("link", Title="标题", Description="说明", Url="http://p"))
    assert link.act is Act.OTHER
    assert link.facts["MsgType"] == "link"
    assert link.facts["Title"] == "标题"
    assert hear(message("hologram")).facts["MsgType"] == "hologram"


@pytest.mark.parametrize(
    ("fields", "act", "words"),
    [
        (event("subscribe"), Act.FOLLOW, ""),
        (event("subscribe", EventKey=""), Act.FOLLOW, ""),
        (event("subscribe", EventKey="qrscene_YQ12", Ticket=TICKET), Act.FOLLOW, "YQ12"),
        (event("subscribe", EventKey="last_trade_no_1"), Act.FOLLOW, ""),
        (event("unsubscribe", EventKey=""), Act.LEAVE, ""),
        (event("SCAN", EventKey="YQ12", Ticket=TICKET), Act.SCAN, "YQ12"),
        (event("SCAN", EventKey=12, Ticket=TICKET), Act.SCAN, "12"),
        (event("CLICK", EventKey="find"), Act.TAP, "find"),
        (event("VIEW", EventKey="http://p", MenuId="1"), Act.EVENT, "view"),
        (event("view_miniprogram", EventKey="p"), Act.EVENT, "view_miniprogram"),
        (event("scancode_push", EventKey="k"), Act.EVENT, "scancode_push"),
        (event("pic_sysphoto", EventKey="k"), Act.EVENT, "pic_sysphoto"),
        (event("pic_photo_or_album", EventKey="k"), Act.EVENT, "pic_photo_or_album"),
        (event("pic_weixin", EventKey="k"), Act.EVENT, "pic_weixin"),
        (
            event("MASSSENDJOBFINISH", MsgID="1", Status="send success"),
            Act.EVENT,
            "masssendjobfinish",
        ),
        (event("PUBLISHJOBFINISH"), Act.EVENT, "publishjobfinish"),
        (event("user_authorization_revoke"), Act.EVENT, "user_authorization_revoke"),
        (event("不曾有过"), Act.EVENT, "不曾有过"),
        (event(""), Act.EVENT, ""),
    ],
)
def test_events(fields: dict[str, Any], act: Act, words: str) -> None:
    heard = hear(fields)
    assert (heard.act, heard.words) == (act, words)


def test_scan_from_the_menu() -> None:
    info = {"ScanType": "qrcode", "ScanResult": "YQ12"}
    heard = hear(event("scancode_waitmsg", EventKey="scan", ScanCodeInfo=info))
    assert (heard.act, heard.words, heard.facts["EventKey"]) == (Act.SCAN, "YQ12", "scan")


def test_places_that_are_no_messages() -> None:
    reported = hear(event("LOCATION", Latitude="37.4", Longitude="112.5", Precision="65"))
    assert (reported.act, reported.words, reported.place) == (Act.EVENT, "location", (37.4, 112.5))
    info = {"Location_X": "37.4", "Location_Y": "112.5", "Label": "太谷"}
    chosen = hear(event("location_select", EventKey="k", SendLocationInfo=info))
    assert (chosen.act, chosen.words, chosen.place) == (
        Act.EVENT,
        "location_select",
        (37.4, 112.5),
    )


def test_facts_of_a_job() -> None:
    heard = hear(event("TEMPLATESENDJOBFINISH", MsgID=200163836, Status="failed:user block"))
    assert heard.facts == {"MsgID": 200163836, "Status": "failed:user block"}


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("entries", [0, 1, 2])
def test_subscriptions_have_one_shape(nested: bool, entries: int) -> None:
    lines = [
        {"TemplateId": f"t{n}", "SubscribeStatusString": "accept", "PopupScene": "2"}
        for n in range(entries)
    ]
    given: Any = lines if entries != 1 else lines[0]
    for name, holder in (
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
        ("subscribe_msg_sent_event", "SubscribeMsgSentEvent"),
    ):
        fields = {holder: {"List": given}} if nested else {"List": given}
        heard = hear(event(name, **fields))
        assert (heard.act, heard.words, heard.facts) == (Act.EVENT, name, {"List": lines})


def test_keys_tell_events_of_the_same_second_apart() -> None:
    fields = [
        event("CLICK", EventKey="a"),
        event("CLICK", EventKey="b"),
        event("VIEW", EventKey="a"),
        event("CLICK", EventKey="a", FromUserName="oOther"),
        event("CLICK", EventKey="a", CreateTime="1795140001"),
        event("SCAN", EventKey="a", Ticket="1"),
        event("SCAN", EventKey="a", Ticket="2"),
        event("TEMPLATESENDJOBFINISH", MsgID="1"),
        event("TEMPLATESENDJOBFINISH", MsgID="2"),
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": {"TemplateId": "1"}}),
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": {"TemplateId": "2"}}),
        text(number=None),
        text(number=0),
        text(),
        text(FromUserName="oOther"),
    ]
    keys = {hear(one).key for one in fields}
    assert len(keys) == len(fields)
    assert keys == {hear(dict(reversed(one.items()))).key for one in fields}
    assert hear(text()).key != read(text(), "wxother", NOW).heard.key


def test_an_event_has_no_number() -> None:
    first, second = (event("CLICK", EventKey=k, MsgId="5") for k in "ab")
    assert hear(first).key != hear(second).key


@pytest.mark.parametrize(
    ("second", "sane"),
    [
        (str(int(NOW.timestamp()) - 15), True),
        (str(int(NOW.timestamp()) + 15), True),
        (str(int(NOW.timestamp()) - 90_000), False),
        (str(int(NOW.timestamp()) + 700), False),
        *[(nonsense, False) for nonsense in ("", "0", "-1", "1e9", "9" * 30, "９", "12345678901")],
    ],
)
def test_times(second: str, sane: bool) -> None:
    at = hear(text(CreateTime=second)).at
    assert at == (datetime.fromtimestamp(int(second), UTC) if sane else NOW)
    assert abs(at - NOW) < timedelta(days=1)


def test_text_is_made_safe() -> None:
    assert clean("a\0b\x07c\ud800d\x85e\n\tf\u2028测") == "ab c\ufffdd e\n\tf\u2028测"
    odd = json.loads('"\\u0000\\ud83d\\ude00\\udc00\\u0001"')
    heard = hear(text(odd) | {"MediaId": odd})
    assert heard.words == "\U0001f600\ufffd"
    json.dumps(heard.words, ensure_ascii=False).encode()


def test_everything_is_bounded() -> None:
    huge = "x" * 250_000
    deep: Any = "bottom"
    for _ in range(8):
        deep = {"in": deep}
    heard = hear(event("e" * 9999, EventKey=huge, Deep=deep, List=[1] * 999, **{huge: "1"}))
    assert len(json.dumps(heard.facts)) < 20_000
    assert len(heard.words) == 64
    assert len(heard.key) < 200
    assert len(hear(event("CLICK", EventKey=huge)).words) < 5_000
    assert len(hear(text(huge)).words) == len(huge)
    assert len(hear(text(huge) | {"MsgId": huge}).key) < 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"FromUserName": ""},
        {"FromUserName": "a b"},
        {"FromUserName": "o" * 65},
        {"FromUserName": "o\n"[:1] + "'; DROP TABLE person"},
        {"FromUserName": ["o", "p"]},
        {"FromUserName": {"a": "o"}},
        {"FromUserName": True},
        {"ToUserName": ""},
        {"ToUserName": "]]>"},
        {"MsgType": ""},
        {"MsgType": ["text"]},
        {"MsgType": None},
    ],
)
def test_no_message(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        hear(text() | wrong)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(
    """Content Event EventKey MsgId CreateTime MediaId Recognition Label Location_X Latitude
    Longitude ScanCodeInfo SendLocationInfo List SubscribeMsgPopupEvent bizmsgmenuid ToUserName
    FromUserName MsgType""".split()  # noqa: SIM905 - reads better
)
KINDS = st.sampled_from(["text", "event", "voice", "image", "location", "link", "other"])
EVENTS = st.sampled_from(
    """subscribe unsubscribe SCAN CLICK VIEW LOCATION location_select scancode_waitmsg
    subscribe_msg_popup_event subscribe_msg_sent_event""".split()  # noqa: SIM905 - reads better
)


@given(st.dictionaries(NAMES, VALUES), KINDS, EVENTS)
def test_anything_is_heard_soundly(fields: dict[str, Any], kind: str, name: str) -> None:
    whole = text() | {"MsgType": kind, "Event": name} | fields
    try:
        heard = hear(whole)
    except Unreadable:
        return
    for kept in (heard.words, heard.media, heard.key, heard.openid):
        assert "\0" not in kept
        kept.encode()
    json.dumps(heard.facts, ensure_ascii=False, allow_nan=False).encode()
    assert heard.key == hear(whole).key


@pytest.mark.parametrize(
    "fields",
    [
        text(),
        message("image", MediaId="m", PicUrl="http://p/1"),
        message("location", Location_X="37.42", Location_Y="112.55", Scale="15", Label="太谷"),
        event("subscribe", EventKey="qrscene_12", Ticket=TICKET),
        event("SCAN", EventKey="12", Ticket=TICKET),
        event("CLICK", EventKey="find"),
    ],
)
def test_wechatpy_reads_alike(fields: dict[str, Any]) -> None:
    oracle, heard = parse_message(xml(fields)), hear(fields)
    assert heard.openid == oracle.source
    assert heard.at == oracle.create_time.astimezone(UTC)
    if heard.act is Act.PLACE:
        assert heard.place == tuple(map(float, oracle.location))
        assert heard.words == oracle.label
    elif heard.act is Act.PICTURE:
        assert heard.media == oracle.media_id
        assert heard.facts["PicUrl"] == oracle.image
    else:
        known = {"text": "content", "subscribe_scan": "scene_id", "scan": "scene_id"}
        name = known.get(getattr(oracle, "event", oracle.type), "key")
        assert heard.words == getattr(oracle, name)


def test_key_is_a_function_of_the_fields() -> None:
    fields = event("CLICK", EventKey="a")
    assert key(fields, APPID, OPENID, "event") == hear(fields).key
