"""A stand-in for WeChat's platform: its API as an aiohttp app, and its way to the account's door.

It behaves like the platform, limits and all (`limits.toml`); it is for trying and testing, and the
running account (`yixiang serve`) never imports it.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

from aiohttp import web

from bot.sandbox.platform_account import Account, Clock

Json = dict[str, Any]
OnPush = Callable[[str, Json], Awaitable[None]]
"""What a phone shows unasked: `await on_push(openid, message)`.

`message["msgtype"]` is `text`, `image`, `news`, `msgmenu`, … with the same content as the API's body,
`template` and `subscription` (`{"title", "fields": [{"name", "value"}], "url"}`), or `typing`
(`{"typing": true}`).
"""


class Trouble(StrEnum):
    """What can be made to go wrong with a call, besides an error code."""

    TIMEOUT = "timeout"  #: nothing is done and no answer ever comes
    HTTP_500 = "http500"  #: nothing is done, the answer is HTTP 500
    LOST = "lost"  #: it is done, but the connection is cut before the answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as the bytes went, for the curious."""

    at: datetime
    way: str
    """`door`: platform → account and back; `api`: account → platform and back."""
    openid: str
    address: str
    """Path and query (tokens and secrets left out)."""
    sent: str
    plain: str
    """What `sent` says when decrypted."""
    status: int
    """HTTP status; 0 when no answer came."""
    answer: str
    answer_plain: str
    seconds: float
    number: int = field(default_factory=count(1).__next__)
    """Names this exchange while the process lives."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from the door for one message."""

    message: Json | None
    """The passive reply, parsed (`MsgType`, `Content`, `Articles`, …); None for `success`."""
    tries: int
    """How often the platform sent the message, 1 to 3."""
    failed: bool
    """The follower was shown 该公众号暂时无法提供服务，请稍后再试."""
    exchanges: tuple[Exchange, ...]


@dataclass
class Platform:
    """WeChat, as far as one account and its followers can see it."""

    account: Account
    door: str
    """Address of the account's door, as `http://127.0.0.1:8080/wechat`; empty: events are only kept."""
    clock: Clock
    on_push: OnPush | None = None
    on_exchange: Callable[["Exchange"], None] | None = None
    """Hears of every exchange as it is added to `exchanges`."""
    slow: float = 0.0
    """Seconds that each answer of the door is held up on its way (counted in the five)."""
    menu: list[Json] = field(default_factory=list[Json])
    """The account's menu as its phones show it: the `button` list of the last `menu/create`."""
    media: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Bytes by media id: uploaded by the account, or sent by followers (the page adds those)."""
    followers: set[str] = field(default_factory=set[str])
    """Who follows, by openid; `push` of subscribe and unsubscribe keeps it, a restart may fill it."""
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=500))
    """The latest requests and answers, both ways."""
    events: list[Json] = field(default_factory=list[Json])
    """The later events (TEMPLATESENDJOBFINISH, …) that were pushed to the door."""

    def app(self) -> web.Application:
        """The platform's API, to be run by itself or mounted under any prefix."""
        raise NotImplementedError

    async def push(self, message: Mapping[str, Any]) -> Reply:
        """Send a message or event to the door as the platform does, and take its reply.

        `message` needs `FromUserName` and `MsgType` and what the type needs (`Content`; `Event`,
        `EventKey`; …). `ToUserName`, `CreateTime` and, for messages, `MsgId` are added where missing.
        Signs, encrypts in the account's mode, waits five seconds, sends up to three times in total,
        grants customer-service windows, follows (`subscribe`) and unfollows (`unsubscribe`).
        """
        raise NotImplementedError

    async def verify(self) -> bool:
        """Ask the door the console's question (GET with echostr); whether it answered right."""
        raise NotImplementedError

    def accept(self, openid: str, template_id: str, times: int = 1) -> None:
        """The follower allows `times` subscription messages of this template."""
        raise NotImplementedError

    def inject(self, path: str, trouble: int | Trouble, times: int = 1) -> None:
        """Let the next `times` calls of an API path (`message/custom/send`) go wrong.

        `trouble` is an error code or a `Trouble`.
        """
        raise NotImplementedError

    def rotate_token(self) -> None:
        """Invalidate the present stable token from outside, as another system's force_refresh does."""
        raise NotImplementedError

    async def settle(self) -> None:
        """Wait until every event and delivery that is under way has arrived."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of connections and of calls that hang."""
        raise NotImplementedError
