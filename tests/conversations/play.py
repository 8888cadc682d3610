"""Plays a transcript against the running account, and writes down what really comes back."""

import html
import io
import re
import zipfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

from aiohttp import FormData

from bot.kit.reading import number
from bot.sandbox.phones import cast
from store import county, invitation, listing, organisation, policies
from store.instrument import Instrument
from store.invitation import Offer
from store.person import Grant, Role
from tests.conversations.running import ADDRESS, DATA_KEY, Running
from tests.conversations.script import DEED, PEOPLE, Line
from tests.store import samples

TAP = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=1">([^<]*)</a>')
LINK = re.compile(r'<a href="(https?://[^"]*)">([^<]*)</a>')
PLAIN = re.compile(rf"{re.escape(ADDRESS)}/\S+")
"""An address that is shown to be copied."""
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")
EXAMPLE = "7K2MD-Q9XTR"
"""The code that texts show as an example."""
CALENDAR = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "STATUS")
"""Lines of a calendar that people see."""
SPAN = re.compile(r"(.+?)(秒|分钟|小时|天)后")
SPANS = {"秒": "seconds", "分钟": "minutes", "小时": "hours", "天": "days"}
CAST = cast()
OPENIDS = {name: CAST.by_key(key).openid for name, key in PEOPLE.items()}
Deed = Callable[..., Awaitable[None]]


class Player:
    """Whoever holds a phone, one at a time."""

    def __init__(self, town: Running) -> None:
        self.town = town
        self.who = "她"
        self.lines: list[Line] = []
        self.codes: list[str] = []
        self.taps: dict[str, dict[str, str]] = {}
        """What the taps of each person's last answer type, by their labels."""
        self.tapped: set[tuple[str, str]] = set()
        """Every tap that was ever shown: its label, and what it types."""
        self.addresses: list[str] = []
        self._seen = 0

    async def play(self, lines: Iterable[Line]) -> list[Line]:
        """The same lines with the answers that came."""
        for line in lines:
            if line.answer:
                continue
            self.lines.append(line)
            if line.who == "——":
                await self._do(line.text)
            elif line.who != "#":
                self.who = line.who
                await self.say(line.text)
            await self._pushed()
        return self.lines

    async def say(self, words: str, **more: str) -> None:
        """A text, with names of codes replaced by the codes."""
        for n, code in enumerate(self.codes, start=1):
            words = words.replace(f"‹code{n}›", code)
        await self._push({"MsgType": "text", "Content": words, **more})

    async def _do(self, text: str) -> None:
        deed = DEED.fullmatch(text)
        assert deed, text
        self.who = deed[1] or self.who
        for pattern, does in DEEDS.items():
            if found := re.fullmatch(pattern, deed[2]):
                await does(self, *found.groups())
                return
        raise AssertionError(f"nobody knows how to do this: {text}")

    async def _push(self, message: dict[str, Any]) -> None:
        reply = await self.town.push(FromUserName=OPENIDS[self.who], **message)
        self.answered("仪享", str(reply["Content"]) if reply else "（不回复）")

    async def _pushed(self) -> None:
        await self.town.tell()
        names = {openid: name for name, openid in OPENIDS.items()}
        for openid, message in self.town.pushed[self._seen :]:
            kind = message["msgtype"]
            self.answered("推送", f"{names[openid]}：{message[kind].get('content', kind)}")
        self._seen = len(self.town.pushed)

    def answered(self, who: str, text: str) -> None:
        """Write an answer down: taps and links as people see them, what varies by its name."""
        if who == "仪享":
            self.taps[self.who] = {label: unquote(words) for words, label in TAP.findall(text)}
            self.tapped |= set(self.taps[self.who].items())
        self.addresses += [address for address, _ in LINK.findall(text)]
        text = LINK.sub(r"\2 ‹address›", TAP.sub(r"\2", text))
        text = PLAIN.sub("‹address›", text)
        assert "<" not in text, text
        self.lines.append(Line(who, CODE.sub(self._named, text)))

    def _named(self, code: re.Match[str]) -> str:
        if code[0] == EXAMPLE:
            return EXAMPLE
        if code[0] not in self.codes:
            self.codes.append(code[0])
        return f"‹code{self.codes.index(code[0]) + 1}›"

    # What is done

    async def event(self, name: str, key: str = "", **more: Any) -> None:
        """An event of the platform."""
        await self._push({"MsgType": "event", "Event": name, "EventKey": key, **more})

    async def follow(self) -> None:
        await self.event("subscribe")

    async def leave(self) -> None:
        await self.event("unsubscribe")

    async def scan(self, scene: str) -> None:
        """A code: as a follower, or as somebody who begins to follow by it."""
        following = OPENIDS[self.who] in self.town.platform.followers
        event, key = ("SCAN", scene) if following else ("subscribe", f"qrscene_{scene}")
        await self.event(event, key, Ticket=f"ticket-{scene}")

    async def stand(self, name: str) -> None:
        """Send one of the places."""
        place = next(each for each in CAST.places if each.name == name)
        await self._push(
            {
                "MsgType": "location",
                "Location_X": place.latitude,
                "Location_Y": place.longitude,
                "Scale": 15,
                "Label": place.label,
            }
        )

    async def menu(self, name: str) -> None:
        """Tap an entry of the menu that the platform was given."""
        entries = [
            entry for button in self.town.platform.menu for entry in button.get("sub_button", [])
        ]
        entry = next(each for each in entries if each["name"] == name)
        event = {"click": "CLICK", "location_select": "location_select"}[entry["type"]]
        await self.event(event, entry["key"])

    async def tap(self, label: str) -> None:
        """Tap what the last answer shows."""
        await self.say(self.taps[self.who][label], bizmsgmenuid="1")

    async def send(self, kind: str) -> None:
        """Something that is no text."""
        types = {"图片": "image", "表情": "image", "视频": "video", "链接": "link", "语音": "voice"}
        await self._push({"MsgType": types[kind], "MediaId": "m" * 64, "PicUrl": "http://x/y"})

    async def speak(self, words: str) -> None:
        """A voice message that the platform understood."""
        await self._push(
            {"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": words}
        )

    async def wait(self, count: str, unit: str) -> None:
        span = timedelta(**{SPANS[unit]: number(count) or 0})
        await self.town.later(span)

    async def restart(self) -> None:
        await self.town.restart()

    async def invite(self, role: str, where: str | None) -> None:
        """What `yixiang invite` does; the code becomes the next `‹code›`."""
        database, now = self.town.account.database, self.town.clock()
        async with database.begin() as session:
            unit = await organisation.by_name(session, where) if where else None
            place = None if unit or not where else county.named(where)
            offer = Offer(
                Role(role),
                unit.id if unit else None,
                (await county.ensure(session, [place]))[place] if place else None,
            )
            policy = policies.load("jinzhong")
            self.codes.append(await invitation.invite(session, policy, DATA_KEY, offer, now=now))

    async def list_(self, verb: str, n: str, reason: str) -> None:
        """What keepers will do to an instrument."""
        does = {"停用": listing.pause, "退出台账": listing.withdraw}[verb]
        by = listing.By(None, frozenset({Grant(Role.BUREAU)}))
        async with self.town.account.database.begin() as session:
            await does(session, int(n), reason, by, self.town.clock())
        await self.town.account.follow()

    async def lengthen(self, n: str, lines: str) -> None:
        """A ledger in which a fee is told at length."""
        fee = "\n".join(
            f"第{line}档：每样 {line * 10} 元，含前处理" for line in range(1, int(lines) + 1)
        )
        async with self.town.account.database.begin() as session:
            row = await session.get_one(Instrument, int(n))
            row.fee = fee

    async def supervise(self, n: str) -> None:
        """What a ledger says of an import that is not free yet."""
        async with self.town.account.database.begin() as session:
            row = await session.get_one(Instrument, int(n))
            row.customs_supervised, row.customs_released_on = True, date(2025, 6, 1)

    # Pages

    async def open(self, n: str | None) -> None:
        """Open the last address (or the nth of all), as a browser does."""
        await self._page(self.addresses[int(n) - 1 if n else -1])

    async def open_altered(self) -> None:
        """Open the last address with its last letter changed."""
        address = self.addresses[-1]
        await self._page(address[:-1] + ("b" if address.endswith("a") else "a"))

    async def calendar(self) -> None:
        """Look at the last address as a calendar does."""
        _path, body, status = await self.town.open(self.addresses[-1])
        shown = [line for line in body.decode().splitlines() if line.startswith(CALENDAR)]
        self.lines.append(Line("文件", "\n".join(shown) if status == 200 else f"（{status}）"))

    async def press(self) -> None:
        """Press the only button of the last page."""
        await self._page(self.addresses[-1], "POST")

    async def upload(self) -> None:
        """Hand a photo up."""
        form = FormData()
        photo = io.BytesIO(samples.jpeg())
        form.add_field("file", photo, filename="证明.jpg", content_type="image/jpeg")
        await self._page(self.addresses[-1], "POST", data=form)

    async def _page(self, address: str, method: str = "GET", **more: Any) -> None:
        path, body, _status = await self.town.open(address, method, **more)
        if path.endswith((".pdf", ".docx")):
            self.lines.append(Line("文件", path.rpartition("/")[2]))
        elif body.startswith(b"PK"):
            self.lines.append(Line("文件", "、".join(zipfile.ZipFile(io.BytesIO(body)).namelist())))
        elif body == samples.jpeg():
            self.lines.append(Line("文件", "照片"))
        else:
            self.lines.append(Line("网页", shown(body.decode())))


