"""Conversations: a flow is a class, a step is a field, the state is the answers so far.

    class Bind(Flow, name="person.bind"):
        code: str = ask(words(20), check=still_good)
        organisation: int = pick(organisations)

        async def finish(self, context: Context) -> Say: ...

This file is what a handler declares; `talk.py` is what then happens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast, dataclass_transform

from bot.kit.kinds import Kind, Option
from bot.kit.say import Facts, Say

if TYPE_CHECKING:
    from store.context import Context

__all__ = ["Begin", "Flow", "Option", "Step", "ask", "pick"]

T = TypeVar("T")
When: TypeAlias = Callable[[Any], bool]
"""Whether the question arises, given the flow with the answers so far."""
Check: TypeAlias = "Callable[[T, Context, Any], Awaitable[None] | None]"
"""Raises `Refused` when an answer, given the answers so far, is not to be had."""
Fits: TypeAlias = "Callable[[Context, Any], Awaitable[Callable[[T], bool]]]"
"""Which values can be had at all, given the answers so far: decides what an ambiguous one means."""
Found: TypeAlias = "Callable[[Context, str, Any], Awaitable[list[Option[T]]]]"
"""Options for the words typed (`""`: all worth showing), given the answers so far. The words are
clean (nothing invisible, no half characters) and at most 500 characters.

Asked with an option's own label, it offers that option as long as it is to be had."""


@dataclass(slots=True)
class Step:
    """One question."""

    kind: Kind[Any] | None
    """How the answer is read; None when it is picked."""
    found: Found[Any] | None
    when: When | None
    check: Check[Any] | None
    name: str = ""
    fits: Fits[Any] | None = None

    def load(self, value: Any) -> Any:  # noqa: ANN401 - the step's own type
        """A kept value as the flow's field has it; raises when it is not one any more."""
        return value if self.kind is None else self.kind.load(value)


def ask(
    kind: Kind[T],
    *,
    when: When | None = None,
    check: Check[T] | None = None,
    fits: Fits[T] | None = None,
) -> T:
    """A question answered in words; to a reader and a type checker it is a plain field."""
    return cast("T", Step(kind, None, when, check, fits=fits))


def pick(found: Found[T], *, when: When | None = None, check: Check[T] | None = None) -> T:
    """A question answered from a numbered list that `found` makes."""
    return cast("T", Step(None, found, when, check))


@dataclass_transform(kw_only_default=True, field_specifiers=(ask, pick))
class Flow:
    """Base of all flows. An instance holds the answers; a question that did not arise is None."""

    name: ClassVar[str]
    """Topic and key: the texts of `person.bind` stand in `person.toml` under `[bind]`."""
    idle: ClassVar[timedelta]
    """How long an unanswered question stays open."""
    confirm: ClassVar[bool]
    """Whether a summary is shown and confirmed before the end."""
    steps: ClassVar[Mapping[str, Step]] = {}
    compared: ClassVar[tuple[str, ...]] = ()
    """Facts of the summary whose change is told, old and new, before it is confirmed anew."""

    def __init_subclass__(
        cls, *, name: str, idle: timedelta = timedelta(minutes=30), confirm: bool = True
    ) -> None:
        own = {key: step for key, step in vars(cls).items() if isinstance(step, Step)}
        if taken := own.keys() & set(dir(Flow)):
            raise TypeError(
                f"{cls.__qualname__}: a step can't be called {', '.join(sorted(taken))}"
            )
        for key, step in own.items():
            step.name = key
        cls.name, cls.idle, cls.confirm = name, idle, confirm
        cls.steps = {**cls.steps, **own}

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401 - each of its step's type
        for key in self.steps:
            setattr(self, key, answers.get(key))

    async def summary(self, context: Context) -> Facts:
        """What the summary says beside the answers: price, place, rules. Made anew at confirm."""
        del context
        return {}

    async def finish(self, context: Context) -> Say:
        """Do what was asked for, in the writing transaction, and say so."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Begin:
    """What a handler returns to begin a flow, with the answers that are known already."""

    flow: type[Flow]
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values by step, as the flow's fields hold them; each is checked like a typed one."""
    said: Mapping[str, str] = field(default_factory=dict[str, str])
    """Words by step, read as if they were typed to that question; unreadable ones are asked."""

    def __post_init__(self) -> None:
        if unknown := (self.answers.keys() | self.said.keys()) - self.flow.steps.keys():
            raise ValueError(f"{self.flow.name} asks no {', '.join(sorted(unknown))}")
