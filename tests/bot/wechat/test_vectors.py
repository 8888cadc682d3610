"""Vectors published by the platform and by others: all eight groups, exactly."""

import json
from datetime import UTC, datetime

import pytest

from bot.wechat.envelope import Envelope, Opened
from bot.wechat.inbound import read
from bot.wechat.seal import Seal
from tests.bot.wechat import vectors as v

OFFICIAL = (v.OFFICIAL_TOKEN, v.OFFICIAL_APPID, v.OFFICIAL_KEY)


def at(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC)


def xml(sealed: str) -> bytes:
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt>"
    return f"{body}\n<AgentID><![CDATA[1]]></AgentID></xml>".encode()


def test_v1_verification() -> None:
    envelope = Envelope(*OFFICIAL)
    assert envelope.verify(v.V1, at(v.V1["timestamp"])) == v.V1["echostr"]


def test_v2_plain_push() -> None:
    envelope = Envelope(v.OFFICIAL_TOKEN, v.OFFICIAL_APPID)
    opened = envelope.open(v.V2, v.V3_MESSAGE.encode(), at(v.V2["timestamp"]))
    assert (opened.json, opened.seal) == (True, None)


def test_v3_safe_push() -> None:
    envelope, now = Envelope(*OFFICIAL), at(v.V3["timestamp"])
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": v.V3_SEALED}).encode()
    opened = envelope.open(v.V3, body, now)
    assert opened.fields == json.loads(v.V3_MESSAGE)
    assert read(opened.fields, v.OFFICIAL_APPID, now).heard.words == "debug_demo"
    seal = Seal(v.OFFICIAL_KEY, v.OFFICIAL_APPID)
    assert seal.close(v.V3_MESSAGE.encode(), v.V3_RANDOM) == v.V3_SEALED
    assert envelope.sign(v.V3["timestamp"], v.V3["nonce"]) == v.V3["signature"]


def test_v4_safe_reply() -> None:
    envelope, seal = Envelope(*OFFICIAL), Seal(v.OFFICIAL_KEY, v.OFFICIAL_APPID)
    assert seal.close(v.V4_MESSAGE.encode(), v.V4_RANDOM) == v.V4_SEALED
    nonce = v.V3["nonce"]
    assert envelope.sign(v.V4_TIMESTAMP, nonce, v.V4_SEALED) == v.V4_SIGNATURE
    opened = Opened({}, json=True, nonce=nonce, seal=seal)
    closed = json.loads(envelope.close(opened, v.V4_MESSAGE.encode(), at(v.V4_TIMESTAMP)))
    assert set(closed) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert (closed["TimeStamp"], closed["Nonce"]) == (int(v.V4_TIMESTAMP), nonce)
    assert envelope.sign(v.V4_TIMESTAMP, nonce, closed["Encrypt"]) == closed["MsgSignature"]
    assert seal.open(closed["Encrypt"]) == v.V4_MESSAGE.encode()


@pytest.mark.parametrize(
    ("message", "sealed"),
    [(v.V5_MESSAGE, v.V5_SEALED), (v.V5_LONG_MESSAGE, v.V5_LONG_SEALED)],
)
def test_v5_wxjava(message: str, sealed: str) -> None:
    seal = Seal(v.SAMPLE_KEY, v.SAMPLE_APPID)
    assert seal.close(message.encode(), v.V5_RANDOM) == sealed
    assert seal.open(sealed) == message.encode()


def test_v6_easywechat() -> None:
    envelope = Envelope(v.SAMPLE_TOKEN, v.SAMPLE_APPID, v.SAMPLE_KEY)
    fields = envelope.open(v.V6, xml(v.V6_SEALED), at(v.V6["timestamp"])).fields
    assert (fields["ToUserName"], fields["FromUserName"]) == ("asdasdasd", "asdasdasdsadasd")
    assert (fields["CreateTime"], fields["Content"]) == ("1234567898", "hello")


def test_v6_easywechat_work() -> None:
    envelope = Envelope(v.V6B_TOKEN, v.V6B_APPID, v.V6B_KEY)
    fields = envelope.open(v.V6B, xml(v.V6B_SEALED), at(v.V6B["timestamp"])).fields
    assert (fields["Content"], fields["MsgId"]) == ("hello", "4561255354251345929")
    assert (fields["FromUserName"], fields["AgentID"]) == ("mycreate", "218")


def test_v7_wechatpy() -> None:
    envelope = Envelope(v.V7_TOKEN, v.V7_APPID, v.V7_KEY)
    assert envelope.verify(v.V7_ECHO, at(v.V7_ECHO["timestamp"])) == v.V7_ECHOED
    sealed = Seal(v.V7_KEY, v.V7_APPID).close(v.V7_MESSAGE.encode(), v.V7_RANDOM)
    assert sealed == v.V7_SEALED
    assert envelope.sign(v.V7_TIMESTAMP, v.V7_NONCE, sealed) == v.V7_SIGNATURE
    pushed = xml(v.V7_PUSHED_SEALED)
    fields = envelope.open(v.V7_PUSHED, pushed, at(v.V7_PUSHED["timestamp"])).fields
    assert (fields["Content"], fields["FromUserName"]) == ("test", "messense")


def test_v8_wechat_crypto() -> None:
    assert Envelope(v.V8_TOKEN, "wx1").sign("timestamp", "nonce", "encrypt") == v.V8_SIGNATURE
