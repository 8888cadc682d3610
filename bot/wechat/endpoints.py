"""wechatpy's methods that do more than pass on a request, written anew; and what they lack.

Each class stands in for wechatpy's of the same kind (wechat-platform.md 1.2 and 1.4).
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any

from wechatpy.client import api

from bot.wechat.call import PAGES
from bot.wechat.errors import Refusal

Json = dict[str, Any]
NO_MENU = 46003


class Message(api.WeChatMessage):  # type: ignore[misc] # wechatpy is not typed
    """Messages to followers; customer-service messages of the plain kinds are wechatpy's own."""

    async def send_typing(self, openid: str, *, on: bool = True) -> None:
        """Show that an answer is being written; for 15 s, or until the next message."""
        command = "Typing" if on else "CancelTyping"
        await self._post("message/custom/typing", data={"touser": openid, "command": command})

    async def send_draft(self, openid: str, article_id: str) -> None:
        """Send a published article as a customer-service message."""
        content = {"article_id": article_id}
        await self._custom(openid, "mpnewsarticle", content)

    async def send_text_by_ai(self, openid: str, text: str) -> None:
        """Send words marked as written by a machine."""
        await self._custom(openid, "text", {"content": text}, aimsgcontext={"is_ai_msg": 1})

    async def _custom(self, openid: str, kind: str, content: Json, **extra: Any) -> None:  # noqa: ANN401
        data = {"touser": openid, "msgtype": kind, kind: content, **extra}
        await self._post("message/custom/send", data=data)

    async def send_template(
        self,
        openid: str,
        template_id: str,
        fields: Mapping[str, str],
        *,
        key: str,
        url: str = "",
    ) -> str:
        """Send a template message; the same key reaches the same openid once within 10 minutes.

        Gives the platform's number of the message.
        """
        data: Json = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": key,
            "data": values(fields),
        }
        if url:
            data["url"] = url
        result: Json = await self._post("message/template/send", data=data)
        return str(result.get("msgid", ""))

    async def send_subscription(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = ""
    ) -> str:
        """Send a subscription message, at the price of one credit. It has no idempotency key."""
        data: Json = {"touser": openid, "template_id": template_id, "data": values(fields)}
        if page:
            data["page"] = page
        result: Json = await self._post("message/subscribe/bizsend", data=data)
        return str(result.get("msgid", ""))

    async def send_to_tag(
        self, tag_id: int | None, kind: str, content: Json, *, key: str, reprint: bool = False
    ) -> Json:
        """Mass message to a tag's followers, or to all (None); keys live 24 hours."""
        to_all = tag_id is None
        whom = {"is_to_all": True} if to_all else {"is_to_all": False, "tag_id": tag_id}
        data = {"filter": whom, **_mass(kind, content, key, reprint=reprint)}
        result: Json = await self._post("message/mass/sendall", data=data)
        return result

    async def send_to_many(
        self, openids: Sequence[str], kind: str, content: Json, *, key: str, reprint: bool = False
    ) -> Json:
        """Mass message to 2 to 10,000 followers; keys live 24 hours, 32 characters."""
        data = {"touser": list(openids), **_mass(kind, content, key, reprint=reprint)}
        result: Json = await self._post("message/mass/send", data=data)
        return result

    async def mass_speed(self) -> Json:
        """How fast mass messages go out."""
        result: Json = await self._post("message/mass/speed/get", data={})
        return result


def values(fields: Mapping[str, str]) -> Json:
    """A template's fields as the platform takes them."""
    return {field: {"value": value} for field, value in fields.items()}


def _mass(kind: str, content: Json, key: str, *, reprint: bool) -> Json:
    if not key.isascii() or not 0 < len(key) <= 32:
        raise ValueError("a mass message's key is 1 to 32 ASCII characters")
    return {
        "msgtype": kind,
        kind: content,
        "clientmsgid": key,
        "send_ignore_reprint": int(reprint),
    }


class Menu(api.WeChatMenu):  # type: ignore[misc]
    """The account's menu."""

    async def get(self) -> Json | None:
        """The menu in place; None when there is none."""
        try:
            result: Json = await self._get("menu/get")
        except Refusal as refusal:
            if refusal.code == NO_MENU:
                return None
            raise
        return result


class JsApi(api.WeChatJSAPI):  # type: ignore[misc]
    """What pages need that open inside WeChat."""

    async def get_jsapi_ticket(self) -> str:
        """The ticket, shared by all replicas."""
        ticket: str = await self._client.tickets.get()
        return ticket

    async def get_jsapi_card_ticket(self) -> str:
        """The ticket for cards; the account uses none, so it is not kept."""
        result: Json = await self.get_ticket("wx_card")
        return str(result["ticket"])

    def sign(self, ticket: str, nonce: str, timestamp: int, url: str) -> str:
        """The signature of a page (wechat-platform.md 2.11): hexadecimal SHA-1."""
        page = url.partition("#")[0]
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class User(api.WeChatUser):  # type: ignore[misc]
    """Followers."""

    async def iter_followers(self, first_user_id: str | None = None) -> AsyncIterator[str]:
        """The openid of every follower, page by page."""
        while True:
            page: Json = await self.get_followers(first_user_id)
            for openid in page.get("data", {}).get("openid", ()):
                yield openid
            first_user_id = _next(page, first_user_id)
            if first_user_id is None:
                return


class Tag(api.WeChatTag):  # type: ignore[misc]
    """Tags on followers."""

    async def iter_tag_users(
        self, tag_id: int, first_user_id: str | None = None
    ) -> AsyncIterator[str]:
        """The openid of every follower with the tag, page by page."""
        while True:
            page: Json = await self.get_tag_users(tag_id, first_user_id)
            for openid in page.get("data", {}).get("openid", ()):
                yield openid
            first_user_id = _next(page, first_user_id)
            if first_user_id is None:
                return


def _next(page: Json, asked: str | None) -> str | None:
    """Where to go on; the platform names a next openid on the last page, too."""
    following = page.get("next_openid")
    return following if page.get("data") and following and following != asked else None


class QrCode(api.WeChatQRCode):  # type: ignore[misc]
    """Codes that lead to the account."""

    async def show(self, ticket: str | Mapping[str, str]) -> bytes:
        """The picture of a code, from the ticket that `create` gave."""
        name = ticket if isinstance(ticket, str) else ticket["ticket"]
        picture: bytes = await self._client.page(f"{PAGES}/cgi-bin/showqrcode", {"ticket": name})
        return picture


class DataCube(api.WeChatDataCube):  # type: ignore[misc]
    """The platform's statistics."""

    async def get_user_summary(self, begin_date: date | str, end_date: date | str) -> list[Json]:
        """Followers won and lost, by day and source."""
        span = {"begin_date": str(begin_date), "end_date": str(end_date)}
        result: Json = await self._post("getusersummary", data=span)
        return list(result["list"])


class Media(api.WeChatMedia):  # type: ignore[misc]
    """Pictures and other files; temporary ones live three days."""

    def get_url(self, media_id: str) -> str:
        """Not offered: the address would hold the access token."""
        raise NotImplementedError(media_id)
