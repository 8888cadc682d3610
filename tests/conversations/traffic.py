"""Followers who write at once, each in order, with the platform's patience; and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sandbox.platform import Platform
from store import invitation, organisation, personal, policies
from store.affiliation import Affiliation
from store.audit import AuditEntry
from store.database import Database
from store.invitation import BindTry, Offer
from store.person import Person, Role, RoleGrant
from tests.conversations.process import now
from tests.conversations.running import DATA_KEY

Message = dict[str, Any]

NUMBERS = count(25_000_000_000_000_000)
UNIT = "晋中煤化工研究院"
NAMES = ("王小明", "欧阳修", "李清照", "苏小妹", "辛弃疾", "陆放翁", "范仲淹", "黄庭坚")
EXPECTED = (
    "为您找到 2 台",
    "（YQ53）",
    "已记下",
    "绑定成功",
    "您怎么称呼",
    "已记下",
    "哪个单位",
    "到什么时候",
    "请核对",
    "已提交",
    "为您找到 4 台",
    "（YQ57）",
    "已记下",
    f"身份：机主 · {UNIT}",
)
TRIES, PAUSE = 120, 0.25
Deliver = Callable[[Message], Awaitable[str | None]]
"""One delivery of a message, or several at once; the answer's words."""


def lines(name: str, code: str) -> list[str]:
    """What one follower writes: much of it changes something, some of it in a talk."""
    return [
        "三坐标",
        "1",
        f"我叫{name}",
        f"绑定 {code}",
        "姓名",
        f"{name[0]}某某",
        "我的单位",
        "师范",
        "一年",
        "确认",
        "电镜",
        "2",
        f"我叫{name}",
        "我的资料",
    ]


@dataclass
class Follower:
    """One follower, and what they were told."""

    openid: str
    words: Sequence[str]
    deliver: Deliver
    told: list[tuple[Message, str]] = field(default_factory=list)
    """Every message with its first answer."""

    async def write(self) -> None:
        """All lines in order, each until it is answered."""
        for words in self.words:
            message: Message = {"FromUserName": self.openid, "MsgType": "text", "Content": words}
            message |= {"CreateTime": int(now().timestamp()), "MsgId": next(NUMBERS)}
            self.told.append((message, await self._delivered(message)))

    async def _delivered(self, message: Message) -> str:
        """As the platform does: the same message again while nobody answers."""
        for _ in range(TRIES):
            answer = await self.deliver(message)
            if answer is not None:
                return answer
            await asyncio.sleep(PAUSE)
        raise AssertionError(f"never answered: {message}")

    async def check(self) -> None:
        """Every line was answered as it should be, and is again when it comes again."""
        for (message, answer), expected in zip(self.told, EXPECTED, strict=True):
            assert expected in answer, message
            assert await self.deliver(message) == answer


def at(played: Platform) -> Deliver:
    """Deliveries at one door."""

    async def deliver(message: Message) -> str | None:
        reply = await played.push(message)
        return None if reply.failed or reply.message is None else str(reply.message["Content"])

    return deliver


async def crowd(url: str, deliver: Callable[[int], Deliver]) -> list[Follower]:
    """Followers who each have a code for keepers of one organisation."""
    database, policy = Database(url), policies.load("jinzhong")
    async with database.begin() as session:
        unit = await organisation.by_name(session, UNIT)
        assert unit is not None
        offer = Offer(Role.KEEPER, unit.id)
        codes = [
            await invitation.invite(session, policy, DATA_KEY, offer, now=now()) for _ in NAMES
        ]
    await database.close()
    return [
        Follower(f"oTraffic_{n:03}_{'0' * 16}", lines(name, code), deliver(n))
        for n, (name, code) in enumerate(zip(NAMES, codes, strict=True))
    ]


async def settled(url: str, followers: Sequence[Follower]) -> None:
    """Everything was done once, for the right person."""
    database = Database(url)
    async with database.read() as session:
        for follower, name in zip(followers, NAMES, strict=True):
            await _once(session, follower, name)
    await database.close()


async def _once(session: AsyncSession, follower: Follower, name: str) -> None:
    who = await session.scalar(select(Person.id).where(Person.openid == follower.openid))
    assert who is not None
    assert (await personal.known(session, DATA_KEY, who)).name == name
    of_them = {
        RoleGrant: RoleGrant.person_id == who,
        Affiliation: Affiliation.person_id == who,
        BindTry: (BindTry.person_id == who) & (BindTry.tries == 1),
    }
    counted = [await _count(session, table, where) for table, where in of_them.items()]
    assert counted == [1, 2, 1]
    verbs = select(AuditEntry.verb).where(AuditEntry.actor_id == who)
    done = sorted(await session.scalars(verbs))
    assert done.count("bind") == done.count("claim") == 1, done


async def _count(session: AsyncSession, table: Any, where: Any) -> int:
    return int(await session.scalar(select(func.count()).select_from(table).where(where)) or 0)
