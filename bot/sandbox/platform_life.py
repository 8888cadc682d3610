"""What a follower's deed means to the platform: windows that open, credits that grow."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.platform_world import Follower, World

WINDOWS = {
    "subscribe": "follow",
    "SCAN": "scan",
    "CLICK": "click",
    "scancode_push": "click",
    "scancode_waitmsg": "click",
}
"""Events that open a window, and which (wechat-platform.md 2.5)."""


def lived(world: World, message: Mapping[str, Any]) -> None:
    """Take note of a message or event before it goes to the door."""
    follower = world.meet(str(message["FromUserName"]))
    if message["MsgType"] != "event":
        follower.heard_at = world.clock()
        world.grant(follower.openid, "click" if message.get("bizmsgmenuid") else "message")
        return
    event = str(message.get("Event", ""))
    if event in {"subscribe", "unsubscribe"}:
        _followed(world, follower, following=event == "subscribe")
    if event in WINDOWS:
        follower.heard_at = world.clock()
        world.grant(follower.openid, WINDOWS[event])
    if str(message.get("EventKey", "")).startswith("qrscene_"):
        world.grant(follower.openid, "scan")
    for name in ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"):
        _answered(follower, message.get(name) or {})


def _followed(world: World, follower: Follower, *, following: bool) -> None:
    follower.following = following
    follower.followed_at = world.clock() if following else None
    if not following:
        follower.grants.clear()


def _answered(follower: Follower, told: Mapping[str, Any]) -> None:
    """Credits: one more for each accept, none left after a reject (wechat-platform.md 2.7)."""
    rows = told.get("List") or []
    for row in [rows] if isinstance(rows, Mapping) else rows:
        template = str(row["TemplateId"])
        accepted = row["SubscribeStatusString"] == "accept"
        follower.credits[template] = follower.credits.get(template, 0) + 1 if accepted else 0
