"""A stand-in for WeChat's platform: its API as an aiohttp app, and its way to the account's door.

It behaves like the platform, limits and all (`limits.toml`); it is for trying and testing, and the
running account (`yixiang serve`) never imports it. The account's door must go by the same clock.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.platform_account import Account, Clock
from bot.sandbox.platform_api import Api, Trouble
from bot.sandbox.platform_door import Door, Reply
from bot.sandbox.platform_exchange import Exchange
from bot.sandbox.platform_life import lived
from bot.sandbox.platform_limits import Limits
from bot.sandbox.platform_world import Follower, Template, World

__all__ = ["Exchange", "OnPush", "Platform", "Reply", "Trouble"]

Json = dict[str, Any]
OnPush = Callable[[str, Json], Awaitable[None]]
"""What a phone shows unasked: `await on_push(openid, message)`.

`message["msgtype"]` is `text`, `image`, `news`, `msgmenu`, … with the content of the API's body,
`template` and `subscription` (`{"title", "fields": [{"name", "value"}], "url"}`), or `typing`
(`{"typing": true}`).
"""
KEPT = 500
"""Exchanges and events that are kept."""


class Platform:
    """WeChat, as far as one account and its followers can see it."""

    def __init__(
        self,
        account: Account,
        door: str,
        clock: Clock,
        on_push: OnPush | None = None,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """`door`: as `http://127.0.0.1:8080/wechat`; empty: events are only kept."""
        self.clock = clock
        self.on_push = on_push
        self.on_exchange = on_exchange
        """Hears of every exchange as it is added to `exchanges`."""
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT)
        """The latest requests and answers, both ways."""
        self.events: deque[Json] = deque(maxlen=KEPT)
        """The later events (TEMPLATESENDJOBFINISH, …) that were pushed to the door."""
        self.world = World(
            account,
            Limits.load(account.kind),
            clock,
            chance or random.Random(0),  # noqa: S311 - a game
            push_later=lambda event: self._soon(self._event(event)),
            show=lambda openid, message: self._soon(self._show(openid, message)),
        )
        self._door = Door(self.world, door, self._record)
        self._api = Api(self.world, self._record)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def account(self) -> Account:
        """The account as the console has it; another mode or kind holds from the next call on."""
        return self.world.account

    @account.setter
    def account(self, account: Account) -> None:
        """Another mode or kind; the kind's own limits."""
        self.world.account = account
        self.world.limits = Limits.load(account.kind)

    @property
    def door(self) -> str:
        """Where the account listens."""
        return self._door.address

    @door.setter
    def door(self, address: str) -> None:
        """Knock somewhere else."""
        self._door.address = address

    @property
    def slow(self) -> float:
        """Seconds that each answer of the door is held up on its way (counted in the five)."""
        return self._door.slow

    @slow.setter
    def slow(self, seconds: float) -> None:
        """Hold up every answer."""
        self._door.slow = seconds

    @property
    def menu(self) -> list[Json]:
        """The account's menu as its phones show it: the `button` list of the last `menu/create`."""
        return list(self.world.menu["button"]) if self.world.menu else []

    @property
    def media(self) -> dict[str, bytes]:
        """Bytes by media id: uploaded by the account, or sent by followers (who add theirs)."""
        return self.world.media

    @property
    def followers(self) -> set[str]:
        """Who follows, by openid; a restart may fill it. `follower` knows more of each."""
        return set(self.world.followers_now())

    @followers.setter
    def followers(self, openids: Iterable[str]) -> None:
        """These follow, and nobody else."""
        following = set(openids)
        for openid in sorted(following):
            self.world.meet(openid)
        for follower in self.world.followers.values():
            follower.following = follower.openid in following

    def follower(self, openid: str) -> Follower:
        """One person: windows, credits, tags, whether muted or on the black list."""
        return self.world.meet(openid)

    def app(self) -> web.Application:
        """The platform's API, to be run by itself or mounted under any prefix."""
        return self._api.app()

    async def push(self, message: Mapping[str, Any]) -> Reply:
        """Send a message or event to the door as the platform does, and take its reply.

        `message` needs `FromUserName` and `MsgType` and what the type needs (`Content`; `Event`,
        `EventKey`; …). `ToUserName`, `CreateTime` and, for messages, `MsgId` are added.
        Signs, encrypts in the account's mode, waits five seconds, sends up to three times in all,
        grants customer-service windows, follows (`subscribe`) and unfollows (`unsubscribe`).
        """
        lived(self.world, message)
        return await self._door.send(self._complete(message))

    async def verify(self) -> bool:
        """Ask the door the console's question (GET with echostr); whether it answered right."""
        return await self._door.verify()

    def accept(self, openid: str, template_id: str, times: int = 1) -> None:
        """The follower allows `times` subscription messages of this template; the door is told."""
        row = {"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": 1}
        event: Json = {"FromUserName": openid, "MsgType": "event"}
        event["Event"] = "subscribe_msg_popup_event"
        event["SubscribeMsgPopupEvent"] = {"List": row}
        for _ in range(times):
            lived(self.world, event)
            self.world.push_later(event)

    def add_template(
        self,
        template_id: str,
        title: str,
        fields: Mapping[str, str],
        values: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Give the account a template: its fields {`thing1`: label}, and values of const fields."""
        self.world.templates[template_id] = Template(template_id, title, fields, values or {})

    def inject(self, path: str, trouble: int | Trouble, times: int = 1) -> None:
        """Let the next `times` calls of an API path (`message/custom/send`) go wrong.

        `trouble` is an error code or a `Trouble`. Raises ValueError for a path that is not there.
        """
        self._api.inject(path, trouble, times)

    def rotate_token(self) -> None:
        """Void the present stable token from outside, as another system's force_refresh does."""
        self.world.tokens.rotate()

    async def settle(self) -> None:
        """Wait until every event and delivery that is under way has arrived."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Let go of connections and of calls that hang."""
        self._api.closing.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._door.close()

    def _complete(self, message: Mapping[str, Any]) -> Json:
        now = int(self.clock().timestamp())
        head = {
            "ToUserName": self.account.name,
            "FromUserName": message["FromUserName"],
            "CreateTime": now,
        }
        tail = {} if message.get("MsgType") == "event" else {"MsgId": self._message_id()}
        return {**head, **message, **{k: v for k, v in tail.items() if k not in message}}

    def _message_id(self) -> int:
        return 24_000_000_000_000_000 + self.world.number()

    async def _event(self, event: Json) -> None:
        told = self._complete(event)
        self.events.append(told)
        await self._door.send(told)

    async def _show(self, openid: str, message: Json) -> None:
        if self.on_push:
            await self.on_push(openid, message)

    def _soon(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _record(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self.on_exchange:
            self.on_exchange(exchange)
