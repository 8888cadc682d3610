"""The limits of tokens, replies, and messages to one person, each broken once."""

from datetime import timedelta
from typing import Any

from bot.sandbox.platform import Reply
from bot.sandbox.platform_account import Kind
from bot.sandbox.platform_limits import Limits
from tests.bot.conftest import FOLLOWER, OTHER, Phones
from tests.bot.sandbox.api import Caller
from tests.bot.sandbox.breaking import ahead, breaks, code, lower
from tests.bot.sandbox.door import TrialDoor


async def pushed(caller: Caller, **door: Any) -> tuple[Reply, TrialDoor]:
    """Push a message to a door that behaves as told."""
    async with TrialDoor(**door) as trial:
        caller.platform.door = trial.address
        message = {"FromUserName": FOLLOWER, "MsgType": "text", "Content": "你好"}
        reply = await caller.platform.push(message)
        return reply, trial


@breaks
async def reply_seconds(caller: Caller) -> None:
    """A door that takes longer is not waited for."""
    lower(caller, reply_seconds=0.2)
    reply, _ = await pushed(caller, waits=0.5)
    assert reply.failed
    assert all(e.status == 0 and e.seconds < 0.5 for e in reply.exchanges)


@breaks
async def tries(caller: Caller) -> None:
    """The same message comes three times, and no more."""
    reply, door = await pushed(caller, cuts=10)
    assert reply.tries == len(door.heard) == 3
    assert reply.failed
    assert len({message["MsgId"] for message in door.heard}) == 1


@breaks
async def reply_articles(caller: Caller) -> None:
    """The second article of a reply is not shown."""
    items = [{"Title": str(number), "Url": "https://a.cn"} for number in range(2)]
    articles = {"ArticleCount": 2, "Articles": {"item": items}}
    reply, _ = await pushed(caller, says={"MsgType": "news", **articles})
    assert reply.message is not None
    assert [item["Title"] for item in reply.message["Articles"]["item"]] == ["0"]


@breaks
async def reply_text_bytes(caller: Caller) -> None:
    """Words too long are shown to nobody, without a word."""
    for length, shown in ((682, True), (683, False)):
        reply, _ = await pushed(caller, says={"MsgType": "text", "Content": "长" * length})
        assert (reply.message is not None) is shown
        assert not reply.failed


@breaks
async def token_seconds(caller: Caller) -> None:
    """A token lives two hours."""
    token = caller.token
    ahead(caller, "token_seconds")
    assert code(await caller.get("getcallbackip", token=token)) == 42001


@breaks
async def token_early_seconds(caller: Caller) -> None:
    """The stable token is another one five minutes before its end, and the old one still holds."""
    first = (await caller.stable())["access_token"]
    ahead(caller, "token_seconds", -301)
    assert (await caller.stable())["access_token"] == first
    caller.platform.clock.forward(timedelta(seconds=2))
    assert (await caller.stable())["access_token"] != first
    assert code(await caller.get("getcallbackip", token=first)) == 0


@breaks
async def token_overlap_seconds(caller: Caller) -> None:
    """A classic token holds five minutes beside the next; neither minds the stable one."""
    stable = caller.token
    old = (await caller.classic())["access_token"]
    await caller.classic()
    assert code(await caller.get("getcallbackip", token=old)) == 0
    ahead(caller, "token_overlap_seconds")
    assert code(await caller.get("getcallbackip", token=old)) == 40001
    assert code(await caller.get("getcallbackip", token=stable)) == 0


@breaks
async def stable_a_minute(caller: Caller) -> None:
    """Ten thousand times a minute."""
    caller.use("stable", 9999, "minute")
    assert code(await caller.stable()) == 0
    assert code(await caller.stable()) == 45011


@breaks
async def force_gap_seconds(caller: Caller) -> None:
    """Forcing twice takes half a minute; a forced token voids the one before."""
    old = caller.token
    assert code(await caller.stable(force=True)) == 0
    assert code(await caller.get("getcallbackip", token=old)) == 40001
    assert code(await caller.stable(force=True)) == 45011
    ahead(caller, "force_gap_seconds")
    assert code(await caller.stable(force=True)) == 0


@breaks
async def force_a_day(caller: Caller) -> None:
    """Twenty times a day."""
    caller.use("force", 20)
    assert code(await caller.stable(force=True)) == 45009


@breaks
async def ticket_seconds(caller: Caller) -> None:
    """The ticket is the same for two hours."""
    first = (await caller.get("ticket/getticket", type="jsapi"))["ticket"]
    assert (await caller.get("ticket/getticket", type="jsapi"))["ticket"] == first
    ahead(caller, "ticket_seconds")
    assert (await caller.get("ticket/getticket", type="jsapi"))["ticket"] != first