def shown(page: str) -> str:
    """What a page says, a line a paragraph."""
    body = re.search(r"<main>(.*)</main>", page, re.DOTALL)
    assert body, page
    marked = re.sub(r"<button[^>]*>([^<]*)</button>", r"［\1］", body[1])
    text = html.unescape(re.sub(r"<[^>]+>", "\n", marked))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


DEEDS: dict[str, Deed] = {
    r"关注": Player.follow,
    r"取消关注": Player.leave,
    r"扫码 (\S+)": Player.scan,
    r"位置 (\S+)": Player.stand,
    r"点菜单 (\S+)": Player.menu,
    r"点 (.+)": Player.tap,
    r"发(图片|表情|视频|链接|语音)": Player.send,
    r"说「(.+)」": Player.speak,
    SPAN.pattern: Player.wait,
    r"重启": Player.restart,
    r"邀请 (\w+)(?: (\S+))?": Player.invite,
    r"(停用|退出台账) YQ(\d+) (.+)": Player.list_,
    r"YQ(\d+) 的收费写了 (\d+) 行": Player.lengthen,
    r"YQ(\d+) 在海关监管期内": Player.supervise,
    r"打开(?:第 (\d+) 个)?网页": Player.open,
    r"打开日历": Player.calendar,
    r"打开改过的网页": Player.open_altered,
    r"按按钮": Player.press,
    r"上传照片": Player.upload,
}
