"""What the account tells unasked, seen from the chat: what was kept, and what one wants to hear."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.kit.facts import Seals, in_words, opened
from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from store import delivery, reach
from store.context import Context
from store.errors import Refused
from store.outbox import Outbox

router = Router("notices")

AT_ONCE = 5


@dataclass(eq=False)
class NoSuchSetting(Refused):
    """The number is that of no line of the settings."""

    n: int


@dataclass(eq=False)
class Mandatory(Refused):
    """It cannot be switched off."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of `提醒设置`."""

    name: str
    mandatory: bool = False
    """All of it must be told."""
    duty: bool = False
    """It is for those who look after instruments, or for the bureau."""


@router.words("看提醒", "未送达提醒", "未读提醒", changes=True)
async def show(context: Context, heard: Heard) -> Say:
    """What could not be sent, oldest first, a few at a time."""
    del heard
    session, whose = context.session, context.person.id
    rows = await delivery.kept(session, whose, context.now, AT_ONCE)
    left = await delivery.shown(session, whose, rows, context.now)
    if not rows:
        return Say("notices.none")
    last = Say("notices.more", {"left": left}) if left else None
    seals = Seals(context.secret)
    for row in reversed(rows):
        last = replace(_say(row, seals), then=last)
    assert last is not None  # noqa: S101 - there is a row
    return last


def _say(row: Outbox, seals: Seals) -> Say:
    facts = opened(row.facts) | seals.opened(row.sealed, row.person_id)
    return Say(f"notice.{row.kind}", in_words(facts))


@dataclass(frozen=True)
class Switches:
    """All lines; each is known by its place among them."""

    lines: Sequence[Setting]

    def mine(self, context: Context) -> dict[int, Setting]:
        """The lines that concern the asker."""
        known = enumerate(self.lines, 1)
        return {n: line for n, line in known if context.roles or not line.duty}

    async def listed(self, context: Context, key: str) -> Say:
        """The lines, those first that a number switches."""
        off = await reach.silenced(context.session, context.person.id)
        lines = self.mine(context).items()
        shown = sorted(lines, key=lambda line: (line[1].mandatory, line[0]))
        items = tuple(_item(line, off) for _, line in shown)
        typed = (
            f"打开提醒 {n}" if line.name in off else f"关闭提醒 {n}"
            for n, line in shown
            if not line.mandatory
        )
        return Say(key, items=items, choices=tuple(typed))

    async def switch(self, context: Context, n: int, *, on: bool) -> Say:
        """Switch one. Raises NoSuchSetting, Mandatory."""
        line = self.mine(context).get(n)
        if line is None:
            raise NoSuchSetting(n)
        if line.mandatory and not on:
            raise Mandatory
        await reach.silence(context.session, context.person.id, line.name, context.now, on=on)
        return await self.listed(context, "notices.switched")


def settings(lines: Sequence[Setting]) -> Router:
    """The routes of `提醒设置`, for these lines."""
    router, switches = Router("notices"), Switches(lines)

    @router.words("提醒设置")
    async def choose(context: Context, heard: Heard) -> Say:
        """What is told, and what not."""
        del heard
        return await switches.listed(context, "notices.settings")

    @router.words("打开提醒 {n:int}", changes=True)
    async def switch_on(context: Context, heard: Heard, n: int) -> Say:
        """Told again."""
        del heard
        return await switches.switch(context, n, on=True)

    @router.words("关闭提醒 {n:int}", changes=True)
    async def switch_off(context: Context, heard: Heard, n: int) -> Say:
        """Told no more."""
        del heard
        return await switches.switch(context, n, on=False)

    return router


def _item(line: Setting, off: Collection[str]) -> dict[str, Any]:
    state = "must" if line.mandatory else "off" if line.name in off else "on"
    return {
        "label": {"key": f"notice.setting.{line.name}:title"},
        "state": {"key": f"notices.state.{state}"},
    }
