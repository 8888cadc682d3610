"""The stand-in's messages to many, its drafts and its publishing."""

from collections.abc import Iterable

from bot.sandbox.platform_account import Kind
from bot.sandbox.platform_calls import Call, Json, endpoint, lists
from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_world import World


@endpoint("message/mass/send", "mass_list")
def mass_send(world: World, call: Call) -> Json:
    """To a list of openids."""
    openids = [str(openid) for openid in lists(call.need("touser"))]
    if len(openids) < world.limits["mass_least"]:
        raise Errcode(world.limits.limit["mass_least"].code)
    world.limits.at_most("mass_most", len(openids))
    return _send(world, call, openids)


@endpoint("message/mass/sendall", "mass")
def mass_sendall(world: World, call: Call) -> Json:
    """To a tag's followers, or to all."""
    whom = call.need("filter")
    if whom.get("is_to_all"):
        return _send(world, call, world.followers_now(), to_all=True)
    if whom.get("tag_id") not in world.tags:
        raise Errcode(40045)
    tagged = (f.openid for f in world.followers.values() if whom["tag_id"] in f.tags)
    return _send(world, call, tagged)


def _send(world: World, call: Call, openids: Iterable[str], *, to_all: bool = False) -> Json:
    key = ("mass", str(call.body.get("clientmsgid") or world.number()))
    world.limits.at_most("mass_key_bytes", len(key[1].encode()))
    world.limits.at_most("mass_a_minute", world.counts.add("mass", "minute"))
    _check_repeat(world, key)
    kind = str(call.need("msgtype"))
    content = call.need(kind)
    if kind == "mpnews":
        world.find("draft", content.get("media_id"))
    if to_all or world.account.kind is Kind.SUBSCRIPTION:
        _spend_day(world, to_all=to_all)
    number = world.number()
    world.sent[key] = (world.clock(), number)
    _deliver(world, list(openids), kind, content, number)
    return {"msg_id": number, "msg_data_id": world.number(), "msg_status": "SEND_SUCCESS"}


def _check_repeat(world: World, key: tuple[str, str]) -> None:
    used = world.sent.get(key)
    since = world.clock() - used[0] if used else None
    if used is None or since is None or since >= world.limits.span("mass_key_seconds"):
        return
    if since < world.limits.span("mass_key_gap_seconds"):
        raise Errcode(world.limits.limit["mass_key_gap_seconds"].code)
    raise Errcode(world.limits.limit["mass_key_seconds"].code, msg_id=used[1])


def _spend_day(world: World, *, to_all: bool) -> None:
    if world.account.kind is Kind.SUBSCRIPTION:
        name = "mass_a_day_of_subscription"
        world.limits.at_most(name, world.counts.add(name, "day"))
    elif to_all:
        name = "mass_to_all_a_day"
        world.limits.at_most(name, world.counts.add(name, "day"))


def _deliver(world: World, openids: list[str], kind: str, content: Json, number: int) -> None:
    most = world.limits["mass_a_follower_a_month"]
    reached = 0
    reachable = [o for o in openids if o in world.followers and world.followers[o].following]
    free = [o for o in reachable if world.counts.of(f"mass:{o}", "month") < most]
    if reachable and not free:
        raise Errcode(world.limits.limit["mass_a_follower_a_month"].code)
    for openid in free:
        world.counts.add(f"mass:{openid}", "month")
        if not world.followers[openid].muted:
            world.show(openid, {"msgtype": kind, kind: content})
            reached += 1
    world.kept[f"mass:{number}"] = {"at": world.clock()}
    if kind == "mpnews":
        world.kept.pop(f"draft:{content['media_id']}", None)
    world.push_later(_finished(number, len(openids), len(free), reached))


def _finished(number: int, total: int, filtered: int, sent: int) -> Json:
    return {
        "FromUserName": "mphelper",
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": number,
        "Status": "send success" if sent or not total else "send fail",
        "TotalCount": total,
        "FilterCount": filtered,
        "SentCount": sent,
        "ErrorCount": filtered - sent,
    }


@endpoint("message/mass/preview", "mass")
def mass_preview(world: World, call: Call) -> Json:
    """To one person, to look at."""
    kind = str(call.need("msgtype"))
    follower = world.follower(call.need("touser"))
    world.show(follower.openid, {"msgtype": kind, kind: call.need(kind)})
    return {"msg_id": world.number()}


@endpoint("message/mass/get", "mass")
def mass_get(world: World, call: Call) -> Json:
    """How a mass message went."""
    world.find("mass", call.need("msg_id"))
    return {"msg_id": call.body["msg_id"], "msg_status": "SEND_SUCCESS"}


