"""The stand-in's way to the door: modes, tries, what it makes of replies, and what comes later."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.platform import KEPT, Platform, Trouble
from bot.sandbox.platform_account import Account, Mode
from bot.sandbox.platform_wire import Malformed, read, signature, write, xml
from tests.bot.conftest import FOLLOWER, Phones
from tests.bot.sandbox.api import Caller
from tests.bot.sandbox.door import TrialDoor

HELLO = {"FromUserName": FOLLOWER, "MsgType": "text", "Content": "你好 ]]> <b>"}
ANSWER = {"MsgType": "text", "Content": "您好 ]]> &amp;"}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("mode", Mode)
async def test_the_door_hears_and_is_heard(platform: Platform, mode: Mode, as_json: bool) -> None:
    """In every mode and both formats, word for word."""
    platform.account = replace(platform.account, mode=mode, json=as_json)
    async with TrialDoor(says=ANSWER) as door:
        platform.door = door.address
        reply = await platform.push(HELLO)
    assert (reply.tries, reply.failed) == (1, False)
    assert reply.message is not None
    assert reply.message["Content"] == ANSWER["Content"]
    heard, query = door.heard[0], door.queries[0]
    assert heard["Content"] == HELLO["Content"]
    assert heard["ToUserName"] == platform.account.name
    assert int(heard["CreateTime"]) == int(platform.clock().timestamp())
    assert int(heard["MsgId"]) > 2**53
    assert query["openid"] == FOLLOWER
    assert ("encrypt_type" in query) is (mode is not Mode.PLAIN)
    stamp = platform.account.token, query["timestamp"], query["nonce"]
    assert query["signature"] == signature(*stamp)
    sent = reply.exchanges[0]
    assert ("你好" in sent.sent) is (mode is not Mode.SAFE)
    assert "你好" in sent.plain
    assert "您好" in sent.answer_plain


@pytest.mark.parametrize(
    "raw",
    [
        "no xml",
        "<xml>",
        "<other/>",
        "{",
        "[]",
        '{"errcode": 0}',
        "<xml><MsgType>text</MsgType></xml>",
        "<xml><Encrypt>AAAA</Encrypt><MsgSignature>x</MsgSignature></xml>",
        xml({"Encrypt": "AAAA", "MsgSignature": "x", "TimeStamp": 1, "Nonce": "1"}),
    ],
)
async def test_a_reply_that_cannot_be_used(platform: Platform, raw: str) -> None:
    """The follower is told that the account cannot serve them."""
    async with TrialDoor(raw=raw) as door:
        platform.door = door.address
        reply = await platform.push(HELLO)
    assert (reply.failed, reply.message, reply.tries) == (True, None, 1)


@pytest.mark.parametrize("raw", ["", "success"])
async def test_silence_is_an_answer(platform: Platform, raw: str) -> None:
    """Nothing is shown, nothing is repeated."""
    async with TrialDoor(raw=raw) as door:
        platform.door = door.address
        reply = await platform.push(HELLO)
    assert (reply.failed, reply.message, reply.tries) == (False, None, 1)


def test_replies_that_are_not_for_the_follower(service_account: Account) -> None:
    """To somebody else, plain where safe is set, or without a time."""
    plain = replace(service_account, mode=Mode.PLAIN)
    good = {"ToUserName": FOLLOWER, "FromUserName": plain.name, "CreateTime": 1, "MsgType": "text"}
    assert read(plain, FOLLOWER, xml(good))[1]
    for wrong in ({"ToUserName": "x"}, {"FromUserName": "x"}, {"CreateTime": "now"}):
        with pytest.raises(Malformed):
            read(plain, FOLLOWER, xml({**good, **wrong}))
    with pytest.raises(Malformed):
        read(service_account, FOLLOWER, xml(good))


async def test_a_late_answer_is_taken_on_the_third_try(platform: Platform) -> None:
    """The same message, cut off twice; another signature each time."""
    async with TrialDoor(says=ANSWER, cuts=2) as door:
        platform.door = door.address
        reply = await platform.push(HELLO)
    assert (reply.tries, reply.failed) == (3, False)
    assert len({query["nonce"] for query in door.queries}) == 3
    assert [exchange.status for exchange in reply.exchanges] == [0, 0, 200]


async def test_answers_can_be_held_up(platform: Platform) -> None:
    """The time on the way counts."""
    platform.world.limits = platform.world.limits.lowered(reply_seconds=0.3)
    async with TrialDoor(says=ANSWER) as door:
        platform.door = door.address
        platform.slow = 0.1
        assert not (await platform.push(HELLO)).failed
        platform.slow = 0.5
        assert (await platform.push(HELLO)).failed
    assert len(door.heard) == 4


async def test_nobody_behind_the_door(platform: Platform) -> None:
    """Three tries, then the follower is told."""
    platform.door = "http://127.0.0.1:9/wechat"
    reply = await platform.push(HELLO)
    assert (reply.tries, reply.failed) == (3, True)


async def test_the_consoles_question(platform: Platform) -> None:
    """Answered right, and with another token wrong."""
    async with TrialDoor() as door:
        platform.door = door.address
        assert await platform.verify()
        platform.account = replace(platform.account, token="another")
        assert not await platform.verify()


async def test_events_come_later(platform: Platform, caller: Caller, phones: Phones) -> None:
    """A template message is shown, and the door is told that it was."""
    platform.add_template("T1", "预约提醒", {"thing1": "仪器", "time2": "时间"})
    data = {"thing1": {"value": "三坐标"}, "time2": {"value": "9:00"}}
    body = {"touser": FOLLOWER, "template_id": "T1", "data": data, "url": "https://a.cn/YY208"}
    async with TrialDoor() as door:
        platform.door = door.address
        sent = await caller.post("message/template/send", body)
        platform.follower(FOLLOWER).muted = True
        await caller.post("message/template/send", body)
        await platform.settle()
    statuses = {event["Status"] for event in door.heard}
    assert statuses == {"success", "failed:user block"}
    assert str(sent["msgid"]) in {event["MsgID"] for event in door.heard}
    assert all("MsgId" not in event for event in door.heard)
    rows = [{"name": "仪器", "value": "三坐标"}, {"name": "时间", "value": "9:00"}]
    shown = {"title": "预约提醒", "fields": rows, "url": "https://a.cn/YY208"}
    assert phones.of(FOLLOWER) == [{"msgtype": "template", **shown}]


async def test_accepting_tells_the_door(platform: Platform) -> None:
    """With the event that the platform sends, and a credit each."""
    async with TrialDoor() as door:
        platform.door = door.address
        platform.accept(FOLLOWER, "T1", times=2)
        await platform.settle()
    assert platform.follower(FOLLOWER).credits == {"T1": 2}
    told = [event["SubscribeMsgPopupEvent"]["List"] for event in door.heard]
    assert [row["SubscribeStatusString"] for row in told] == ["accept", "accept"]


async def test_followers_come_and_go(platform: Platform) -> None:
    """By events, or as a restart fills them in."""
    platform.followers |= {"a", "b"}
    await platform.push({"FromUserName": "c", "MsgType": "event", "Event": "subscribe"})
    await platform.push({"FromUserName": "a", "MsgType": "event", "Event": "unsubscribe"})
    assert platform.followers == {"b", "c"}


@pytest.mark.parametrize("trouble", [40001, 45009, Trouble.HTTP_500, -1])
async def test_injected_trouble_comes_as_often_as_told(
    caller: Caller, trouble: int | Trouble
) -> None:
    """Then all is well; the code's answer names the call."""
    caller.platform.inject("getcallbackip", trouble, times=2)
    for _ in range(2):
        answer = await caller.get("getcallbackip")
        if isinstance(trouble, Trouble):
            assert answer == {"file": b"system error"}
        else:
            assert answer["errcode"] == trouble
            assert "rid: " in answer["errmsg"]
    assert (await caller.get("getcallbackip"))["ip_list"]
    with pytest.raises(ValueError, match="no such"):
        caller.platform.inject("no such", -1)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("no/such/path", {}, 40066),
        ("getcallbackip", {}, 43001),
        ("message/custom/send", b"{", 47001),
        ("message/custom/send", b"[]", 47001),
        ("message/custom/send", {}, 47001),
        ("message/custom/send", {"touser": "nobody", "msgtype": "text", "text": {}}, 40003),
        ("message/template/send", {"touser": FOLLOWER, "template_id": "x", "data": {}}, 40037),
        ("draft/get", {"media_id": "x"}, 40007),
    ],
)
async def test_calls_that_make_no_sense(caller: Caller, path: str, body: Any, code: int) -> None:
    """The platform's own codes."""
    assert (await caller.post(path, body))["errcode"] == code


