"""Where the tests of limits register: one function a limit, named like it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.bot.sandbox.api import Caller

Json = dict[str, Any]
Break = Callable[[Caller], Awaitable[None]]
BREAKS: dict[str, Break] = {}


def breaks(function: Break) -> Break:
    """The function breaks the limit of its own name."""
    BREAKS[function.__name__] = function
    return function


def ahead(caller: Caller, name: str, more: float = 0) -> None:
    """Move on by a limit's seconds."""
    caller.platform.clock.forward(caller.platform.world.limits.span(name) + timedelta(seconds=more))


def lower(caller: Caller, **values: float) -> None:
    """Lower a limit that would take long to reach."""
    world = caller.platform.world
    world.limits = world.limits.lowered(**values)


def code(answer: Json) -> int:
    """An answer's code, 0 when there is none."""
    return int(answer.get("errcode", 0))
