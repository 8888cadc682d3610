"""Endpoints that wechatpy lacks: drafts, publishing, subscription templates, quotas."""

from collections.abc import Mapping, Sequence
from typing import Any

from wechatpy.client.api.base import BaseWeChatAPI

Json = dict[str, Any]


class Draft(BaseWeChatAPI):  # type: ignore[misc] # wechatpy is not typed
    """Articles not yet published; one that is published or sent to many leaves the drafts."""

    async def add(self, articles: Sequence[Mapping[str, Any]]) -> str:
        """Add a draft of up to eight articles; gives its media id."""
        return str((await self._post("draft/add", data={"articles": list(articles)}))["media_id"])

    async def get(self, media_id: str) -> list[Json]:
        """A draft's articles."""
        result: Json = await self._post("draft/get", data={"media_id": media_id})
        return list(result["news_item"])

    async def update(self, media_id: str, index: int, article: Mapping[str, Any]) -> None:
        """Replace one article of a draft."""
        data = {"media_id": media_id, "index": index, "articles": dict(article)}
        await self._post("draft/update", data=data)

    async def delete(self, media_id: str) -> None:
        """Throw a draft away."""
        await self._post("draft/delete", data={"media_id": media_id})

    async def count(self) -> int:
        """How many drafts there are."""
        return int((await self._get("draft/count"))["total_count"])

    async def batchget(self, offset: int = 0, count: int = 20, *, content: bool = False) -> Json:
        """A page of drafts, with their text or without."""
        data = {"offset": offset, "count": count, "no_content": int(not content)}
        result: Json = await self._post("draft/batchget", data=data)
        return result


class FreePublish(BaseWeChatAPI):  # type: ignore[misc]
    """Publishing drafts, without telling followers."""

    async def submit(self, media_id: str) -> str:
        """Begin to publish a draft; gives the number to ask after."""
        result: Json = await self._post("freepublish/submit", data={"media_id": media_id})
        return str(result["publish_id"])

    async def get(self, publish_id: str) -> Json:
        """How publishing goes: `publish_status` 0 done, 1 running, 2 and more failed."""
        result: Json = await self._post("freepublish/get", data={"publish_id": publish_id})
        return result

    async def getarticle(self, article_id: str) -> list[Json]:
        """A published article's parts."""
        result: Json = await self._post("freepublish/getarticle", data={"article_id": article_id})
        return list(result["news_item"])

    async def batchget(self, offset: int = 0, count: int = 20, *, content: bool = False) -> Json:
        """A page of what is published."""
        data = {"offset": offset, "count": count, "no_content": int(not content)}
        result: Json = await self._post("freepublish/batchget", data=data)
        return result

    async def delete(self, article_id: str, index: int = 0) -> None:
        """Take a published article down; index 0: all its parts."""
        data = {"article_id": article_id, "index": index}
        await self._post("freepublish/delete", data=data)


class Notices(BaseWeChatAPI):  # type: ignore[misc]
    """The account's subscription templates."""

    API_BASE_URL = "https://api.weixin.qq.com/wxaapi/newtmpl/"

    async def categories(self) -> list[Json]:
        """The account's categories."""
        return list((await self._get("getcategory"))["data"])

    async def titles(self, categories: Sequence[int], start: int = 0, limit: int = 30) -> Json:
        """A page of public templates in these categories."""
        ids = ",".join(map(str, categories))
        params = {"ids": ids, "start": start, "limit": limit}
        result: Json = await self._get("getpubtemplatetitles", params=params)
        return result

    async def keywords(self, title: str) -> list[Json]:
        """The fields that a public template may have."""
        return list((await self._get("getpubtemplatekeywords", params={"tid": title}))["data"])

    async def add(self, title: str, fields: Sequence[int], scene: str) -> str:
        """Take a public template into the account; gives its template id."""
        data = {"tid": title, "kidList": list(fields), "sceneDesc": scene}
        return str((await self._post("addtemplate", data=data))["priTmplId"])

    async def all(self) -> list[Json]:
        """The account's templates."""
        return list((await self._get("gettemplate"))["data"])

    async def delete(self, template_id: str) -> None:
        """Give a template up."""
        await self._post("deltemplate", data={"priTmplId": template_id})


class OpenApi(BaseWeChatAPI):  # type: ignore[misc]
    """Quotas, the log of calls, and the way back to us."""

    async def clear_quota(self) -> None:
        """Begin all of the day's quotas anew; ten times a month."""
        await self._post("clear_quota", data={"appid": self.appid})

    async def quota(self, path: str) -> Json:
        """An API's quota (`/cgi-bin/message/custom/send`): daily_limit, used, remain."""
        result: Json = await self._post("openapi/quota/get", data={"cgi_path": path})
        return dict(result["quota"])

    async def request(self, rid: str) -> Json:
        """What the platform logged of the call with this number."""
        result: Json = await self._post("openapi/rid/get", data={"rid": rid})
        return dict(result["request"])

    async def callback_addresses(self) -> list[str]:
        """The addresses that the platform calls us from."""
        return list((await self._get("getcallbackip"))["ip_list"])

    async def api_addresses(self) -> list[str]:
        """The addresses of the platform's API."""
        return list((await self._get("get_api_domain_ip"))["ip_list"])

    async def check_callback(self, *, action: str = "all", operator: str = "DEFAULT") -> Json:
        """Whether the platform can reach our server."""
        data = {"action": action, "check_operator": operator}
        result: Json = await self._post("callback/check", data=data)
        return result
