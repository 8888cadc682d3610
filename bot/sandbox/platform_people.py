"""The stand-in's followers and tags, as the account may ask for them."""

from bot.sandbox.platform_calls import Call, Json, endpoint, lists
from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_world import World


@endpoint("user/get", "users", "GET")
def user_get(world: World, call: Call) -> Json:
    """A page of followers; the last one names a next openid, too."""
    everybody = world.followers_now()
    page = _page(world, everybody, call.query.get("next_openid", ""))
    return {"total": len(everybody), **page}


def _page(world: World, everybody: list[str], after: str) -> Json:
    start = everybody.index(after) + 1 if after in everybody else 0
    page = everybody[start : start + world.limits["users_page"]]
    if not page:
        return {"count": 0, "next_openid": ""}
    return {"count": len(page), "data": {"openid": page}, "next_openid": page[-1]}


@endpoint("user/info", "users", "GET")
def user_info(world: World, call: Call) -> Json:
    """What the platform tells of one person: no name and no picture any more."""
    return _info(world, call.query.get("openid", ""))


@endpoint("user/info/batchget", "users")
def user_batchget(world: World, call: Call) -> Json:
    """The same of up to a hundred."""
    asked = lists(call.need("user_list"))
    world.limits.at_most("users_at_once", len(asked))
    return {"user_info_list": [_info(world, one.get("openid", "")) for one in asked]}


def _info(world: World, openid: str) -> Json:
    follower = world.follower(openid)
    if not follower.following or follower.followed_at is None:
        return {"subscribe": 0, "openid": openid}
    return {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": int(follower.followed_at.timestamp()),
        "remark": follower.remark,
        "tagid_list": sorted(follower.tags),
    }


@endpoint("user/info/updateremark", "users")
def user_remark(world: World, call: Call) -> Json:
    """The account's own word for a person."""
    world.follower(call.need("openid")).remark = str(call.need("remark"))
    return {}


@endpoint("tags/create", "users")
def tag_create(world: World, call: Call) -> Json:
    """A new tag."""
    number = world.number()
    world.tags[number] = str(call.need("tag")["name"])
    return {"tag": {"id": number, "name": world.tags[number]}}


@endpoint("tags/get", "users", "GET")
def tag_get(world: World, call: Call) -> Json:
    """All tags."""
    return {
        "tags": [
            {"id": number, "name": name, "count": len(_tagged(world, number))}
            for number, name in world.tags.items()
        ]
    }


@endpoint("tags/update", "users")
def tag_update(world: World, call: Call) -> Json:
    """Another name for a tag."""
    tag = call.need("tag")
    world.tags[_tag(world, tag["id"])] = str(tag["name"])
    return {}


@endpoint("tags/delete", "users")
def tag_delete(world: World, call: Call) -> Json:
    """Give a tag up."""
    number = _tag(world, call.need("tag")["id"])
    del world.tags[number]
    for follower in world.followers.values():
        follower.tags.discard(number)
    return {}


@endpoint("tags/members/batchtagging", "users")
def tag_on(world: World, call: Call) -> Json:
    """Put a tag on people."""
    number = _tag(world, call.need("tagid"))
    for openid in lists(call.need("openid_list")):
        world.follower(openid).tags.add(number)
    return {}


@endpoint("tags/members/batchuntagging", "users")
def tag_off(world: World, call: Call) -> Json:
    """Take a tag off people."""
    number = _tag(world, call.need("tagid"))
    for openid in lists(call.need("openid_list")):
        world.follower(openid).tags.discard(number)
    return {}


@endpoint("tags/getidlist", "users")
def tag_of(world: World, call: Call) -> Json:
    """A person's tags."""
    return {"tagid_list": sorted(world.follower(call.need("openid")).tags)}


@endpoint("user/tag/get", "users")
def tag_members(world: World, call: Call) -> Json:
    """A page of a tag's people."""
    tagged = _tagged(world, _tag(world, call.need("tagid")))
    return _page(world, tagged, str(call.body.get("next_openid", "")))


def _tag(world: World, number: object) -> int:
    if not isinstance(number, int) or number not in world.tags:
        raise Errcode(45159)
    return number


def _tagged(world: World, number: int) -> list[str]:
    return [f.openid for f in world.followers.values() if number in f.tags and f.following]


@endpoint("datacube/getusersummary", "users")
def user_summary(world: World, call: Call) -> Json:
    """Followers won and lost: everybody came on the first day asked for."""
    won = len(world.followers_now())
    day = str(call.need("begin_date"))
    return {"list": [{"ref_date": day, "user_source": 0, "new_user": won, "cancel_user": 0}]}