@endpoint("message/mass/delete", "mass")
def mass_delete(world: World, call: Call) -> Json:
    """Take a mass message back."""
    world.find("mass", call.need("msg_id"))
    del world.kept[f"mass:{call.body['msg_id']}"]
    return {}


@endpoint("message/mass/speed/get", "mass")
def mass_speed(world: World, call: Call) -> Json:
    """How fast mass messages go out."""
    return {"speed": 3, "realspeed": 15}


@endpoint("draft/add", "draft")
def draft_add(world: World, call: Call) -> Json:
    """Add a draft."""
    articles = lists(call.need("articles"))
    _check_articles(world, articles)
    return {"media_id": world.keep("draft", {"news_item": articles})}


@endpoint("draft/update", "draft")
def draft_update(world: World, call: Call) -> Json:
    """Replace one article of a draft."""
    draft = world.find("draft", call.need("media_id"))
    _check_articles(world, [call.need("articles")])
    index = int(call.need("index"))
    if index >= len(draft["news_item"]):
        raise Errcode(40114)
    draft["news_item"][index] = call.body["articles"]
    return {}


def _check_articles(world: World, articles: list[Json]) -> None:
    for article in articles:
        world.limits.at_most("draft_title", len(str(article.get("title", ""))))


@endpoint("draft/get", "draft")
def draft_get(world: World, call: Call) -> Json:
    """A draft's articles."""
    return {"news_item": world.find("draft", call.need("media_id"))["news_item"]}


@endpoint("draft/delete", "draft")
def draft_delete(world: World, call: Call) -> Json:
    """Throw a draft away."""
    world.find("draft", call.need("media_id"))
    del world.kept[f"draft:{call.body['media_id']}"]
    return {}


@endpoint("draft/count", "draft", "GET")
def draft_count(world: World, call: Call) -> Json:
    """How many drafts there are."""
    return {"total_count": len(_all(world, "draft"))}


@endpoint("draft/batchget", "draft")
def draft_batchget(world: World, call: Call) -> Json:
    """A page of drafts."""
    return _page(_all(world, "draft"), call)


@endpoint("freepublish/submit", "publish")
def publish(world: World, call: Call) -> Json:
    """Publish a draft: it leaves the drafts and is done soon."""
    draft = world.find("draft", call.need("media_id"))
    del world.kept[f"draft:{call.body['media_id']}"]
    article = world.keep("article", {"news_item": draft["news_item"]})
    number = str(world.number())
    url = f"https://mp.weixin.qq.com/s/{article}"
    detail = {"count": 1, "item": {"idx": 1, "article_url": url}}
    world.kept[f"publish:{number}"] = {"article_id": article, "article_detail": detail}
    told = {"publish_id": number, "publish_status": 0, "article_id": article}
    world.push_later(
        {
            "FromUserName": "mphelper",
            "MsgType": "event",
            "Event": "PUBLISHJOBFINISH",
            "PublishEventInfo": {**told, "article_detail": detail},
        }
    )
    return {"publish_id": number, "msg_data_id": world.number()}


@endpoint("freepublish/get", "publish")
def publish_get(world: World, call: Call) -> Json:
    """How publishing went."""
    done = world.find("publish", call.need("publish_id"))
    return {"publish_id": call.body["publish_id"], "publish_status": 0, **done}


@endpoint("freepublish/getarticle", "publish")
def article_get(world: World, call: Call) -> Json:
    """A published article's parts."""
    return {"news_item": world.find("article", call.need("article_id"))["news_item"]}


@endpoint("freepublish/batchget", "publish")
def article_batchget(world: World, call: Call) -> Json:
    """A page of what is published."""
    return _page(_all(world, "article"), call)


@endpoint("freepublish/delete", "publish")
def article_delete(world: World, call: Call) -> Json:
    """Take a published article down."""
    world.find("article", call.need("article_id"))
    del world.kept[f"article:{call.body['article_id']}"]
    return {}


def _all(world: World, kind: str) -> list[Json]:
    prefix = f"{kind}:"
    return [
        {"id": key.removeprefix(prefix), "content": {"news_item": thing["news_item"]}}
        for key, thing in world.kept.items()
        if key.startswith(prefix)
    ]


def _page(things: list[Json], call: Call) -> Json:
    start, count = int(call.body.get("offset", 0)), int(call.body.get("count", 20))
    page = things[start : start + count]
    return {"total_count": len(things), "item_count": len(page), "item": page}
