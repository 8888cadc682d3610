"""wechatpy's client made asynchronous, on one aiohttp session.

wechatpy's methods only hand their arguments to `_request` and give back what it returns, so with an
asynchronous `_request` each becomes a coroutine. The few that do more are written anew in
`endpoints.py`; what wechatpy lacks is added there.
"""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import ClientConnectorError as NoConnection
from aiohttp import ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from wechatpy.client import WeChatClient

from bot.wechat import endpoints, publishing
from bot.wechat.breaker import Breaker
from bot.wechat.call import API, BYTES, Call, prepare
from bot.wechat.codes import STABLE_TOKEN, Reaction, rule
from bot.wechat.errors import AnswerLost, PlatformError, Refusal, Unreachable
from bot.wechat.token import Token, Tokens, Vault

TIMEOUT = ClientTimeout(total=8, connect=3, sock_connect=3)
"""Seconds."""
PATIENCE = (0.5, 1.5)
"""Seconds before the second and the third attempt of a call that may be repeated."""

FINAL = frozenset(
    {Reaction.DROP, Reaction.MARK_UNSUBSCRIBED, Reaction.MUTE, Reaction.FIX, Reaction.IGNORE}
)
"""Reactions to a refusal that will not be another one the next time."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the client must know of the account and of the world."""

    appid: str
    secret: str = field(repr=False)
    base: str = API
    """Where the API is; never with a slash at the end."""
    timeout: ClientTimeout = TIMEOUT
    patience: tuple[float, ...] = PATIENCE
    alert: Callable[[Refusal], None] | None = None
    """Told once when the account's settings are at fault and all calls stop."""


