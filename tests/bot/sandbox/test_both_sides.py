"""The stand-in and the real door, each written without the other, in every mode."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.kit.heard import Act, Heard
from bot.kit.say import Answer, Say
from bot.metrics import Metrics
from bot.sandbox.platform import Platform, Reply
from bot.sandbox.platform_account import Mode
from bot.wechat.client import Client
from bot.wechat.envelope import Envelope
from bot.wechat.hearing import Limits
from bot.wechat.sender import WeChatSender
from bot.wechat.webhook import Door
from store.outbox import Channel, Outgoing, Words
from tests.bot.conftest import FOLLOWER, Phones

WORDS = "您好 ]]> <您> & 😀"


class Desk:
    """Answers everything the same, sooner or later."""

    def __init__(self, client: Client, platform: Platform, waits: float = 0) -> None:
        self.heard: list[Heard] = []
        self._sender = WeChatSender(lambda: client, platform.clock)
        self._platform, self._waits = platform, waits

    async def hear(self, heard: Heard) -> Answer | None:
        """One answer to whatever comes."""
        self.heard.append(heard)
        await asyncio.sleep(self._waits)
        return Answer(WORDS, Say("test"))

    async def keep(self, heard: Heard) -> None:
        """Nothing outlives this test."""

    async def release(self, heard: Heard) -> None:
        """Nor has to be let go."""

    async def send(self, heard: Heard, answer: Answer) -> None:
        """By customer-service message."""
        now = self._platform.clock()
        words = Words(answer.text)
        await self._sender.send(Outgoing(heard.openid, Channel.CUSTOMER, words, "k", now))

    async def meet(self, message: dict[str, Any], slowest: float = 4.5) -> Reply:
        """Open the door for one message of the platform's."""
        account = self._platform.account
        key = "" if account.mode is Mode.PLAIN else account.aes_key
        door = Door(
            Envelope(account.token, account.appid, key),
            self.hear,
            self,
            self._platform.clock,
            structlog.get_logger(),
            Metrics(),
            limits=replace(Limits(), patience=slowest),
        )
        app = web.Application()
        door.routes(app)
        async with TestServer(app) as server:
            self._platform.door = str(server.make_url("/wechat"))
            assert await self._platform.verify()
            return await self._platform.push({"FromUserName": FOLLOWER, **message})


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("mode", Mode)
async def test_they_understand_each_other(
    client: Client, platform: Platform, mode: Mode, as_json: bool
) -> None:
    """Word for word, in every mode and both formats."""
    platform.account = replace(platform.account, mode=mode, json=as_json)
    desk = Desk(client, platform)
    reply = await desk.meet({"MsgType": "text", "Content": "三坐标 ]]> <b>"})
    assert (desk.heard[0].act, desk.heard[0].words) == (Act.TEXT, "三坐标 ]]> <b>")
    assert reply.message is not None
    assert (reply.message["Content"], reply.tries, reply.failed) == (WORDS, 1, False)


async def test_a_late_answer_comes_as_a_message_of_its_own(
    client: Client, platform: Platform, phones: Phones
) -> None:
    """The window that the question opened lets it through."""
    desk = Desk(client, platform, waits=0.3)
    reply = await desk.meet({"MsgType": "text", "Content": "慢"}, slowest=0.1)
    assert (reply.message, reply.failed) == (None, False)
    await asyncio.sleep(0.3)
    await platform.settle()
    assert [message["text"]["content"] for message in phones.of(FOLLOWER)] == [WORDS]
