"""What a follower's words, taps and scans lead to.

    router = Router("person")

    @router.words("绑定 {code}", changes=True)
    async def bind(context: Context, heard: Heard, code: str) -> Say: ...

A pattern is literal words and slots, blanks between them optional when typed:
`{code}` takes any words up to the end, as they were typed; `{number:YQ}` takes `YQ12`, `ＹＱ 12`,
`yq-12` and gives 12; `{n:int}` (or a parameter annotated `int`) takes a whole number.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bot.kit.flow import Begin, Flow
from bot.kit.heard import Act, Heard
from bot.kit.pattern import Pattern
from bot.kit.reading import bare, plain
from bot.kit.say import Facts, Say
from store.errors import Refused
from store.person import Role

if TYPE_CHECKING:
    from store.context import Context

Handler: TypeAlias = Callable[..., Awaitable[Say | Begin]]
More: TypeAlias = "Callable[[Context, Facts], Awaitable[Say]]"
H = TypeVar("H", bound=Handler)
M = TypeVar("M", bound="More")
EVERYONE: frozenset[Role] = frozenset()


@dataclass(eq=False)
class NotYourRole(Refused):
    """The words are for those who hold another role."""

    roles: list[Facts]
    """What they are called, as texts."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way in: what is heard, and what answers it."""

    topic: str
    handler: Handler
    changes: bool = False
    """Whether the handler writes, and so runs in a transaction."""
    roles: frozenset[Role] = EVERYONE
    """Who may: holders of any of these, or everyone when empty."""
    flow: type[Flow] | None = None
    """The flow that is begun, if that is all that happens."""

    @property
    def name(self) -> str:
        """Where the handler stands, for people."""
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and what filled its slots."""

    route: Route
    slots: Mapping[str, Any] = field(default_factory=dict[str, Any])
    loose: bool = False
    """Whether the words might as well be free text: they ran into the last slot without a blank."""

    @property
    def changes(self) -> bool:
        """Whether the handler writes."""
        return self.route.changes

    async def run(self, context: Context, heard: Heard) -> Say | Begin:
        """Call the handler; raises `NotYourRole` before it when the asker may not."""
        roles = self.route.roles
        if roles and not roles & context.roles:
            raise NotYourRole([{"key": f"refused.role.{role}"} for role in sorted(roles)])
        return await self.route.handler(context, heard, **self.slots)


class ClashError(ValueError):
    """Two handlers answer to the same thing."""


class Router:
    """The routes of one topic, declared at the top of `handlers/<topic>.py`."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.patterns: list[tuple[Pattern, Route]] = []
        self.acts: list[tuple[Act, str, Route]] = []
        """Each act with the menu key it is for, or with `""` for all."""
        self.scans: list[tuple[Pattern, Route]] = []
        self.continued: list[tuple[str, More]] = []
        self.last: list[Route] = []

    def words(
        self,
        *patterns: str,
        changes: bool = False,
        roles: Collection[Role] = EVERYONE,
        apart: bool = False,
    ) -> Callable[[H], H]:
        """Answer these words; `apart`: what fills a slot for any words does not run on."""

        def add(handler: H, route: Route) -> None:
            read = [Pattern.of(text, handler, apart=apart) for text in patterns]
            self.patterns += [(pattern, route) for pattern in read]

        return self._declare(add, changes, roles)

    def on(
        self, *acts: Act, changes: bool = False, roles: Collection[Role] = EVERYONE
    ) -> Callable[[H], H]:
        """Answer these acts, whatever comes with them."""

        def add(_handler: H, route: Route) -> None:
            self.acts += [(act, "", route) for act in acts]

        return self._declare(add, changes, roles)

    def tap(
        self, *keys: str, changes: bool = False, roles: Collection[Role] = EVERYONE
    ) -> Callable[[H], H]:
        """Answer a tap on these menu entries."""

        def add(_handler: H, route: Route) -> None:
            self.acts += [(Act.TAP, key, route) for key in keys]

        return self._declare(add, changes, roles)

    def scan(
        self, *patterns: str, changes: bool = False, roles: Collection[Role] = EVERYONE
    ) -> Callable[[H], H]:
        """Answer a scan of our codes whose scene is like this."""

        def add(handler: H, route: Route) -> None:
            self.scans += [(Pattern.of(text, handler), route) for text in patterns]

        return self._declare(add, changes, roles)

    def _declare(
        self,
        add: Callable[[H, Route], None],
        changes: bool,  # noqa: FBT001 - passed on
        roles: Collection[Role],
    ) -> Callable[[H], H]:
        def register(handler: H) -> H:
            add(handler, Route(self.topic, handler, changes, frozenset(roles)))
            return handler

        return register

    def more(self, name: str) -> Callable[[M], M]:
        """Go on with a list when `下一页` is asked for: what `Say.more` names."""

        def register(handler: M) -> M:
            self.continued.append((name, handler))
            return handler

        return register

    def flow(self, flow: type[Flow], *patterns: str, roles: Collection[Role] = EVERYONE) -> None:
        """Begin a flow by these words; slots are answers by the names of its steps."""

        async def begin(context: Context, heard: Heard, **answers: Any) -> Begin:  # noqa: ANN401
            del context, heard
            return Begin(flow, answers)

        begin.__module__, begin.__qualname__ = flow.__module__, flow.__qualname__
        route = Route(self.topic, begin, roles=frozenset(roles), flow=flow)
        for pattern in [Pattern.of(text, begin) for text in patterns]:
            Begin(flow, {slot.name: None for slot in pattern.slots})  # are they its questions?
            self.patterns.append((pattern, route))

    def fallback(self, handler: H) -> H:
        """Answer what is nothing else; one in the whole account."""
        self.last.append(Route(self.topic, handler))
        return handler


