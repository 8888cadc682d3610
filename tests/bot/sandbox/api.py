"""A bare caller of the stand-in's API, as any other program would be."""

import json
from typing import Any

from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestServer

from bot.sandbox.platform import Platform

Json = dict[str, Any]


class Caller:
    """Asks with a token of its own."""

    def __init__(self, platform: Platform, server: TestServer, http: ClientSession) -> None:
        self.platform = platform
        self._server = server
        self._http = http

    @property
    def token(self) -> str:
        """The present stable token."""
        return self.platform.world.tokens.stable(force=False).value

    def use(self, path: str, times: int, span: str = "day") -> None:
        """Pretend that something was done so often already in this minute, day or month."""
        self.platform.world.counts.add(path, span, times)

    async def post(self, path: str, body: Any, *, token: str | None = None) -> Json:
        """Post JSON; the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self._asked("POST", path, {}, data, token)

    async def get(self, path: str, *, token: str | None = None, **query: str) -> Json:
        """Get; the answer."""
        return await self._asked("GET", path, query, None, token)

    async def upload(self, data: bytes, kind: str = "image") -> Json:
        """Upload a picture."""
        form = FormData()
        form.add_field("media", data, filename="a.png", content_type="image/png")
        return await self._asked("POST", "media/upload", {"type": kind}, form, None)

    async def stable(self, *, force: bool = False, secret: str | None = None) -> Json:
        """Ask for a stable token."""
        account = self.platform.account
        body = {"grant_type": "client_credential", "appid": account.appid}
        told = {**body, "secret": secret or account.secret, "force_refresh": force}
        return await self.post("stable_token", told)

    async def classic(self) -> Json:
        """Ask for a classic token."""
        account = self.platform.account
        return await self.get("token", appid=account.appid, secret=account.secret)

    async def say(self, openid: str, words: str = "好") -> int:
        """Send a customer-service message; the code."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        return int((await self.post("message/custom/send", body))["errcode"])

    async def _asked(
        self, method: str, path: str, query: Json, data: Any, token: str | None
    ) -> Json:
        prefix = "" if path.startswith(("wxaapi/", "datacube/")) else "cgi-bin/"
        params = {**query, "access_token": self.token if token is None else token}
        url = self._server.make_url(f"/{prefix}{path}")
        async with self._http.request(method, url, params=params, data=data) as response:
            body = await response.read()
        try:
            told: Json = json.loads(body)
        except ValueError:
            return {"file": body}
        return told
