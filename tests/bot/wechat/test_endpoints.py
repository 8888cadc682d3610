"""Every call that was added or mended, once, against the stand-in."""

import io

import pytest

from bot.sandbox.platform import Platform
from bot.wechat.client import Client
from bot.wechat.errors import Refusal
from tests.bot.conftest import FOLLOWER, Make, Phones, asked


async def test_every_kind_of_message_to_one(
    client: Client, platform: Platform, follower: str, phones: Phones
) -> None:
    """Each is called once, with arguments as life has them."""
    platform.add_template("T1", "预约结果通知", {"thing1": "仪器"})
    platform.accept(follower, "T1")
    message = client.message
    await message.send_typing(follower)
    await message.send_text_by_ai(follower, "由模型生成")
    await message.send_draft(follower, "article")
    menu = {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}]}
    await message.send_msg_menu(follower, menu)
    article = {"title": "三坐标", "description": "平遥", "url": "https://a.cn", "image": ""}
    await message.send_articles(follower, [article])
    fields = {"thing1": "三坐标"}
    assert await message.send_template(follower, "T1", fields, key="1", url="https://a.cn")
    assert await message.send_subscription(follower, "T1", fields)
    await platform.settle()
    assert [shown["msgtype"] for shown in phones.of(follower)] == (
        ["typing", "text", "mpnewsarticle", "msgmenu", "news", "template", "subscription"]
    )
    kinds = {event["Event"] for event in platform.events}
    assert kinds >= {"TEMPLATESENDJOBFINISH", "subscribe_msg_sent_event"}


async def test_every_kind_of_message_to_many(
    client: Client, platform: Platform, follower: str, phones: Phones
) -> None:
    """By tag, to all, by list."""
    other = platform.world.meet("o6_bmjrPTlm6_2sgVt7hMZOPfL2N").openid
    message, text = client.message, {"content": "停电通知"}
    tag = (await client.tag.create("机主"))["id"]
    await client.tag.tag_user(tag, [follower])
    assert (await message.send_to_tag(tag, "text", text, key="a"))["msg_id"]
    assert (await message.send_to_tag(None, "text", text, key="b"))["msg_id"]
    assert (await message.send_to_many([follower, other], "text", text, key="c"))["msg_id"]
    assert (await message.mass_speed())["speed"]
    await platform.settle()
    assert len(phones.of(follower)) == 3
    assert len(phones.of(other)) == 2
    assert {event["Event"] for event in platform.events} == {"MASSSENDJOBFINISH"}


async def test_drafts_and_publishing(client: Client, platform: Platform) -> None:
    """From a draft to an article and away again."""
    draft, published = client.draft, client.freepublish
    media = await draft.add([{"title": "目录", "content": "<p>180 台</p>"}])
    await draft.update(media, 0, {"title": "目录（二）", "content": ""})
    assert (await draft.get(media))[0]["title"] == "目录（二）"
    assert await draft.count() == 1
    assert (await draft.batchget())["total_count"] == 1
    publish = await published.submit(media)
    assert await draft.count() == 0
    status = await published.get(publish)
    assert status["publish_status"] == 0
    assert await published.getarticle(status["article_id"])
    assert (await published.batchget())["total_count"] == 1
    await published.delete(status["article_id"])
    await draft.delete(await draft.add([{"title": "废稿"}]))
    await platform.settle()
    assert platform.events[0]["PublishEventInfo"]["publish_id"] == publish


async def test_templates_quotas_and_addresses(client: Client, platform: Platform) -> None:
    """The account's own affairs."""
    notices, openapi = client.notices, client.openapi
    assert await notices.categories()
    assert await notices.titles([616])
    assert await notices.keywords("99")
    template = await notices.add("99", [1, 2], "预约提醒")
    assert (await notices.all())[0]["priTmplId"] == template
    await notices.delete(template)
    assert await notices.all() == []
    assert (await openapi.quota("/cgi-bin/menu/create"))["daily_limit"] == 1000
    await openapi.clear_quota()
    assert await openapi.api_addresses()
    assert (await openapi.check_callback())["dns"]
    with pytest.raises(Refusal) as refused:
        await client.message.send_text("nobody", "x")
    assert refused.value.rid
    assert (await openapi.request(refused.value.rid))["request_url"]


async def test_menu_pictures_codes_and_statistics(client: Client, platform: Platform) -> None:
    """What wechatpy's methods do by themselves in the synchronous client."""
    assert await client.menu.get() is None
    await client.menu.create({"button": [{"type": "click", "name": "帮助", "key": "帮助"}]})
    assert await client.menu.get() == {"menu": {"button": platform.menu}}
    ticket = await client.qrcode.create(
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "YQ12"}}}
    )
    assert (await client.qrcode.show(ticket)).startswith(b"\x89PNG")
    assert (await client.qrcode.show(ticket["ticket"])).startswith(b"\x89PNG")
    file = io.BytesIO(b"\x89PNG picture")
    file.name = "仪器.png"
    media = await client.media.upload("image", file)
    assert await client.media.download(media["media_id"]) == b"\x89PNG picture"
    assert (await client.media.upload_image(("a.png", b"x"))).startswith("https://")
    platform.world.meet(FOLLOWER)
    summary = await client.datacube.get_user_summary("2026-11-20", "2026-11-20")
    assert summary[0]["new_user"] == 1
    assert await client.user.get(FOLLOWER)
    with pytest.raises(NotImplementedError):
        client.media.get_url("x")


async def test_iterators_end(client: Client, platform: Platform) -> None:
    """Page by page, and not for ever, though the last page names a next openid."""
    platform.world.limits = platform.world.limits.lowered(users_page=2)
    openids = [platform.world.meet(f"openid-{number}").openid for number in range(5)]
    tag = (await client.tag.create("机主"))["id"]
    await client.tag.tag_user(tag, openids[:4])
    assert [openid async for openid in client.user.iter_followers()] == openids
    assert [openid async for openid in client.tag.iter_tag_users(tag)] == openids[:4]
    platform.followers = set()
    assert [openid async for openid in client.user.iter_followers()] == []


async def test_the_ticket_is_shared_too(make_client: Make, platform: Platform) -> None:
    """One ticket for all replicas."""
    first, second = make_client(), make_client()
    tickets = {await first.jsapi.get_jsapi_ticket(), await second.jsapi.get_jsapi_ticket()}
    assert len(tickets) == 1
    assert asked(platform)["ticket/getticket"] == 1
    assert await first.jsapi.get_jsapi_card_ticket()


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("http://mp.weixin.qq.com?params=value", "0f9de62fce790f9a083d5c99e95740ceb90c27ed"),
        ("http://mp.weixin.qq.com#part", "f4d90daf4b3bca3078ab155816175ba34c443a7b"),
    ],
)
def test_page_signatures_are_the_official_ones(client: Client, url: str, signature: str) -> None:
    """Vectors of the platform's own documents (wechat-platform.md 3.3)."""
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    nonce = "Wm3WZYTPz0wzccnW"
    assert client.jsapi.sign(ticket, nonce, 1414587457, url) == signature
    page = url.partition("#")[0]
    assert client.jsapi.get_jsapi_signature(nonce, ticket, 1414587457, page) == signature


def test_a_mass_message_needs_a_short_key(client: Client) -> None:
    """Thirty-six characters were refused in life."""
    with pytest.raises(ValueError, match="32"):
        client.message.send_to_many(["a", "b"], "text", {}, key="x" * 36).send(None)