class Routes:
    """All routes of the account, ready to be matched; raises `ClashError` when two are the same."""

    def __init__(self, *routers: Router) -> None:
        self._exact: dict[str, Route] = {}
        self._acts: dict[tuple[Act, str], Route] = {}
        self._scans: list[tuple[Pattern, Route]] = []
        self.more: dict[str, More] = {}
        """What goes on with a list, by the name that `Say.more` gives."""
        self._slotted: list[tuple[Pattern, Route]] = []
        last: dict[str, Route] = {}
        for router in routers:
            self._take(router, last)
        self._by_first = _by_first(self._slotted)
        self.fallback: Match | None = Match(last[""]) if last else None
        """What answers words that are nothing else."""

    def _take(self, router: Router, last: dict[str, Route]) -> None:
        shapes = {pattern.shape: route for pattern, route in self._slotted}
        for pattern, route in router.patterns:
            if pattern.slots:
                _put(shapes, pattern.shape, route, pattern.source)
                self._slotted.append((pattern, route))
            else:
                _put(self._exact, pattern.head, route, pattern.source)
        for act, key, route in router.acts:
            _put(self._acts, (act, key), route, key or act)
        for name, more in router.continued:
            if name in self.more:
                raise ClashError(f"two ways to go on are called {name}")
            self.more[name] = more
        for route in router.last:
            _put(last, "", route, "fallback")
        self._scans += router.scans

    def match(self, heard: Heard, words: str | None = None) -> Match | None:
        """The route for what was heard (`words` instead of its own, if given), or None."""
        said = heard.words if words is None else words
        if heard.act is Act.TEXT:
            return self.command(said)
        if heard.act is Act.SCAN:
            scanned = _first(self._scans, plain(said), said)
            if scanned is not None:
                return scanned
        route = self._acts.get((heard.act, said)) or self._acts.get((heard.act, ""))
        return None if route is None else Match(route)

    def command(self, words: str) -> Match | None:
        """The route for typed words, or None when they are no command."""
        text = plain(words)
        exact = self._exact.get(text) or self._exact.get(bare(text))
        if exact is not None:
            return Match(exact)
        near = self._by_first.get(text[:1])
        return None if near is None else _first(near, text, words)


def _put(routes: dict[Any, Route], key: object, route: Route, source: str) -> None:
    other = routes.setdefault(key, route)
    if other is not route:
        raise ClashError(f"{source}: both {other.name} and {route.name} answer it")


def _by_first(slotted: list[tuple[Pattern, Route]]) -> dict[str, list[tuple[Pattern, Route]]]:
    """Candidates by the first character, longer heads and surer slots before others."""
    ordered = sorted(slotted, key=lambda each: (-len(each[0].head), not each[0].slots[-1].type))
    near: dict[str, list[tuple[Pattern, Route]]] = {}
    for each in ordered:
        near.setdefault(each[0].head[0], []).append(each)
    return near


def _first(near: list[tuple[Pattern, Route]], text: str, typed: str) -> Match | None:
    compact = text.replace(" ", "")
    for pattern, route in near:
        filled = pattern.fill(text, typed) if compact.startswith(pattern.head) else None
        if filled is not None:
            return Match(route, filled.slots, filled.loose)
    return None
