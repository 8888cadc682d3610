"""Everything in limits.toml is broken once, and the stand-in minds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.platform_account import Kind
from bot.sandbox.platform_calls import ENDPOINTS, Endpoint
from bot.sandbox.platform_limits import Limits
from tests.bot.conftest import FOLLOWER
from tests.bot.sandbox import breaks_many, breaks_one
from tests.bot.sandbox.api import Caller
from tests.bot.sandbox.breaking import BREAKS, code

LIMITS = Limits.load()
BROKEN_IN = (breaks_many, breaks_one)
TRIGGERS = {
    "message": {"MsgType": "text", "Content": "你好"},
    "click": {"MsgType": "event", "Event": "CLICK", "EventKey": "help"},
    "follow": {"MsgType": "event", "Event": "subscribe"},
    "scan": {"MsgType": "event", "Event": "SCAN", "EventKey": "YQ12"},
}
"""What opens each window."""


@pytest.mark.parametrize("name", LIMITS.limit)
async def test_the_limit_is_enforced(name: str, caller: Caller) -> None:
    """A limit in the file without a test fails here."""
    await BREAKS[name](caller)


def test_no_test_without_a_limit_and_no_limit_without_a_source() -> None:
    """Each entry cites its section."""
    assert set(BREAKS) == set(LIMITS.limit)
    tables = (LIMITS.limit, LIMITS.window, LIMITS.field, LIMITS.quota, LIMITS.lacks)
    assert all(row.cites for table in tables for row in table.values())


@pytest.mark.parametrize("name", LIMITS.window)
async def test_the_window_closes(name: str, caller: Caller) -> None:
    """After so many messages 45047, after so long 45015."""
    window = LIMITS.window[name]
    trigger = {"FromUserName": FOLLOWER, **TRIGGERS[name]}
    assert await caller.say(FOLLOWER) == 45015
    await caller.platform.push(trigger)
    sent = [await caller.say(FOLLOWER) for _ in range(window.count + 1)]
    assert sent == [0] * window.count + [45047]
    await caller.platform.push(trigger)
    caller.platform.clock.forward(timedelta(seconds=window.seconds - 1))
    assert await caller.say(FOLLOWER) == 0
    caller.platform.clock.forward(timedelta(seconds=1))
    assert await caller.say(FOLLOWER) == 45015


@pytest.mark.parametrize(
    ("message", "opens"),
    [
        ({"MsgType": "text", "Content": "满意", "bizmsgmenuid": "1"}, {"click"}),
        ({"MsgType": "event", "Event": "VIEW", "EventKey": "https://a.cn"}, set()),
        ({"MsgType": "event", "Event": "scancode_push", "EventKey": "k"}, {"click"}),
        (
            {"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_YQ12"},
            {"follow", "scan"},
        ),
        ({"MsgType": "event", "Event": "LOCATION"}, set()),
        ({"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"}, set()),
    ],
)
async def test_what_opens_which_window(
    caller: Caller, message: dict[str, str], opens: set[str]
) -> None:
    """Links to pages and taps on a message's menu do not open the long one."""
    await caller.platform.push({"FromUserName": FOLLOWER, **message})
    assert set(caller.platform.follower(FOLLOWER).grants) == opens


async def test_who_left_cannot_be_told(caller: Caller) -> None:
    """Leaving closes all windows."""
    await caller.platform.push({"FromUserName": FOLLOWER, **TRIGGERS["message"]})
    gone = {"FromUserName": FOLLOWER, "MsgType": "event", "Event": "unsubscribe"}
    await caller.platform.push(gone)
    assert await caller.say(FOLLOWER) == 45015
    caller.platform.add_template("T1", "提醒", {"thing1": "仪器"})
    body = {"touser": FOLLOWER, "template_id": "T1", "data": {"thing1": {"value": "三坐标"}}}
    assert code(await caller.post("message/template/send", body)) == 43004


@pytest.mark.parametrize("name", LIMITS.field)
async def test_the_field_has_its_rule(name: str, caller: Caller) -> None:
    """What fits is taken; what breaks it is refused by name, in both kinds of message."""
    rule = LIMITS.field[name]
    key = f"{name}3"
    caller.platform.add_template("T1", "提醒", {key: "内容"}, {key: ("已通过",)})
    caller.platform.accept(FOLLOWER, "T1")
    for path in ("message/template/send", "message/subscribe/bizsend"):
        for value, answer in ((rule.breaks, 47003), ("换\n行", 47003), (rule.fits, 0)):
            body = {"touser": FOLLOWER, "template_id": "T1", "data": {key: {"value": value}}}
            said = await caller.post(path, body)
            assert code(said) == answer, (value, said)
            assert answer == 0 or f"data.{key}.value" in said["errmsg"]


@pytest.mark.parametrize("kind", [Kind.SERVICE, Kind.TEST])
@pytest.mark.parametrize("path", LIMITS.quota)
async def test_the_quota_is_a_days(path: str, kind: Kind, caller: Caller) -> None:
    """The last call is done, the next refused, tomorrow is new."""
    caller.platform.world.limits = Limits.load(kind)
    most = caller.platform.world.limits.a_day(path)
    assert most
    caller.use(f"call:{path}", most - 1)
    ask = caller.get if ENDPOINTS[path].method == "GET" else caller.post
    arguments: tuple[Any, ...] = ({},) if ask == caller.post else ()
    assert code(await ask(path, *arguments)) != 45009
    assert code(await ask(path, *arguments)) in {45009, 48001}
    if path not in {"stable_token", "token"}:
        caller.platform.clock.forward(timedelta(days=1))
    else:
        await caller.post("clear_quota", {})
    assert code(await ask(path, *arguments)) != 45009


def lacking() -> list[tuple[str, str, Endpoint]]:
    """Each path that accounts of some kind may not call."""
    return [
        (kind, path, endpoint)
        for kind, lack in LIMITS.lacks.items()
        for path, endpoint in ENDPOINTS.items()
        if endpoint.feature in lack.features
    ]


@pytest.mark.parametrize(("kind", "path", "endpoint"), lacking())
async def test_what_the_account_may_not(
    kind: str, path: str, endpoint: Endpoint, caller: Caller
) -> None:
    """48001, before anything is looked at."""
    caller.platform.account = replace(caller.platform.account, kind=Kind(kind))
    answer = await (caller.get(path) if endpoint.method == "GET" else caller.post(path, {}))
    assert code(answer) == LIMITS.lacks[kind].code


@pytest.mark.parametrize("kind", LIMITS.lacks_kinds)
async def test_menus_in_messages_are_for_verified_service_accounts(
    kind: str, caller: Caller
) -> None:
    """40200 for these, and the same message is taken from others."""
    caller.platform.world.grant(FOLLOWER, "message")
    menu = {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}]}
    body = {"touser": FOLLOWER, "msgtype": "msgmenu", "msgmenu": menu}
    assert code(await caller.post("message/custom/send", body)) == 0
    caller.platform.account = replace(caller.platform.account, kind=Kind(kind))
    assert code(await caller.post("message/custom/send", body)) == LIMITS.lacks_kinds[kind].code


def test_every_feature_that_is_lacking_is_one(caller: Caller) -> None:
    """A slip in the file would allow everything."""
    features = {endpoint.feature for endpoint in ENDPOINTS.values()}
    assert {f for lack in LIMITS.lacks.values() for f in lack.features} <= features