@pytest.mark.parametrize(("token", "code"), [("", 41001), ("x", 40001)])
async def test_calls_without_a_good_token(caller: Caller, token: str, code: int) -> None:
    """Missing, or made up."""
    assert (await caller.get("getcallbackip", token=token))["errcode"] == code


async def test_the_secret_is_looked_at(caller: Caller) -> None:
    """And the appid."""
    assert (await caller.stable(secret="wrong"))["errcode"] == 40125
    caller.platform.world.account = replace(caller.platform.account, appid="wx1")
    caller_appid = {"appid": "wx2", "secret": "x"}
    assert (await caller.post("stable_token", caller_appid))["errcode"] == 40013


async def test_who_shut_the_account_out(caller: Caller) -> None:
    """The black list, and messages turned off."""
    caller.platform.world.grant(FOLLOWER, "message")
    caller.platform.follower(FOLLOWER).blacklisted = True
    assert await caller.say(FOLLOWER) == 43019
    caller.platform.follower(FOLLOWER).blacklisted = False
    caller.platform.follower(FOLLOWER).muted = True
    assert await caller.say(FOLLOWER) == 48002


async def test_records_are_bounded_and_hold_no_secret(caller: Caller) -> None:
    """The latest stay; tokens and the secret are left out."""
    for _ in range(KEPT + 10):
        await caller.get("getcallbackip", token="")
    await caller.stable()
    assert len(caller.platform.exchanges) == KEPT
    text = json.dumps([[e.address, e.sent, e.answer] for e in caller.platform.exchanges])
    assert caller.platform.account.secret not in text
    assert caller.token not in text


async def test_time_goes_forward_only(platform: Platform) -> None:
    """By hand."""
    before = platform.clock()
    assert platform.clock.forward(timedelta(hours=2)) == before + timedelta(hours=2)
    with pytest.raises(ValueError, match="forward"):
        platform.clock.forward(timedelta(seconds=-1))


def test_compatible_bodies_hold_both(service_account: Account) -> None:
    """What is plain and what is sealed."""
    account = replace(service_account, mode=Mode.COMPATIBLE)
    letter = write(account, {"ToUserName": account.name, **HELLO}, "1", "2")
    assert "<Encrypt>" in letter.body
    assert "<MsgType>" in letter.body
