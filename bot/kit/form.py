"""The other face of a flow: the same questions as a page, the same checks on what is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.kit.answer import Given, NotOffered, Several, known, options_of, read, stale
from bot.kit.flow import Flow, Option, Step
from bot.kit.reading import VOCABULARY
from store.errors import Refused

if TYPE_CHECKING:
    from store.context import Context


@dataclass(eq=False)
class Missing(Refused):
    """A question that has to be answered was left open."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question as a page shows it."""

    name: str
    label: str
    """The key of its label: the title of the step."""
    form: str
    """The type of its `input`; `select` where it has options."""
    options: Sequence[Option[Any]] = ()
    required: bool = True
    """Whether it must be filled whatever the other answers are."""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """Attributes of its `input`: min, max, maxlength."""


def fields(flow: type[Flow]) -> list[Field]:
    """Every question of the flow; what a `pick` offers depends on the moment: see `options`."""
    return [_field(flow, step) for step in flow.steps.values()]


def _field(flow: type[Flow], step: Step) -> Field:
    kind = step.kind
    return Field(
        step.name,
        f"{flow.name}.{step.name}:title",
        "select" if kind is None else kind.form,
        () if kind is None else kind.options,
        required=step.when is None,
        limits={} if kind is None else kind.limits,
    )


async def options(
    flow: type[Flow], name: str, values: Mapping[str, str], context: Context
) -> Sequence[Option[Any]]:
    """What a question offers, given what the page holds so far."""
    filled = await _fill(flow, values, context)
    return await options_of(flow.steps[name], context, "", filled.so_far)


async def submit(
    flow: type[Flow], values: Mapping[str, str], context: Context
) -> Flow | dict[str, Refused]:
    """What a page sent: the flow, complete and checked, or why not, by field.

    Who shows the page is who confirms: `finish` may be run on what comes back.
    """
    filled = await _fill(flow, values, context)
    for given in () if filled.refused else filled.given:
        why = await stale(flow.steps[given.step], given, context, filled.so_far)
        if why is not None:
            filled.refused[given.step] = why
    return filled.refused or filled.so_far


@dataclass(slots=True)
class _Filled:
    """A page as far as it could be read."""

    so_far: Flow
    given: list[Given] = field(default_factory=list[Given])
    refused: dict[str, Refused] = field(default_factory=dict[str, Refused])


async def _fill(flow: type[Flow], values: Mapping[str, str], context: Context) -> _Filled:
    filled = _Filled(flow())
    for step in flow.steps.values():
        if filled.refused and (step.when or step.check or step.found):
            continue  # what it rests on is not known
        if step.when is not None and not step.when(filled.so_far):
            continue
        try:
            given = await _take(step, values.get(step.name, ""), context, filled.so_far)
        except Refused as why:
            filled.refused[step.name] = why
        else:
            setattr(filled.so_far, step.name, step.load(given.value))
            filled.given.append(given)
    return filled


async def _take(step: Step, sent: str, context: Context, so_far: Flow) -> Given:
    """One field: a box not ticked says no, an option comes by its value."""
    if not sent.strip():
        if step.kind is None or step.kind.form != "checkbox":
            raise Missing
        sent = str(VOCABULARY["show"]["no"])
    for option in await options_of(step, context, "", so_far):
        if str(option.value) == sent:
            return await known(step, option.value, context, so_far)
    try:
        return await read(step, sent, context, so_far, None, command=False)
    except Several:
        raise NotOffered from None
