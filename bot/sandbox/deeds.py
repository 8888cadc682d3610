"""What a page may ask for by POST: each deed reads its facts strictly and does one thing."""

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.sandbox.backstage import Backstage
from bot.sandbox.chats import Json
from bot.sandbox.phones import Cast, Phone
from bot.sandbox.stage import Stage

MOST_TEXT = 4000


class Facts:
    """The JSON that came with a deed; every reading raises ValueError where it does not fit."""

    def __init__(self, facts: object, cast: Cast) -> None:
        if not isinstance(facts, dict):
            raise ValueError("a JSON object is needed")  # noqa: TRY004 - one error for all that is wrong
        self._facts, self._cast = facts, cast

    def text(self, name: str, default: str | None = None) -> str:
        """Words, not too many; empty ones only where there is a default."""
        value = self._facts.get(name, default)
        if not isinstance(value, str) or len(value) > MOST_TEXT or (not value and default is None):
            raise ValueError(f"{name}: words are needed")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._facts.get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise ValueError(f"{name}: a number is needed")
        return float(value)

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return name in self._facts

    def phone(self) -> Phone:
        """Whose phone it is."""
        try:
            return self._cast.by_key(self.text("phone"))
        except KeyError:
            raise ValueError("phone: nobody has it") from None


class Deeds:
    """The deeds by name."""

    def __init__(self, stage: Stage, back: Backstage) -> None:
        self._stage, self._back = stage, back
        self._deeds: dict[str, Callable[[Facts], Awaitable[None]]] = {
            "say": self._say,
            "press": self._press,
            "scan": self._scan,
            "place": self._place,
            "follow": self._follow,
            "leave": self._leave,
            "clock": self._clock,
            "settings": self._settings,
            "trouble": self._trouble,
        }

    async def do(self, deed: str, facts: object) -> None:
        """Do it; raises KeyError for an unknown deed, ValueError for facts that do not fit."""
        await self._deeds[deed](Facts(facts, self._stage.cast))

    async def _say(self, facts: Facts) -> None:
        self._stage.say(facts.phone(), facts.text("text"), facts.text("menu", ""))

    async def _press(self, facts: Facts) -> None:
        self._stage.press(facts.phone(), facts.text("type"), facts.text("key"))

    async def _scan(self, facts: Facts) -> None:
        self._stage.scan(facts.phone(), facts.text("scene"), facts.text("kind", ""))

    async def _place(self, facts: Facts) -> None:
        where = facts.number("latitude"), facts.number("longitude")
        self._stage.place(facts.phone(), facts.text("name", ""), facts.text("label", ""), where)

    async def _follow(self, facts: Facts) -> None:
        self._stage.follow(facts.phone())

    async def _leave(self, facts: Facts) -> None:
        self._stage.leave(facts.phone())

    async def _clock(self, facts: Facts) -> None:
        await self._back.forward(self._moment(facts))

    def _moment(self, facts: Facts) -> datetime:
        try:
            if facts.has("by"):
                return self._back.platform.clock() + timedelta(seconds=facts.number("by"))
            return datetime.fromtimestamp(facts.number("to") / 1000, UTC)
        except (OverflowError, OSError):
            raise ValueError("to: no such moment") from None

    async def _settings(self, facts: Facts) -> None:
        now: Json = self._back.settings()
        slow = facts.number("slow") if facts.has("slow") else now["slow"]
        self._back.set(facts.text("mode", now["mode"]), facts.text("kind", now["kind"]), slow)

    async def _trouble(self, facts: Facts) -> None:
        self._back.break_next(facts.text("path"), facts.text("trouble"))
