"""The phones at work: what followers do goes to the platform, what comes back is shown."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from bot.sandbox import shapes
from bot.sandbox.chats import Bubble, Chats, Json, Side
from bot.sandbox.live import Live
from bot.sandbox.phones import Cast, Phone
from bot.sandbox.platform import Exchange, Platform, Reply

SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

WAITING = 20


def picture_type(content: bytes) -> str | None:
    """The media type of a JPEG or PNG by its first bytes; None for anything else."""
    return next((kind for sign, kind in SIGNS.items() if content.startswith(sign)), None)


class Stage:
    """Every verb shows what the follower did, sends it, and shows the answer when it comes."""

    def __init__(self, platform: Platform, cast: Cast, chats: Chats, live: Live) -> None:
        self.platform, self.cast, self.chats, self.live = platform, cast, chats, live
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, int] = {}
        self._sent: dict[str, deque[int]] = {}
        """Calls that sent a message to a follower whose phone has not shown it yet."""
        platform.on_push = self._told
        platform.followers |= {one.openid for one in cast.phones if self._follows(one)}

    def phones(self) -> list[Json]:
        """Every phone with what it shows."""
        return [self._phone(phone) for phone in self.cast.phones]

    def begin(self) -> None:
        """At the first sight of the page, those who never followed do."""
        for phone in self.cast.phones:
            if phone.key not in self.chats.following:
                self.follow(phone)

    def say(self, phone: Phone, text: str, menu: str = "") -> None:
        """Send a text; `menu` is the id that a tapped link carries."""
        bubble = self._show(phone, Side.OWN, "text", {"text": text})
        self._push(phone, shapes.said(text, menu), bubble)

    def press(self, phone: Phone, kind: str, key: str) -> None:
        """Press an entry of the menu (nothing is shown for it)."""
        self._push(phone, shapes.pressed(kind, key))

    def scan(self, phone: Phone, scene: str, kind: str = "") -> None:
        """Scan a code (`kind`: type and key of the menu entry); a newcomer follows by it."""
        following = self._follows(phone)
        note = self._note(phone, "scan" if following else "follow", scene=scene)
        if not following:
            self._follow(phone, on=True)
        self._push(phone, shapes.scanned(scene, kind, following=following), note)

    def place(self, phone: Phone, name: str, label: str, where: tuple[float, float]) -> None:
        """Send a location (latitude and longitude in degrees)."""
        facts = {"name": name, "label": label, "latitude": where[0], "longitude": where[1]}
        bubble = self._show(phone, Side.OWN, "place", facts)
        self._push(phone, shapes.stood(*where, label), bubble)

    def picture(self, phone: Phone, content: bytes, address: str) -> None:
        """Send a JPEG or PNG; `address` ends where our pictures are served. Raises ValueError."""
        if picture_type(content) is None:
            raise ValueError("neither JPEG nor PNG")
        media = f"sandbox-{uuid4().hex}"
        self.platform.media[media] = content
        bubble = self._show(phone, Side.OWN, "image", {"picture": self._picture(media)})
        sent = {"MsgType": "image", "PicUrl": f"{address}/{media}", "MediaId": media}
        self._push(phone, sent, bubble)

    def follow(self, phone: Phone) -> None:
        """Begin to follow."""
        self._follow(phone, on=True)
        note = self._note(phone, "follow")
        self._push(phone, {"MsgType": "event", "Event": "subscribe", "EventKey": ""}, note)

    def leave(self, phone: Phone) -> None:
        """Stop following."""
        note = self._note(phone, "leave")
        self._follow(phone, on=False)
        self._push(phone, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}, note)

    def recorded(self, exchange: Exchange) -> None:
        """Something went over the wire: it may be a message that a phone is about to show."""
        if exchange.way == "api" and shapes.sends(exchange):
            self._sent.setdefault(exchange.openid, deque(maxlen=WAITING)).append(exchange.number)

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _phone(self, phone: Phone) -> Json:
        return asdict(phone) | {
            "avatar": f"static/{phone.key}.svg",
            "following": self._follows(phone),
            "waiting": self._waiting.get(phone.key, 0) > 0,
            "messages": [bubble.as_json() for bubble in self.chats.of(phone.key)],
        }

    def _follows(self, phone: Phone) -> bool:
        return self.chats.following.get(phone.key, False)

    def _follow(self, phone: Phone, *, on: bool) -> None:
        self.chats.follow(phone.key, on=on)
        self.live.happened("following", phone=phone.key, on=on)

    def _show(self, phone: Phone, side: Side, form: str, facts: Json) -> Bubble:
        bubble = self.chats.add(phone.key, side, form, facts, self.platform.clock())
        self.live.happened("message", message=bubble.as_json())
        return bubble

    def _note(self, phone: Phone, name: str, **facts: str) -> Bubble:
        return self._show(phone, Side.NOTE, "note", {"name": name} | facts)

    def _push(self, phone: Phone, message: Json, bubble: Bubble | None = None) -> None:
        self._start(self._deliver(phone, message, bubble))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, phone: Phone, message: Json, bubble: Bubble | None) -> None:
        self._wait(phone, 1)
        try:
            reply = await self.platform.push({"FromUserName": phone.openid} | message)
        finally:
            self._wait(phone, -1)
        shown = [bubble, self._answered(phone, reply)]
        records = tuple(exchange.number for exchange in reply.exchanges)
        for one in shown:
            if one:
                self.chats.explain(one, records)

    def _answered(self, phone: Phone, reply: Reply) -> Bubble | None:
        if not self._follows(phone):
            return None
        if reply.failed:
            return self._note(phone, "failed")
        if reply.message is None:
            return None
        return self._show(phone, Side.ACCOUNT, *shapes.shown(reply.message, self._picture))

    def _wait(self, phone: Phone, by: int) -> None:
        self._waiting[phone.key] = self._waiting.get(phone.key, 0) + by
        self.live.happened("waiting", phone=phone.key, on=self._waiting[phone.key] > 0)

    async def _told(self, openid: str, message: Json) -> None:
        phone = self.cast.by_openid(openid)
        if phone is None:
            return
        if message.get("msgtype") == "typing":
            self.live.happened("typing", phone=phone.key, on=bool(message.get("typing")))
            return
        bubble = self._show(phone, Side.ACCOUNT, *shapes.shown(message, self._picture))
        self.chats.explain(bubble, self._sender(openid))

    def _sender(self, openid: str) -> tuple[int, ...]:
        """The call behind what a phone shows now: the oldest one to it, or the last one to many."""
        if own := self._sent.get(openid):
            return (own.popleft(),)
        return tuple(self._sent.get("", ()))[-1:]

    def _picture(self, media: str) -> str:
        return f"picture/{media}" if media in self.platform.media else ""
