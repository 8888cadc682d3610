"""A tiny account behind a real door, the platform's stand-in and the page, on one loopback port."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import xmltodict
from aiohttp import ClientSession, web
from wechatpy.crypto import WeChatCrypto

from bot.sandbox.page import sandbox
from bot.sandbox.platform import Platform
from bot.sandbox.platform_account import Account, Clock

WIRE = Account(appid="wx5a6d1f2e3b4c5d6e", secret="s" * 32, token="sandbox", aes_key="A" * 43)
TAP = '<a href="weixin://bizmsgmenu?msgmenucontent={text}&msgmenuid=7">{label}</a>'
LIST = "\n".join(
    [
        "为您找到 2 台：",
        "1. " + TAP.format(text="YQ37", label="电感耦合等离子体质谱仪 7900"),
        "2. " + TAP.format(text="YQ52", label="原子荧光光度计 AFS-9700"),
        "「" + TAP.format(text="%E4%B8%8B%E4%B8%80%E9%A1%B5", label="下一页") + "」看其余",
    ]
)
MENU = {
    "button": [
        {
            "name": "找仪器",
            "sub_button": [
                {"type": "click", "name": "按地点找", "key": "near"},
                {"type": "click", "name": "提需求", "key": "demand"},
            ],
        },
        {"name": "我的", "sub_button": [{"type": "click", "name": "我的预约", "key": "mine"}]},
        {"type": "click", "name": "帮助", "key": "help"},
    ]
}


class FakeAccount:
    """Echoes, lists, sends a card, fails, is slow, and pushes, as it is told to."""

    def __init__(self, kept: Path | None = None) -> None:
        self.heard: list[dict[str, Any]] = []
        self.platform = Platform(WIRE, "", Clock(lambda: datetime.now(UTC)))
        self._news = asyncio.Condition()
        self.moved: list[datetime] = []
        self._crypto = WeChatCrypto(WIRE.token, WIRE.aes_key, WIRE.appid)
        self._page = sandbox(self.platform, kept=kept, moved=self._moved)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/wechat", self._door)
        app.add_subapp("/api", self.platform.app())
        app.add_subapp("/sandbox", self._page)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        self.platform.door = f"{self.address}/wechat"
        await self.call("menu/create", MENU)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            await task
        await self._runner.cleanup()
        await self.platform.close()

    async def hears(self, count: int) -> dict[str, Any]:
        """The latest message at the door, once there are `count`."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: len(self.heard) >= count)
        return self.heard[-1]

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call the platform's API, as the account's client does."""
        async with ClientSession() as http:
            facts = {
                "grant_type": "client_credential",
                "appid": WIRE.appid,
                "secret": WIRE.secret,
            }
            api = f"{self.address}/api/cgi-bin"
            async with http.post(f"{api}/stable_token", json=facts) as response:
                token = json.loads(await response.text())["access_token"]
            data = json.dumps(body, ensure_ascii=False).encode()
            query = {"access_token": token}
            async with http.post(f"{api}/{path}", params=query, data=data) as response:
                answer: dict[str, Any] = json.loads(await response.text())
                return answer

    async def tell(self, openid: str, text: str) -> dict[str, Any]:
        """Send a customer-service message."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return await self.call("message/custom/send", body)

    async def _moved(self, now: datetime) -> None:
        self.moved.append(now)

    async def _door(self, request: web.Request) -> web.Response:
        body, query = await request.text(), request.query
        if query.get("encrypt_type") != "aes":
            raise web.HTTPForbidden
        signed = query["msg_signature"], query["timestamp"], query["nonce"]
        message = xmltodict.parse(self._crypto.decrypt_message(body, *signed))["xml"]
        async with self._news:
            self.heard.append(message)
            self._news.notify_all()
        reply = await self._answer(message)
        if reply is None:
            return web.Response(text="success")
        sealed = self._crypto.encrypt_message(self._xml(message, reply), query["nonce"])
        return web.Response(text=sealed)

    async def _answer(self, message: dict[str, Any]) -> str | None:
        told: str | None
        said = message.get("Content") or message.get("EventKey") or message.get("Label") or ""
        match message.get("Event") or said:
            case "subscribe":
                told = _text("您好，这里是仪享。" + TAP.format(text="三坐标", label="三坐标"))
            case "unsubscribe":
                told = None
            case "三坐标":
                told = _text(LIST)
            case "卡片":
                told = _card(f"{self.address}/card")
            case "坏":
                told = "<broken"
            case "稍后":
                self._tasks.append(asyncio.create_task(self._later(message["FromUserName"])))
                told = None
            case _:
                told = _text(f"听到：{said or message['MsgType']}")
        return told

    async def _later(self, openid: str) -> None:
        typing = {"touser": openid, "command": "Typing"}
        await self.call("message/custom/typing", typing)
        await asyncio.sleep(0.3)
        await self.tell(openid, "这是稍后的消息")

    def _xml(self, message: dict[str, Any], reply: str) -> str:
        return (
            f"<xml><ToUserName>{message['FromUserName']}</ToUserName>"
            f"<FromUserName>{message['ToUserName']}</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime>{reply}</xml>"
        )


def _text(words: str) -> str:
    inside = words.replace("]]>", "]]]]><![CDATA[>")
    return f"<MsgType>text</MsgType><Content><![CDATA[{inside}]]></Content>"


def _card(url: str) -> str:
    item = (
        "<item><Title><![CDATA[三坐标测量机 GLOBAL Advantage（YQ12）]]></Title>"
        "<Description><![CDATA[晋中精密铸造有限公司\n200 元/小时 · 自主上机]]></Description>"
        f"<PicUrl></PicUrl><Url><![CDATA[{url}]]></Url></item>"
    )
    return f"<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles>{item}</Articles>"