class Client(WeChatClient):  # type: ignore[misc] # wechatpy is not typed
    """The platform's API. Every method is a coroutine; raises PlatformError."""

    datacube = endpoints.DataCube()
    draft = publishing.Draft()
    freepublish = publishing.FreePublish()
    jsapi = endpoints.JsApi()
    media = endpoints.Media()
    menu = endpoints.Menu()
    message = endpoints.Message()
    notices = publishing.Notices()
    openapi = publishing.OpenApi()
    qrcode = endpoints.QrCode()
    tag = endpoints.Tag()
    user = endpoints.User()

    def __init__(
        self,
        settings: Settings,
        http: ClientSession,
        vaults: Callable[[tuple[str, str]], Vault],
        now: Callable[[], datetime],
    ) -> None:
        """`vaults` gives the row's vault for (appid, kind); `http` stays the caller's to close."""
        self.settings = settings
        self.appid = settings.appid
        self.secret = settings.secret
        self.breaker = Breaker()
        self._http = http
        self._now = now
        appid = settings.appid
        self.tokens = Tokens(vaults((appid, "access_token")), self._stable_token, now)
        self.tickets = Tokens(vaults((appid, "jsapi_ticket")), self._ticket, now)

    @property
    def access_token(self) -> str:
        """The token at hand, for methods of wechatpy that look at it; empty: none yet."""
        tokens: Tokens | None = self.__dict__.get("tokens")
        return tokens.value if tokens else ""

    def prepared(self, method: str, endpoint: str, **asked: Any) -> Call:  # noqa: ANN401
        """A call of an endpoint as wechatpy names it: a path below `cgi-bin/`, or an address."""
        prefix = "" if "://" in endpoint else asked.get("api_base_url") or self.API_BASE_URL
        return prepare(method, prefix + endpoint, self.settings.base, asked)

    async def _request(self, method: str, url_or_endpoint: str, **asked: Any) -> Any:  # noqa: ANN401
        """Ask, with the token; a refused token is renewed and the call repeated exactly once."""
        call = self.prepared(method, url_or_endpoint, **asked)
        lost: list[AnswerLost] = []
        try:
            result = await self._with_token(call, lost)
        except PlatformError as error:
            if lost and not _final(error):
                raise lost[0] from error
            raise
        processor = asked.get("result_processor")
        return processor(result) if processor else result

    async def _with_token(self, call: Call, lost: list[AnswerLost]) -> Any:  # noqa: ANN401
        token = await self.tokens.get()
        try:
            return await self._ask(call, token, lost)
        except Refusal as refusal:
            if rule(refusal.code).reaction is not Reaction.RETRY_TOKEN:
                raise
            token = await self.tokens.renew(token)
            return await self._ask(call, token, lost)

    async def page(self, url: str, params: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Ask for something public, without the token."""
        return await self._ask(self.prepared("get", url, params=params))

    async def _ask(
        self, call: Call, token: str | None = None, lost: list[AnswerLost] | None = None
    ) -> Any:  # noqa: ANN401
        """Ask, and ask again what may be repeated when the platform is busy or out of reach.

        What may have been done although its answer was lost is added to `lost`.
        """
        for pause in self.settings.patience:
            try:
                return await self._once(call, token)
            except PlatformError as error:
                if lost is not None and isinstance(error, AnswerLost):
                    lost.append(error)
                if not _again(call, error):
                    raise
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
        return await self._once(call, token)

    async def _once(self, call: Call, token: str | None) -> Any:  # noqa: ANN401
        self.breaker.check(call.path, call.feature, self._now())
        status, body = await self._exchange(call, token)
        result = _decoded(call, status, body)
        code = int(result.get("errcode") or 0) if isinstance(result, dict) else 0
        if code:
            self._refused(call, Refusal(call.path, code, str(result.get("errmsg", ""))))
        return result

    async def _exchange(self, call: Call, token: str | None) -> tuple[int, bytes]:
        params = dict(call.params) | ({"access_token": token} if token else {})
        try:
            async with self._http.request(
                call.method,
                call.address,
                params=params,
                data=call.payload(),
                timeout=self.settings.timeout,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (NoConnection, ConnectionTimeoutError):
            raise Unreachable(call.path) from None
        except (ClientError, TimeoutError, OSError) as error:
            raise AnswerLost(call.path, type(error).__name__) from None

    def _refused(self, call: Call, refusal: Refusal) -> None:
        row = rule(refusal.code)
        log.info("platform refused", path=refusal.path, code=refusal.code, rid=refusal.rid)
        if self.breaker.learn(refusal, call.feature, self._now()):
            log.error("platform settings", code=refusal.code, means=row.means, ip=refusal.address)
            if self.settings.alert:
                self.settings.alert(refusal)
        raise refusal

    async def _stable_token(self, force: bool) -> Token:  # noqa: FBT001 - the platform's own flag
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        call = replace(self.prepared("post", STABLE_TOKEN, data=body), repeatable=not force)
        return self._token(await self._ask(call), "access_token")

    async def _ticket(self, force: bool) -> Token:  # noqa: FBT001 - tickets cannot be forced
        return self._token(await self.jsapi.get_ticket("jsapi"), "ticket")

    def _token(self, result: Mapping[str, Any], name: str) -> Token:
        lifetime = timedelta(seconds=int(result["expires_in"]))
        return Token(str(result[name]), self._now() + lifetime)


def _final(error: PlatformError) -> bool:
    """Whether it is certain by now that the call does nothing, however often it is made."""
    return isinstance(error, Refusal) and rule(error.code).reaction in FINAL


def _again(call: Call, error: PlatformError) -> bool:
    """Whether asking once more can do no harm and may do good."""
    if isinstance(error, Unreachable):
        return True
    if isinstance(error, Refusal) and rule(error.code).reaction is not Reaction.BACK_OFF:
        return False
    return call.repeatable and isinstance(error, AnswerLost | Refusal)


def _decoded(call: Call, status: int, body: bytes) -> Any:  # noqa: ANN401
    if status >= 500:
        raise AnswerLost(call.path, f"HTTP {status}")
    if status >= 300:
        raise Refusal(call.path, status, "HTTP")
    try:
        result = json.loads(body.decode("utf-8", "ignore"), strict=False)
    except ValueError:
        result = body
    if isinstance(result, dict):
        return result | result.pop("base_resp", {})
    if call.path in BYTES:
        return body
    raise AnswerLost(call.path, "not JSON")
