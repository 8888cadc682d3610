"""The stand-in's messages to one person: customer-service, typing, template, subscription."""

import re
from collections.abc import Mapping

from bot.sandbox.platform_calls import Call, Json, endpoint, lists
from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_world import Follower, Template, World

KINDS = frozenset(
    {"text", "image", "voice", "video", "music", "news", "mpnews", "mpnewsarticle", "msgmenu"}
    | {"wxcard", "miniprogrampage", "link"}
)
PREFIX = re.compile(r"[a-z_]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@endpoint("message/custom/send", "custom")
def custom_send(world: World, call: Call) -> Json:
    """A customer-service message, in a window that something opened."""
    follower = world.follower(call.need("touser"))
    kind = str(call.need("msgtype"))
    if kind not in KINDS:
        raise Errcode(47001, "msgtype")
    content = call.need(kind)
    _check_content(world, kind, content)
    if follower.blacklisted:
        raise Errcode(43019)
    if follower.muted:
        raise Errcode(48002)
    _spend_window(world, follower)
    follower.typing_until = None
    extra = {"aimsgcontext": call.body["aimsgcontext"]} if "aimsgcontext" in call.body else {}
    world.show(follower.openid, {"msgtype": kind, kind: content, **extra})
    return {}


def _check_content(world: World, kind: str, content: Json) -> None:
    if kind == "text":
        world.limits.at_most("text_bytes", len(str(content.get("content", "")).encode()))
    if kind == "news":
        world.limits.at_most("articles", len(lists(content.get("articles"))))
    if kind in {"image", "voice", "video"}:
        world.check_media(content.get("media_id"))


def _spend_window(world: World, follower: Follower) -> None:
    now = world.clock()
    open_ = [grant for grant in follower.grants.values() if grant.until > now]
    if not follower.following or not open_:
        raise Errcode(45015)
    usable = [grant for grant in open_ if grant.left]
    if not usable:
        raise Errcode(45047)
    min(usable, key=lambda grant: grant.until).left -= 1


@endpoint("message/custom/typing", "custom")
def custom_typing(world: World, call: Call) -> Json:
    """The sign that an answer is being written."""
    follower, now = world.follower(call.need("touser")), world.clock()
    command = call.need("command")
    if command not in {"Typing", "CancelTyping"}:
        raise Errcode(45072)
    since = world.limits.span("typing_after_seconds")
    if follower.heard_at is None or now - follower.heard_at > since:
        raise Errcode(45080)
    typing = command == "Typing"
    if typing and follower.typing_until and follower.typing_until > now:
        raise Errcode(45081)
    follower.typing_until = now + world.limits.span("typing_lasts_seconds") if typing else None
    world.show(follower.openid, {"msgtype": "typing", "typing": typing})
    return {}


@endpoint("message/template/send", "template")
def template_send(world: World, call: Call) -> Json:
    """A template message; one with a known `client_msg_id` was sent already."""
    follower = world.follower(call.need("touser"))
    template = world.template(call.need("template_id"))
    fields = _fields(world, template, call.need("data"))
    if not follower.following:
        raise Errcode(43004)
    key = (follower.openid, str(call.body.get("client_msg_id") or world.number()))
    used = world.sent.get(key)
    if used and world.clock() - used[0] < world.limits.span("client_msg_id_seconds"):
        return {"msgid": used[1]}
    number = world.number()
    world.sent[key] = (world.clock(), number)
    _show_form(world, follower, "template", template, fields, str(call.body.get("url", "")))
    world.push_later(_finished(follower, number))
    return {"msgid": number}


def _finished(follower: Follower, number: int) -> Json:
    return {
        "FromUserName": follower.openid,
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": number,
        "Status": "failed:user block" if follower.muted else "success",
    }


def _show_form(
    world: World,
    follower: Follower,
    kind: str,
    template: Template,
    fields: Mapping[str, str],
    url: str,
) -> None:
    if follower.muted:
        return
    rows = [{"name": label, "value": fields[key]} for key, label in template.fields.items()]
    shown = {"msgtype": kind, "title": template.title, "fields": rows, "url": url}
    world.show(follower.openid, shown)


def _fields(world: World, template: Template, data: Json) -> dict[str, str]:
    given = {key: str((data.get(key) or {}).get("value", "")) for key in template.fields}
    for key, value in given.items():
        if world.limits["fields_checked"]:
            _check_field(world, template, key, value)
    return given


def _check_field(world: World, template: Template, key: str, value: str) -> None:
    code = world.limits.limit["fields_checked"].code
    if not value:
        raise Errcode(code, f"data.{key}.value is empty")
    found = PREFIX.match(key)
    prefix = found[0] if found else key
    rule = world.limits.field.get(prefix)
    pattern = world.limits.patterns.get(prefix)
    wrong = CONTROL.search(value) or (pattern and not pattern.fullmatch(value))
    if rule and rule.registered and value not in template.values.get(key, ()):
        wrong = True
    if wrong:
        raise Errcode(code, f"data.{key}.value invalid")


@endpoint("message/subscribe/bizsend", "notices")
def subscription_send(world: World, call: Call) -> Json:
    """A subscription message, for one credit."""
    follower = world.follower(call.need("touser"))
    template = world.template(call.need("template_id"))
    fields = _fields(world, template, call.need("data"))
    price = world.limits["credit"]
    if follower.credits.get(template.id, 0) < price:
        raise Errcode(world.limits.limit["credit"].code)
    follower.credits[template.id] -= price
    number = world.number()
    _show_form(world, follower, "subscription", template, fields, str(call.body.get("page", "")))
    row = {"TemplateId": template.id, "MsgID": number, "ErrorCode": 0, "ErrorStatus": "success"}
    world.push_later(
        {
            "FromUserName": follower.openid,
            "MsgType": "event",
            "Event": "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent": {"List": row},
        }
    )
    return {"msgid": number}


@endpoint("template/api_add_template", "template")
def template_add(world: World, call: Call) -> Json:
    """Take a template of the platform's library into the account."""
    title = str(call.need("template_id_short"))
    return {"template_id": _add(world, title, {"thing1": title})}


@endpoint("template/get_all_private_template", "template", "GET")
def template_all(world: World, call: Call) -> Json:
    """The account's templates."""
    return {
        "template_list": [
            {
                "template_id": template.id,
                "title": template.title,
                "content": "\n".join(
                    f"{label}:{{{{{key}.DATA}}}}" for key, label in template.fields.items()
                ),
            }
            for template in world.templates.values()
        ]
    }


@endpoint("template/del_private_template", "template")
def template_delete(world: World, call: Call) -> Json:
    """Give a template up."""
    del world.templates[world.template(call.need("template_id")).id]
    return {}


@endpoint("wxaapi/newtmpl/addtemplate", "notices")
def notice_add(world: World, call: Call) -> Json:
    """Take a public subscription template into the account."""
    fields = {f"thing{number}": f"field {number}" for number in lists(call.need("kidList"))}
    return {"priTmplId": _add(world, str(call.need("tid")), fields)}


@endpoint("wxaapi/newtmpl/gettemplate", "notices", "GET")
def notice_all(world: World, call: Call) -> Json:
    """The account's subscription templates."""
    return {"data": [{"priTmplId": t.id, "title": t.title} for t in world.templates.values()]}


@endpoint("wxaapi/newtmpl/deltemplate", "notices")
def notice_delete(world: World, call: Call) -> Json:
    """Give a subscription template up."""
    del world.templates[world.template(call.need("priTmplId")).id]
    return {}


@endpoint("wxaapi/newtmpl/getcategory", "notices", "GET")
def notice_categories(world: World, call: Call) -> Json:
    """The account's categories."""
    return {"data": [{"id": 616, "name": "public services"}]}


@endpoint("wxaapi/newtmpl/getpubtemplatetitles", "notices", "GET")
def notice_titles(world: World, call: Call) -> Json:
    """Public templates of some categories."""
    return {"count": 1, "data": [{"tid": 99, "title": "booking", "type": 2, "categoryId": "616"}]}


@endpoint("wxaapi/newtmpl/getpubtemplatekeywords", "notices", "GET")
def notice_keywords(world: World, call: Call) -> Json:
    """The fields that a public template may have."""
    return {"data": [{"kid": 1, "name": "thing", "example": "example", "rule": "thing"}]}


def _add(world: World, title: str, fields: Mapping[str, str]) -> str:
    world.limits.at_most("templates", len(world.templates) + 1)
    template = Template(world.word(43), title, fields)
    world.templates[template.id] = template
    return template.id
