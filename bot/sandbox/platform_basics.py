"""The stand-in's tokens, quotas, menu, codes, media."""

import io
from datetime import timedelta

import segno

from bot.sandbox.platform_calls import ENDPOINTS, Call, File, Json, endpoint, lists
from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_tokens import Issued
from bot.sandbox.platform_world import World

PERMANENT = {"QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}
TEMPORARY = {"QR_SCENE", "QR_STR_SCENE"}


@endpoint("stable_token", open=True)
def stable_token(world: World, call: Call) -> Json:
    """The stable token."""
    _check_secret(world, call.body.get("appid"), call.body.get("secret"))
    world.limits.at_most("stable_a_minute", world.counts.add("stable", "minute"))
    issued = world.tokens.stable(force=bool(call.body.get("force_refresh")))
    return _token(world, "access_token", issued)


@endpoint("token", method="GET", open=True)
def token(world: World, call: Call) -> Json:
    """A classic token; the stable one does not mind."""
    _check_secret(world, call.query.get("appid"), call.query.get("secret"))
    return _token(world, "access_token", world.tokens.classic())


@endpoint("ticket/getticket", method="GET")
def ticket(world: World, call: Call) -> Json:
    """The JS ticket."""
    return _token(world, "ticket", world.tokens.ticket())


def _check_secret(world: World, appid: str | None, secret: str | None) -> None:
    if appid != world.account.appid:
        raise Errcode(40013)
    if secret != world.account.secret:
        raise Errcode(40125)


def _token(world: World, name: str, issued: Issued) -> Json:
    return {name: issued.value, "expires_in": int((issued.until - world.clock()).total_seconds())}


@endpoint("clear_quota")
def clear_quota(world: World, call: Call) -> Json:
    """Begin the day's quotas anew."""
    world.limits.at_most("clear_quota_a_month", world.counts.add("clear", "month"))
    for path in ENDPOINTS:
        world.counts.clear(f"call:{path}", "day")
    return {}


@endpoint("openapi/quota/get")
def quota_get(world: World, call: Call) -> Json:
    """An API's quota today."""
    path = str(call.need("cgi_path")).removeprefix("/").removeprefix("cgi-bin/")
    most = world.limits.a_day(path)
    if most is None:
        raise Errcode(76021)
    used = world.counts.of(f"call:{path}", "day")
    return {"quota": {"daily_limit": most, "used": used, "remain": max(0, most - used)}}


@endpoint("openapi/rid/get")
def rid_get(world: World, call: Call) -> Json:
    """What was logged of a call."""
    logged = world.logged.get(str(call.need("rid")))
    if logged is None:
        raise Errcode(76022)
    return {"request": logged}


@endpoint("getcallbackip", method="GET")
@endpoint("get_api_domain_ip", method="GET")
def addresses(world: World, call: Call) -> Json:
    """Where the platform is."""
    return {"ip_list": ["127.0.0.1"]}


@endpoint("callback/check")
def callback_check(world: World, call: Call) -> Json:
    """Whether the account's server can be reached."""
    return {
        "dns": [{"ip": "127.0.0.1", "real_operator": "UNICOM"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "UNICOM", "package_loss": "0%"}],
    }


@endpoint("menu/create", "menu")
def menu_create(world: World, call: Call) -> Json:
    """Put a menu in place."""
    buttons = lists(call.need("button"))
    limits = world.limits
    limits.at_most("menu_buttons", len(buttons))
    for button in buttons:
        below = lists(button.get("sub_button", []))
        limits.at_most("menu_name_bytes", _bytes(button, "name"))
        limits.at_most("menu_under", len(below))
        for entry in below:
            limits.at_most("menu_under_name_bytes", _bytes(entry, "name"))
        for entry in below or [button]:
            limits.at_most("menu_key_bytes", _bytes(entry, "key"))
            limits.at_most("menu_url_bytes", _bytes(entry, "url"))
    world.menu = {"button": buttons}
    return {}


def _bytes(entry: Json, name: str) -> int:
    return len(str(entry.get(name, "")).encode())


@endpoint("menu/get", "menu", "GET")
def menu_get(world: World, call: Call) -> Json:
    """The menu in place."""
    if world.menu is None:
        raise Errcode(46003)
    return {"menu": world.menu}


@endpoint("menu/delete", "menu", "GET")
def menu_delete(world: World, call: Call) -> Json:
    """Take the menu away."""
    world.menu = None
    return {}


@endpoint("qrcode/create", "qrcode")
def qrcode_create(world: World, call: Call) -> Json:
    """A code that leads to the account and names a scene."""
    action = str(call.need("action_name"))
    if action not in PERMANENT | TEMPORARY:
        raise Errcode(40052)
    scene = _scene(world, action, call.need("action_info").get("scene", {}))
    seconds = _lifetime(world, action, call)
    ticket = world.word(96)
    until = world.clock() + timedelta(seconds=seconds) if seconds else None
    world.codes[ticket] = {"scene": scene, "until": until}
    answer: Json = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:24]}"}
    return answer | ({"expire_seconds": seconds} if seconds else {})


