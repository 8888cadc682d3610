"""The limits of messages to many, drafts, menu, codes, media and people, each broken once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.sandbox.platform_account import Kind
from tests.bot.conftest import FOLLOWER, OTHER
from tests.bot.sandbox.api import Caller
from tests.bot.sandbox.breaking import ahead, breaks, code, lower

Json = dict[str, Any]
TEXT = {"msgtype": "text", "text": {"content": "停电通知"}}


async def mass(caller: Caller, openids: list[str], key: str = "", **more: Any) -> Json:
    """Send to a list."""
    body = {"touser": openids, **TEXT, **({"clientmsgid": key} if key else {}), **more}
    return await caller.post("message/mass/send", body)


async def to_all(caller: Caller) -> int:
    """Send to everybody; the code."""
    return code(await caller.post("message/mass/sendall", {"filter": {"is_to_all": True}, **TEXT}))


@breaks
async def mass_least(caller: Caller) -> None:
    """Two at least."""
    assert code(await mass(caller, [FOLLOWER])) == 40130
    assert code(await mass(caller, [FOLLOWER, OTHER])) == 0


@breaks
async def mass_most(caller: Caller) -> None:
    """Ten thousand at most."""
    many = [f"openid-{number}" for number in range(10001)]
    assert code(await mass(caller, many)) == 40130
    assert code(await mass(caller, many[1:])) == 0


@breaks
async def mass_a_follower_a_month(caller: Caller) -> None:
    """Four a month, then nobody is left; the next month is new."""
    sent = [code(await mass(caller, [FOLLOWER, OTHER])) for _ in range(5)]
    assert sent == [0, 0, 0, 0, 45028]
    await caller.platform.settle()
    assert caller.platform.events[-1]["SentCount"] == 2
    caller.platform.clock.forward(timedelta(days=11))
    assert code(await mass(caller, [FOLLOWER, OTHER])) == 0


@breaks
async def mass_a_day_of_subscription(caller: Caller) -> None:
    """Subscription accounts: once a day, to whomever."""
    account = replace(caller.platform.account, kind=Kind.SUBSCRIPTION)
    caller.platform.account = account
    assert [await to_all(caller), await to_all(caller)] == [0, 45028]
    caller.platform.clock.forward(timedelta(days=1))
    assert await to_all(caller) == 0


@breaks
async def mass_to_all_a_day(caller: Caller) -> None:
    """Service accounts: to all once a day."""
    assert [await to_all(caller), await to_all(caller)] == [0, 45028]


@breaks
async def mass_a_minute(caller: Caller) -> None:
    """Sixty requests a minute."""
    caller.use("mass", 60, "minute")
    assert code(await mass(caller, [FOLLOWER, OTHER])) == 45011


@breaks
async def mass_key_seconds(caller: Caller) -> None:
    """A key of today names the message that it sent; tomorrow it is new."""
    first = await mass(caller, [FOLLOWER, OTHER], "k")
    ahead(caller, "mass_key_gap_seconds")
    again = await mass(caller, [FOLLOWER, OTHER], "k")
    assert code(again) == 45065
    assert again["msg_id"] == first["msg_id"]
    ahead(caller, "mass_key_seconds")
    assert code(await mass(caller, [FOLLOWER, OTHER], "k")) == 0


@breaks
async def mass_key_gap_seconds(caller: Caller) -> None:
    """Asked again at once, it is under way."""
    await mass(caller, [FOLLOWER, OTHER], "k")
    assert code(await mass(caller, [FOLLOWER, OTHER], "k")) == 45066


@breaks
async def mass_key_bytes(caller: Caller) -> None:
    """Thirty-two bytes."""
    assert code(await mass(caller, [FOLLOWER, OTHER], "k" * 32)) == 0
    assert code(await mass(caller, [FOLLOWER, OTHER], "k" * 33)) == 45067


@breaks
async def draft_title(caller: Caller) -> None:
    """Thirty-two characters."""
    for length, answer in ((32, 0), (33, 45003)):
        draft = {"articles": [{"title": "题" * length}]}
        assert code(await caller.post("draft/add", draft)) == answer


async def menu(caller: Caller, *buttons: Json) -> int:
    """Put a menu in place; the code."""
    return code(await caller.post("menu/create", {"button": list(buttons)}))


def click(name: str = "帮助", key: str = "帮助") -> Json:
    """An entry of a menu."""
    return {"type": "click", "name": name, "key": key}


@breaks
async def menu_buttons(caller: Caller) -> None:
    """Three."""
    assert await menu(caller, *[click()] * 3) == 0
    assert await menu(caller, *[click()] * 4) == 40016


@breaks
async def menu_under(caller: Caller) -> None:
    """Five under each."""
    assert await menu(caller, {"name": "我的", "sub_button": [click()] * 5}) == 0
    assert await menu(caller, {"name": "我的", "sub_button": [click()] * 6}) == 40023


@breaks
async def menu_name_bytes(caller: Caller) -> None:
    """Sixteen bytes: five characters."""
    assert await menu(caller, click("五个字的名")) == 0
    assert await menu(caller, click("六个字的名字")) == 40018


@breaks
async def menu_under_name_bytes(caller: Caller) -> None:
    """Sixty bytes: twenty characters."""
    assert await menu(caller, {"name": "我的", "sub_button": [click("名" * 20)]}) == 0
    assert await menu(caller, {"name": "我的", "sub_button": [click("名" * 21)]}) == 40025


@breaks
async def menu_key_bytes(caller: Caller) -> None:
    """A hundred and twenty-eight bytes."""
    assert await menu(caller, click(key="k" * 128)) == 0
    assert await menu(caller, click(key="k" * 129)) == 40019


@breaks
async def menu_url_bytes(caller: Caller) -> None:
    """A thousand and twenty-four bytes."""
    for length, answer in ((1024, 0), (1025, 40020)):
        url = "https://a.cn/".ljust(length, "x")
        assert await menu(caller, {"type": "view", "name": "网页", "url": url}) == answer


async def qrcode(caller: Caller, action: str, scene: Json, **more: int) -> Json:
    """Make a code."""
    body = {"action_name": action, "action_info": {"scene": scene}, **more}
    return await caller.post("qrcode/create", body)


@breaks
async def qr_seconds(caller: Caller) -> None:
    """Thirty days."""
    for seconds, answer in ((2592000, 0), (2592001, 40052)):
        made = await qrcode(caller, "QR_SCENE", {"scene_id": 1}, expire_seconds=seconds)
        assert code(made) == answer


@breaks
async def qr_default_seconds(caller: Caller) -> None:
    """A minute, if nothing is said."""
    made = await qrcode(caller, "QR_STR_SCENE", {"scene_str": "YQ12"})
    assert made["expire_seconds"] == 60
    assert (await caller.get("showqrcode", ticket=made["ticket"]))["file"]
    ahead(caller, "qr_default_seconds")
    assert code(await caller.get("showqrcode", ticket=made["ticket"])) == 40049


@breaks
async def qr_permanent_id(caller: Caller) -> None:
    """1 to 100,000 for permanent ones, 32 bits for the others, never 0."""
    scenes = [("QR_LIMIT_SCENE", 100000), ("QR_SCENE", 100001), ("QR_LIMIT_SCENE", 100001)]
    scenes += [("QR_SCENE", 0), ("QR_SCENE", 2**32)]
    made = [code(await qrcode(caller, action, {"scene_id": number})) for action, number in scenes]
    assert made == [0, 0, 40053, 40053, 40053]


@breaks
async def qr_scene_chars(caller: Caller) -> None:
    """1 to 64 characters."""
    for length, answer in ((0, 40053), (1, 0), (64, 0), (65, 40053)):
        made = await qrcode(caller, "QR_LIMIT_STR_SCENE", {"scene_str": "x" * length})
        assert code(made) == answer


@breaks
async def qr_permanent(caller: Caller) -> None:
    """As many permanent codes as there are, and no more."""
    lower(caller, qr_permanent=2)
    made = [code(await qrcode(caller, "QR_LIMIT_SCENE", {"scene_id": n})) for n in (1, 2, 3)]
    assert made == [0, 0, 45029]
    assert code(await qrcode(caller, "QR_SCENE", {"scene_id": 3})) == 0


@breaks
async def media_seconds(caller: Caller) -> None:
    """Three days."""
    media_id = (await caller.upload(b"picture"))["media_id"]
    assert (await caller.get("media/get", media_id=media_id))["file"] == b"picture"
    ahead(caller, "media_seconds")
    assert code(await caller.get("media/get", media_id=media_id)) == 40007
    caller.platform.world.grant(FOLLOWER, "message")
    body = {"touser": FOLLOWER, "msgtype": "image", "image": {"media_id": media_id}}
    assert code(await caller.post("message/custom/send", body)) == 40007


@breaks
async def users_at_once(caller: Caller) -> None:
    """A hundred."""
    for count, answer in ((100, 0), (101, 40032)):
        body = {"user_list": [{"openid": FOLLOWER}] * count}
        assert code(await caller.post("user/info/batchget", body)) == answer


@breaks
async def users_page(caller: Caller) -> None:
    """Ten thousand a page; the last page names a next openid, too."""
    everybody = {f"openid-{number:05}" for number in range(10001)}
    caller.platform.followers = everybody
    page = await caller.get("user/get")
    assert (page["count"], page["total"]) == (10000, 10001)
    last = await caller.get("user/get", next_openid=page["next_openid"])
    assert last["count"] == 1
    assert last["next_openid"] == last["data"]["openid"][0]
    assert "data" not in await caller.get("user/get", next_openid=last["next_openid"])


@breaks
async def escapes(caller: Caller) -> None:
    """Chinese written as escapes is refused; a backslash that is meant is not."""
    assert code(await caller.post("menu/create", b'{"button": [{"name": "\\u5e2e"}]}')) == 40033
    assert code(await caller.post("menu/create", b'{"button": [{"name": "\\\\u5e2e"}]}')) == 0


@breaks
async def clear_quota_a_month(caller: Caller) -> None:
    """Ten times a month; a cleared quota is new."""
    caller.use("call:freepublish/delete", 10)
    cleared = [code(await caller.post("clear_quota", {})) for _ in range(11)]
    assert cleared == [0] * 10 + [48006]
    assert code(await caller.post("freepublish/delete", {"article_id": "x"})) == 40007
