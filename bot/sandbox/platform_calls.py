"""How the stand-in's API is written down: one function a path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.platform_limits import Errcode
from bot.sandbox.platform_world import World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file that came up, or goes down."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    query: Mapping[str, str] = field(repr=False)
    body: Json
    files: Mapping[str, File]

    def need(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """A field of the body that must be there."""
        if name not in self.body:
            raise Errcode(47001, f"{name} is missing")
        return self.body[name]


Handler = Callable[[World, Call], "Json | File"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is known of a path."""

    handler: Handler
    method: str
    feature: str
    open: bool
    """Whether it needs no token."""


ENDPOINTS: dict[str, Endpoint] = {}
"""Every path that is there, without `cgi-bin/`."""


def endpoint(
    path: str,
    feature: str = "basic",
    method: str = "POST",
    *,
    open: bool = False,  # noqa: A002 - reads best
) -> Callable[[Handler], Handler]:
    """Put a function behind a path; `feature` is what some accounts lack."""

    def put(handler: Handler) -> Handler:
        ENDPOINTS[path] = Endpoint(handler, method, feature, open)
        return handler

    return put


def lists(value: object) -> list[Any]:
    """A JSON list, or 47001."""
    if not isinstance(value, list):
        raise Errcode(47001)
    return value
