"""A chat with the account, from the desk down: what is typed, and what comes back."""

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from bot import topics
from bot.desk import Desk, House
from bot.kit import intents
from bot.kit.heard import Act, Heard
from bot.kit.route import Routes
from bot.kit.texts import Texts
from bot.listening import Listening
from bot.wishing import Wishes
from handlers import greeting
from store import invitation, organisation
from store.database import Database
from store.invitation import Offer
from store.person import Person, Role
from store.policies import load
from store.search.index import Index
from tests.store.people import SECRET

ROOT = Path(__file__).parents[2]
POLICY = load("jinzhong")


def listening() -> Listening:
    """All handlers."""
    texts = Texts.load(
        [ROOT / at for at in ("handlers/texts", "notifications/texts", "bot/texts")],
        tap=lambda label, _words: label,
        link=lambda title, address: f"{title}<{address}>",
    )
    routes = Routes(*topics.ROUTERS)
    flows = {flow.name: flow for flow in topics.FLOWS}
    wishes = Wishes(intents.reader().read)
    return Listening(routes, flows, texts, greeting.lost, greeting.notice, wishes)


@dataclass
class Chat:
    """The account, and everybody who writes to it."""

    database: Database
    folder: Path
    now: datetime
    sent: int = 0
    desk: Desk = field(init=False)
    catalogue: Index = field(init=False)

    def __post_init__(self) -> None:
        """Open the desk."""
        self.catalogue = Index.open(self.folder / "index")
        house = House(
            self.database,
            POLICY,
            self.catalogue,
            "https://yixiang.example",
            SECRET,
            lambda: self.now,
            random.Random(1),
            lambda: uuid4().hex,
        )
        heard = listening()
        self.desk = Desk(house, heard, heard.texts)

    async def do(self, openid: str, act: Act, words: str = "") -> str:
        """One message; the answer's text."""
        self.sent += 1
        self.now += timedelta(seconds=1)
        answer = await self.desk.hear(Heard(f"{openid}{self.sent}", openid, self.now, act, words))
        return answer.text if answer else ""

    async def say(self, openid: str, *lines: str) -> str:
        """Several lines typed; the last answer's text."""
        text = ""
        for line in lines:
            text = await self.do(openid, Act.TEXT, line)
        return text

    async def id(self, openid: str) -> int:
        """The person's number."""
        async with self.database.read() as session:
            found = await session.scalar(select(Person.id).where(Person.openid == openid))
            assert found is not None
            return found

    async def code(self, role: Role | None, name: str = "") -> str:
        """A code for a role at an organisation, which is added."""
        async with self.database.begin() as session:
            where = await organisation.add(session, name, self.now) if name else None
            offer = Offer(role, where)
            return await invitation.invite(session, POLICY, SECRET, offer, now=self.now)


def address(text: str) -> str:
    """The path of the one-time address in an answer."""
    found = re.search(r"<https://yixiang\.example(/f/[^>]+)>", text)
    assert found, text
    return found[1]
