"""One answer: read or picked, checked, and checked again later."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.kit.flow import Flow, Option, Step
from bot.kit.kinds import Kind
from bot.kit.moments import Offers, show_period
from bot.kit.reading import LONGEST, OutOfRange, Unreadable, bare, choice, clean, steering
from store.errors import Refused

if TYPE_CHECKING:
    from store.context import Context

NAMED = re.compile(r"(?:YQ|YY)\s*\d", re.IGNORECASE)
"""What a command about a thing of its own names."""
SHORTEST = 2
"""A part of a label this long is enough to pick it, if no other label has it."""


@dataclass(eq=False)
class ListChanged(Refused):
    """A number was typed, but what it stood for has moved since it was shown."""


@dataclass(eq=False)
class NotOffered(Refused):
    """What was picked is not to be had any more."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is kept."""

    step: str
    value: Any
    """The normalised value, as JSON."""
    label: str
    """The value in words, for the summary."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The numbered lines last put to the person; without them, a number is just a number."""

    choices: tuple[str, ...]
    """What each number stands for, as one would type it."""
    about: str = ""
    """The words that the lines were found by."""
    first: int = 1
    """The number of the first line on the page shown."""


class Several(Exception):  # noqa: N818 - a question back, not a fault
    """The words fit more than one option: these are to be offered."""

    def __init__(self, about: str) -> None:
        self.about = about


def choices(options: Sequence[Option[Any]]) -> tuple[str, ...]:
    """What each number stands for: the label, or the number itself where labels are alike."""
    labels = [option.label for option in options]
    return tuple(
        label if labels.count(label) == 1 else str(n) for n, label in enumerate(labels, start=1)
    )


async def options_of(
    step: Step, context: Context, about: str, so_far: Flow
) -> Sequence[Option[Any]]:
    """What the step offers, numbered; empty when it is answered in words."""
    if step.found is not None:
        return await step.found(context, about, so_far)
    return step.kind.options if step.kind is not None else ()


async def read(
    step: Step, words: str, context: Context, so_far: Flow, offer: Offer | None, *, command: bool
) -> Given:
    """The words as an answer to the step, checked; raises `Refused`, or `Several`.

    `command` says that the words are a command as well: then only an answer that is surely
    one counts, and no free text is.
    """
    if step.kind is None:
        option = await _picked(step, words, context, so_far, offer, command=command)
        value, kept = option.value, Given(step.name, option.value, option.label)
    else:
        if step.kind.free and (command or steering(words)):
            raise Unreadable
        if command and step.kind.read_fitting is not None and NAMED.search(words):
            raise Unreadable  # a time, but of something else: `空闲 YQ12 下周`
        value = await _read(step, step.kind, _by_number(step, words, offer), context, so_far)
        kept = Given(step.name, step.kind.dump(value), step.kind.show(value))
    await check(step, value, context, so_far)
    return kept


async def _read(step: Step, kind: Kind[Any], words: str, context: Context, so_far: Flow) -> Any:  # noqa: ANN401 - of the step's kind
    if step.fits is None or kind.read_fitting is None:
        return kind.read(words, context.now)
    return kind.read_fitting(words, context.now, await step.fits(context, so_far))


def _by_number(step: Step, words: str, offer: Offer | None) -> str:
    """The words, or what they stand for as the number of a line shown."""
    if offer is None or step.kind is None:
        return words
    n = choice(words, len(offer.choices))
    if n is None or bare(words) in map(bare, offer.choices):
        return words
    if 1 <= n <= len(offer.choices):
        return offer.choices[n - 1]
    if step.kind.options:
        raise OutOfRange(1, len(offer.choices))
    return words  # a number may be an answer of its own: 1125


def suggested(step: Step, why: Refused, context: Context) -> Sequence[Option[Any]]:
    """What a refusal of words offers instead, as one would type it."""
    if step.kind is None or not isinstance(why, Offers):
        return ()
    shown = dict.fromkeys(show_period(each, context.now) for each in why.suggestions)
    return [Option(words, words) for words in shown]


async def _picked(
    step: Step, words: str, context: Context, so_far: Flow, offer: Offer | None, *, command: bool
) -> Option[Any]:
    shown = await options_of(step, context, offer.about if offer else "", so_far)
    option = _named(words, shown) or _numbered(words, shown, offer)
    if option is not None:
        return option
    if command or steering(words):
        return await _coded(step, words, context, so_far)
    return _partly(words, shown) or await _searched(step, words, context, so_far, shown)


def _named(words: str, options: Sequence[Option[Any]]) -> Option[Any] | None:
    text = bare(words)
    named = [option for option in options if bare(option.label) == text]
    return named[0] if len(named) == 1 else None


def _numbered(
    words: str, options: Sequence[Option[Any]], offer: Offer | None
) -> Option[Any] | None:
    n = choice(words, len(options))
    if n is None or not options:
        return None
    if offer is None or offer.choices != choices(options):
        raise ListChanged
    if not 1 <= n <= len(options):
        raise OutOfRange(1, len(options))
    return options[n - 1]


async def _coded(step: Step, words: str, context: Context, so_far: Flow) -> Option[Any]:
    """The option whose code a command is: `YQ12` answers which instrument. Raises `Unreadable`."""
    text = bare(words)
    if not any(map(str.isdigit, text)):
        raise Unreadable
    found = await options_of(step, context, clean(words[:LONGEST]), so_far)
    coded = [option for option in found if text in bare(option.label)]
    if len(coded) != 1:
        raise Unreadable
    return coded[0]


def _partly(words: str, options: Sequence[Option[Any]]) -> Option[Any] | None:
    text = bare(words)
    if len(text) < SHORTEST:
        return None
    near = [option for option in options if text in bare(option.label)]
    return near[0] if len(near) == 1 else None


async def _searched(
    step: Step, words: str, context: Context, so_far: Flow, shown: Sequence[Option[Any]]
) -> Option[Any]:
    about = clean(words[:LONGEST])
    found = await options_of(step, context, about, so_far) if about else ()
    if not found or choices(found) == choices(shown):
        raise Unreadable
    if len(found) > 1:
        raise Several(about)
    return found[0]


async def known(step: Step, value: Any, context: Context, so_far: Flow) -> Given:  # noqa: ANN401
    """A value that a handler knows already as an answer, checked; raises `Refused`."""
    if step.kind is not None:
        kept = Given(step.name, step.kind.dump(value), step.kind.show(value))
    else:
        unnamed = Given(step.name, value, str(value))
        kept = replace(unnamed, label=(await _still(step, unnamed, context, so_far)).label)
    await check(step, value, context, so_far)
    return kept


async def _still(step: Step, given: Given, context: Context, so_far: Flow) -> Option[Any]:
    """The option that was picked, if it is still there; raises `NotOffered`."""
    for about in (given.label, ""):
        for option in await options_of(step, context, about, so_far):
            if option.value == given.value:
                return option
    raise NotOffered


async def stale(step: Step, given: Given, context: Context, so_far: Flow) -> Refused | None:
    """Why an answer given earlier does not hold any more, or None."""
    try:
        if step.found is not None:
            await _still(step, given, context, so_far)
        await check(step, step.load(given.value), context, so_far)
    except Refused as why:
        return why
    return None


async def check(step: Step, value: Any, context: Context, so_far: Flow) -> None:  # noqa: ANN401
    """Run the step's check; raises `Refused`."""
    if step.check is not None:
        result = step.check(value, context, so_far)
        if inspect.isawaitable(result):
            await result