@breaks
async def text_bytes(caller: Caller) -> None:
    """2,048 bytes of words."""
    caller.platform.world.grant(FOLLOWER, "message")
    assert await caller.say(FOLLOWER, "x" * 2048) == 0
    assert await caller.say(FOLLOWER, "x" * 2049) == 45002


@breaks
async def articles(caller: Caller) -> None:
    """One article."""
    caller.platform.world.grant(FOLLOWER, "message")
    body = {"touser": FOLLOWER, "msgtype": "news", "news": {"articles": [{}, {}]}}
    assert code(await caller.post("message/custom/send", body)) == 45008


async def typing(caller: Caller, command: str = "Typing") -> int:
    """Say that an answer is being written."""
    body = {"touser": FOLLOWER, "command": command}
    return code(await caller.post("message/custom/typing", body))


@breaks
async def typing_after_seconds(caller: Caller) -> None:
    """Within half a minute of what they did."""
    await caller.platform.push({"FromUserName": FOLLOWER, "MsgType": "text", "Content": "好"})
    ahead(caller, "typing_after_seconds", 1)
    assert await typing(caller) == 45080
    assert await typing(caller, "Dance") == 45072


@breaks
async def typing_lasts_seconds(caller: Caller) -> None:
    """Once in fifteen seconds, unless a message or a cancel ended it."""
    await caller.platform.push({"FromUserName": FOLLOWER, "MsgType": "text", "Content": "好"})
    assert [await typing(caller), await typing(caller)] == [0, 45081]
    ahead(caller, "typing_lasts_seconds")
    assert await typing(caller) == 0
    assert await caller.say(FOLLOWER) == 0
    assert await typing(caller) == 0


@breaks
async def credit(caller: Caller) -> None:
    """A subscription message for each accept; a reject ends them all."""
    platform = caller.platform
    platform.add_template("T1", "预约提醒", {"thing1": "仪器"})
    fields = {"thing1": {"value": "三坐标"}}
    body = {"touser": FOLLOWER, "template_id": "T1", "data": fields}
    platform.accept(FOLLOWER, "T1", times=2)
    sent = [code(await caller.post("message/subscribe/bizsend", body)) for _ in range(3)]
    assert sent == [0, 0, 43101]
    platform.accept(FOLLOWER, "T1")
    row = {"TemplateId": "T1", "SubscribeStatusString": "reject"}
    event = {"FromUserName": FOLLOWER, "MsgType": "event", "Event": "subscribe_msg_change_event"}
    await platform.push({**event, "SubscribeMsgChangeEvent": {"List": row}})
    assert code(await caller.post("message/subscribe/bizsend", body)) == 43101


@breaks
async def templates(caller: Caller) -> None:
    """Twenty-five."""
    for number in range(25):
        caller.platform.add_template(f"T{number}", "提醒", {"thing1": "仪器"})
    body = {"template_id_short": "TM00015"}
    assert code(await caller.post("template/api_add_template", body)) == 45026


@breaks
async def client_msg_id_seconds(caller: Caller) -> None:
    """The same key tells the same follower once in ten minutes."""
    platform = caller.platform
    platform.add_template("T1", "预约提醒", {"thing1": "仪器"})
    fields = {"thing1": {"value": "三坐标"}}
    body = {"touser": FOLLOWER, "template_id": "T1", "data": fields, "client_msg_id": "k"}
    first = await caller.post("message/template/send", body)
    assert await caller.post("message/template/send", body) == first
    other = await caller.post("message/template/send", {**body, "touser": OTHER})
    assert other["msgid"] != first["msgid"]
    ahead(caller, "client_msg_id_seconds")
    assert (await caller.post("message/template/send", body))["msgid"] != first["msgid"]
    await platform.settle()
    phones = platform.on_push
    assert isinstance(phones, Phones)
    assert len(phones.of(FOLLOWER)) == 2


@breaks
async def fields_checked(caller: Caller) -> None:
    """Test accounts take any field."""
    caller.platform.add_template("T1", "预约提醒", {"time1": "时间"})
    fields = {"time1": {"value": "2026-11-24"}}
    body = {"touser": FOLLOWER, "template_id": "T1", "data": fields}
    assert code(await caller.post("message/template/send", body)) == 47003
    caller.platform.world.limits = Limits.load(Kind.TEST)
    assert code(await caller.post("message/template/send", body)) == 0
