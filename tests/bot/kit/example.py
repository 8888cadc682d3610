"""A flow with all that a flow can have, and a world that moves under it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from bot.kit.flow import Flow, Option, ask, pick
from bot.kit.kinds import day, moment, one_of, phone, whole, words, yes_or_no
from bot.kit.say import Facts, Say
from bot.kit.texts import Texts
from store.errors import Refused
from store.person import Role

if TYPE_CHECKING:
    from store.context import Context

NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUSE = Path(__file__).parents[3] / "bot" / "texts"
TEXTS = Path(__file__).parent / "texts"


@dataclass(eq=False)
class TooLate(Refused):
    """It starts too soon."""

    hours: int


@dataclass(eq=False)
class Taken(Refused):
    """Somebody else has it."""

    instrument: int


@dataclass
class World:
    """What changes between messages."""

    instruments: dict[int, str] = field(
        default_factory=lambda: {1: "扫描电镜", 2: "三坐标测量机", 3: "气相色谱仪", 4: "液相色谱仪"}
    )
    taken: set[int] = field(default_factory=set[int])
    price: int = 200
    notice: int = 2


world = World()


def texts() -> Texts:
    """The house's texts and the example's."""
    return Texts.load([HOUSE, TEXTS], tap=lambda label, words: f"<{label}|{words}>")


def at(now: datetime = NOW, *roles: Role) -> Context:
    """A context in which nothing but the time and the roles matter."""
    return cast("Context", SimpleNamespace(now=now, roles=frozenset(roles)))


async def instruments(_context: Context, said: str, _so_far: Request) -> list[Option[int]]:
    """Instruments whose name has a word in common with what was said."""
    return [
        Option(number, name, {"number": f"YQ{number}"})
        for number, name in world.instruments.items()
        if not said or set(said) & set(name)
    ]


async def free(value: int, _context: Context, _so_far: Request) -> None:
    """Refuse what is taken."""
    if value in world.taken:
        raise Taken(value)


def enough_notice(value: datetime, context: Context, _so_far: Request) -> None:
    """Refuse a start that comes too soon."""
    if value < context.now + timedelta(hours=world.notice):
        raise TooLate(world.notice)


def sends(so_far: Request) -> bool:
    """Whether samples are sent in."""
    return so_far.mode == "sample"


class Request(Flow, name="example.request", idle=timedelta(minutes=20)):
    """Ask for an instrument."""

    instrument: int = pick(instruments, check=free)
    mode: str = ask(one_of({"self": "自主上机", "sample": ("送样", "委托测试")}))
    samples: int | None = ask(whole(1, 50), when=sends)
    start: datetime = ask(moment, check=enough_notice)
    purpose: str = ask(words(30))
    voucher: bool = ask(yes_or_no)
    until: Any = ask(day, when=lambda so_far: so_far.voucher)
    contact: str = ask(phone, when=lambda so_far: so_far.samples is not None and so_far.samples > 9)

    async def summary(self, context: Context) -> Facts:
        """The price of the day."""
        del context
        return {"price": world.price}

    async def finish(self, context: Context) -> Say:
        """Nothing but the answer."""
        del context
        return Say("example.request.done")


class Note(Flow, name="example.note", confirm=False):
    """One question, done at once."""

    text: str = ask(words(30))
