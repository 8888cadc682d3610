"""The platform's side of the door in tests: signs and seals with wechatpy, pushes over loopback."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any
from xml.sax.saxutils import escape

import structlog
from aiohttp import ClientSession, web
from wechatpy.crypto import WeChatCrypto
from xmltodict import parse

from bot.kit.heard import Heard
from bot.kit.say import Answer, Say
from bot.metrics import Metrics
from bot.wechat.envelope import Envelope
from bot.wechat.hearing import Limits
from bot.wechat.webhook import Door

TOKEN = "a-token"
APPID = "wx0123456789abcdef"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)

NOTHING: Mapping[str, str] = {}

LIMITS = Limits(patience=2.0, closing=2.0)

Query = dict[str, str]
Got = tuple[int, bytes]


def answer(text: str, **say: Any) -> Answer:
    return Answer(text, Say("test.answer", **say))


def text(words: str = "离心机", number: int | None = 7, **fields: str) -> dict[str, str]:
    """The fields of a text message."""
    made = {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": OPENID,
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": words,
    }
    if number is not None:
        made["MsgId"] = str(number)
    return made | fields


def event(name: str, **fields: Any) -> dict[str, Any]:
    """The fields of an event."""
    made = text(number=None) | {"MsgType": "event", "Event": name} | fields
    del made["Content"]
    return made


def xml(fields: Mapping[str, Any]) -> bytes:
    """The fields as the platform writes them."""
    return f"<xml>{_inner(fields)}</xml>".encode()


def _inner(fields: Mapping[str, Any]) -> str:
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                parts.append(f"<{name}>{_inner(one)}</{name}>")
            elif str(one).isdigit():
                parts.append(f"<{name}>{one}</{name}>")
            elif "]]>" in str(one):
                parts.append(f"<{name}>{escape(one)}</{name}>")
            else:
                parts.append(f"<{name}><![CDATA[{one}]]></{name}>")
    return "".join(parts)


def seal(message: bytes, key: str = KEY, appid: str = APPID) -> str:
    """A message as wechatpy seals it."""
    envelope = WeChatCrypto(TOKEN, key, appid).encrypt_message(message.decode("utf-8"), "0", "1")
    return str(parse(envelope)["xml"]["Encrypt"])


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    @property
    def stamp(self) -> str:
        return str(int(self.now.timestamp()))

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """Hears: notes what, answers as told."""

    answers: Callable[[Heard], Awaitable[Answer | None]]
    heard: list[Heard] = field(default_factory=list)
    late: list[tuple[Heard, Answer]] = field(default_factory=list)
    kept: dict[str, Heard] = field(default_factory=dict)
    """What was kept and not released."""
    fails: bool = False

    async def hear(self, heard: Heard) -> Answer | None:
        self.heard.append(heard)
        return await self.answers(heard)

    async def keep(self, heard: Heard) -> None:
        self.kept[heard.key] = heard

    async def release(self, heard: Heard) -> None:
        del self.kept[heard.key]

    async def send(self, heard: Heard, answer: Answer) -> None:
        if self.fails:
            raise OSError("no way to send")
        self.late.append((heard, answer))


async def echo(heard: Heard) -> Answer | None:
    return answer(f"您说：{heard.words}")


@dataclass
class Platform:
    """Pushes to a door that listens on loopback."""

    session: ClientSession
    port: int
    clock: Clock
    desk: Desk
    metrics: Metrics

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/wechat"

    def sign(self, *parts: str) -> str:
        joined = "".join(sorted((TOKEN, *parts))).encode()
        return sha1(joined, usedforsecurity=False).hexdigest()

    def query(self, nonce: str | None = None, **more: str) -> Query:
        nonce = nonce or secrets.token_hex(8)
        stamp = self.clock.stamp
        signed = self.sign(stamp, nonce)
        return {"signature": signed, "timestamp": stamp, "nonce": nonce, "openid": OPENID} | more

    def sealed(
        self,
        message: bytes,
        beside: Mapping[str, str] = NOTHING,
        *,
        key: str = KEY,
        appid: str = APPID,
        as_json: bool = False,
    ) -> tuple[Query, bytes]:
        """Query and body in safe mode; with plain fields beside, in compatible mode."""
        encrypt = seal(message, key, appid)
        return self.wrapped(encrypt, secrets.token_hex(8), beside, as_json=as_json)

    def wrapped(
        self,
        encrypt: str,
        nonce: str = "1",
        beside: Mapping[str, str] = NOTHING,
        *,
        as_json: bool = False,
    ) -> tuple[Query, bytes]:
        """Query and body for what is sealed already."""
        signature = self.sign(self.clock.stamp, nonce, encrypt)
        query = self.query(nonce, encrypt_type="aes", msg_signature=signature)
        fields = {"ToUserName": "gh_0123456789ab", **beside, "Encrypt": encrypt}
        return query, json.dumps(fields).encode() if as_json else xml(fields)

    async def post(self, query: Mapping[str, str], body: bytes, **more: Any) -> Got:
        async with self.session.post(self.address, params=query, data=body, **more) as response:
            return response.status, await response.read()

    async def plain(self, fields: Mapping[str, Any], nonce: str | None = None) -> Got:
        return await self.post(self.query(nonce), xml(fields))

    async def safe(self, fields: Mapping[str, Any]) -> Got:
        return await self.post(*self.sealed(xml(fields)))

    async def get(self, query: Mapping[str, str]) -> Got:
        async with self.session.get(self.address, params=query) as response:
            return response.status, await response.read()

    def open(self, body: bytes, *, key: str = KEY) -> str:
        """What is in a sealed reply, as wechatpy opens it."""
        outer = parse(body)["xml"]
        crypto = WeChatCrypto(TOKEN, key, APPID)
        sealed = (outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
        return str(crypto.decrypt_message(outer, *sealed))


@asynccontextmanager
async def door(
    answers: Callable[[Heard], Awaitable[Answer | None]] = echo,
    *,
    keys: tuple[str, ...] = (),
    limits: Limits = LIMITS,
    **runner: Any,
) -> AsyncIterator[Platform]:
    """A door on loopback, plain without keys, and the platform before it."""
    clock, desk, metrics = Clock(), Desk(answers), Metrics()
    envelope = Envelope(TOKEN, APPID, *keys)
    made = Door(envelope, desk.hear, desk, clock, structlog.get_logger(), metrics, limits=limits)
    app = web.Application()
    made.routes(app)
    served = web.AppRunner(app, access_log=None, **runner)
    await served.setup()
    site = web.TCPSite(served, "127.0.0.1", 0)
    await site.start()
    try:
        async with ClientSession() as session:
            yield Platform(session, served.addresses[0][1], clock, desk, metrics)
    finally:
        await served.cleanup()
