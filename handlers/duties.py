"""What waits for one's word (`待办`): one numbered list from many sources.

Whoever has something to be done registers a source:

    @duties.source(Role.KEEPER, Role.REPRESENTATIVE)
    async def _requests(context: Context) -> list[Duty]: ...
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from store.context import Context
from store.person import Role

router = Router("duties")

PAGE = 8
MORE = "duties.more"
ROLES = frozenset({Role.REPRESENTATIVE, Role.KEEPER, Role.BUREAU})


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to be done."""

    line: Facts
    """Its line: a text's key and what fills it, `{"key": …, "args": {…}}`."""
    typed: str
    """The command that opens it."""
    due: datetime | None = None
    """By when; what is due first stands first, what is never due last."""


Find = Callable[[Context], Awaitable[Sequence[Duty]]]
F = TypeVar("F", bound=Find)


@dataclass(frozen=True, slots=True)
class Source:
    """Where duties come from, and for whom."""

    roles: frozenset[Role]
    find: Find


SOURCES: list[Source] = []


def source(*roles: Role) -> Callable[[F], F]:
    """Register what finds the duties of those who hold any of these roles."""

    def register(find: F) -> F:
        SOURCES.append(Source(frozenset(roles), find))
        return find

    return register


@router.words("待办", roles=ROLES)
async def duties(context: Context, heard: Heard) -> Say:
    """Everything that waits for one, what is due first on top; a number opens it."""
    del heard
    found = await waiting(context)
    return _page(found, 0) if found else Say("duties.none")


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next eight, as things stand now."""
    found, begin = await waiting(context), int(facts["next"])
    return _page(found, begin) if begin < len(found) else Say("duties.end")


async def waiting(context: Context) -> list[Duty]:
    """What waits for the asker now, from every source that their roles open."""
    found = [
        duty for each in SOURCES if each.roles & context.roles for duty in await each.find(context)
    ]
    return sorted(found, key=lambda duty: (duty.due is None, duty.due and duty.due.timestamp()))


def _page(found: Sequence[Duty], begin: int) -> Say:
    shown, left = found[begin : begin + PAGE], max(0, len(found) - begin - PAGE)
    return Say(
        "duties.list",
        {
            "count": len(found),
            "rest": {"key": "duties.rest", "args": {"left": left}} if left else None,
        },
        items=tuple({"line": duty.line} for duty in shown),
        first=begin + 1,
        choices=tuple(duty.typed for duty in found),
        more=(MORE, {"next": begin + PAGE}) if left else None,
    )