def _scene(world: World, action: str, scene: Json) -> str:
    limits = world.limits
    if "STR" in action:
        text = str(scene.get("scene_str", ""))
        limits.at_most("qr_scene_chars", len(text) or limits["qr_scene_chars"] + 1)
        return text
    number = int(scene.get("scene_id", 0))
    if not 0 < number < 2**32:
        raise Errcode(40053)
    if action in PERMANENT:
        limits.at_most("qr_permanent_id", number)
    return str(number)


def _lifetime(world: World, action: str, call: Call) -> int:
    if action in PERMANENT:
        permanent = sum(code["until"] is None for code in world.codes.values())
        world.limits.at_most("qr_permanent", permanent + 1)
        return 0
    seconds = int(call.body.get("expire_seconds", world.limits["qr_default_seconds"]))
    world.limits.at_most("qr_seconds", seconds)
    return seconds


@endpoint("showqrcode", method="GET", open=True)
def show_qrcode(world: World, call: Call) -> File:
    """A code's picture."""
    code = world.codes.get(call.query.get("ticket", ""))
    if code is None or (code["until"] and code["until"] <= world.clock()):
        raise Errcode(40049)
    picture = io.BytesIO()
    segno.make(f"yixiang-sandbox:{code['scene']}").save(picture, kind="png", scale=6)
    return File("qrcode.png", "image/png", picture.getvalue())


@endpoint("media/upload", "media")
def media_upload(world: World, call: Call) -> Json:
    """A file for messages, kept three days."""
    kind = call.query.get("type", "")
    file = call.files.get("media")
    if kind not in {"image", "voice", "video", "thumb"} or file is None or not file.data:
        raise Errcode(40004)
    if not file.name.isascii() or "." not in file.name:
        raise Errcode(40005)
    media_id = world.word(64)
    world.media[media_id] = file.data
    world.uploaded[media_id] = (world.clock(), file.type)
    now = int(world.clock().timestamp())
    return {"type": kind, "media_id": media_id, "created_at": now}


@endpoint("media/get", "media", "GET")
def media_get(world: World, call: Call) -> File:
    """A file, the account's or a follower's."""
    media_id = call.query.get("media_id", "")
    world.check_media(media_id)
    _at, kind = world.uploaded.get(media_id, (None, "image/jpeg"))
    return File(media_id, kind, world.media[media_id])


@endpoint("media/uploadimg", "media")
def media_uploadimg(world: World, call: Call) -> Json:
    """A picture for articles."""
    file = call.files.get("media")
    if file is None:
        raise Errcode(40004)
    return {"url": f"https://mmbiz.qpic.cn/{world.word(40)}"}
