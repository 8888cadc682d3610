"""Processor time that the door spends on one message, beside wechatpy's path, in the same run.

Signature, body, message, hearing (an answer that is ready), reply, sealed where the request was;
without aiohttp's own work: the request is a stand-in, building the response is shown by itself.
Rounds of all variants are interleaved; the median is printed.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import structlog
from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from benchmarks.requests import AES_KEY, APPID, TOKEN
from bot.kit.heard import Heard
from bot.kit.say import Answer, Say
from bot.metrics import Metrics
from bot.wechat.envelope import Envelope
from bot.wechat.seal import Seal
from bot.wechat.webhook import Door

Handler = Callable[[Any], Awaitable[web.Response]]
ROUNDS, REQUESTS = 15, 2000
NOW = datetime.now(UTC)
STAMP = str(int(NOW.timestamp()))
REPLY = "按「需求：土壤重金属」为您找到 6 台，前 3 台：\n" + "\n".join(
    f"{n}. 电感耦合等离子体质谱仪 7900（YQ{n}7）\n  晋中农业工程学院 · 平遥 · 60元/元素 · 送样"
    for n in (1, 2, 3)
)
XML = (
    "<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
    "<FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName>"
    "<CreateTime>%s</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[测土壤里的重金属]]></Content><MsgId>%d</MsgId></xml>"
)


class Content:
    """A body that has all come."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def is_eof(self) -> bool:
        """Nothing more will come."""
        return True

    def read_nowait(self) -> bytes:
        """All of it."""
        return self.body


def requests(envelope: Envelope, *, safe: bool) -> list[SimpleNamespace]:
    """Signed stand-ins for requests, each with its own nonce and message."""
    seal, made = Seal(AES_KEY, APPID), []
    transport = SimpleNamespace(is_closing=lambda: False)
    for number in range(REQUESTS):
        nonce, body = f"{time.time_ns()}{number}"[:40], (XML % (STAMP, time.time_ns())).encode()
        query = {"timestamp": STAMP, "nonce": nonce, "signature": envelope.sign(STAMP, nonce)}
        if safe:
            sealed = seal.close(body)
            query |= {"encrypt_type": "aes", "msg_signature": envelope.sign(STAMP, nonce, sealed)}
            body = (
                f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
                f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
            ).encode()
        made.append(
            SimpleNamespace(
                query=query, headers={}, content=Content(body), content_length=len(body),
                transport=transport, body=body,
            )
        )  # fmt: skip
    return made


def ours(envelope: Envelope) -> Handler:
    """The door."""
    answer = Answer(REPLY, Say("search.found"))

    async def hear(heard: Heard) -> Answer:
        return answer

    async def late(heard: Heard, answer: Answer) -> None:
        raise AssertionError

    return Door(envelope, hear, late, lambda: NOW, structlog.get_logger(), Metrics()).push


async def theirs_plain(request: SimpleNamespace) -> web.Response:
    """What one writes with wechatpy, plain."""
    query = request.query
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    message = parse_message(request.content.read_nowait())
    return web.Response(text=create_reply(REPLY, message).render())


async def theirs_safe(request: SimpleNamespace) -> web.Response:
    """What one writes with wechatpy, safe."""
    query, crypto = request.query, WeChatCrypto(TOKEN, AES_KEY, APPID)
    body = request.content.read_nowait()
    stamp, nonce = query["timestamp"], query["nonce"]
    message = parse_message(crypto.decrypt_message(body, query["msg_signature"], stamp, nonce))
    return web.Response(text=crypto.encrypt_message(create_reply(REPLY, message).render(), nonce))


async def only_response(request: SimpleNamespace) -> web.Response:
    """Aiohttp's part of what the others do."""
    return web.Response(body=request.body, content_type="application/xml")


async def main() -> None:
    """Measure and print."""
    plain, safe = Envelope(TOKEN, APPID), Envelope(TOKEN, APPID, AES_KEY)
    variants = {
        "door, plain": (ours(plain), plain, False),
        "wechatpy, plain": (theirs_plain, plain, False),
        "door, safe": (ours(safe), safe, True),
        "wechatpy, safe": (theirs_safe, safe, True),
        "aiohttp's Response alone": (only_response, plain, False),
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, (handler, envelope, is_safe) in variants.items():
            batch = requests(envelope, safe=is_safe)
            began = time.process_time()
            for request in batch:
                await handler(request)
            times[name].append((time.process_time() - began) / REQUESTS * 1e6)
    for name, rounds in times.items():
        print(f"{name:26s} {statistics.median(rounds):7.1f} us")


if __name__ == "__main__":
    asyncio.run(main())
