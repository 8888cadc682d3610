"""What a talk says: the open question, its numbered options, the summary, what may be changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bot.kit.answer import Offer, choices, options_of
from bot.kit.flow import Flow, Option
from bot.kit.reading import said
from bot.kit.say import Facts, Say
from bot.kit.state import Talk, Walk, walk

if TYPE_CHECKING:
    from store.context import Context

PAGE = 8
"""Numbered lines shown at once."""
ASKINGS = ("", ":again", ":third")
"""The text of a question by how often it was put."""
OFFER = ":offer"
"""The text above what is listed instead of an answer that was refused."""
SUMMARY = (said("confirm"), said("change"), said("cancel"))
"""What may be answered to a summary, by number as well."""


async def put(
    flow: type[Flow],
    talk: Talk,
    context: Context,
    *,
    about: str | None = None,
    first: int | None = None,
    instead: Sequence[Option[Any]] = (),
) -> tuple[Talk, Say]:
    """The open question, or the summary when there is none; with the talk that remembers it.

    `about`: list what these words find; `first`: from this number on; `instead`: list these.
    """
    at = walk(flow, talk)
    if at.step is None:
        return await _sum_up(flow, talk, at, context)
    before = talk.offered if talk.offered and about is None else Offer((), about or "")
    options = instead or await options_of(at.step, context, before.about, at.so_far)
    first = min(first or before.first, max(1, len(options)))
    offer = Offer(choices(options), before.about, first) if options else None
    asking = OFFER if instead else ASKINGS[min(talk.tries, 2)]
    say = Say(f"{flow.name}.{at.step.name}{asking}", at.labels)
    return replace(talk, offered=offer), _listed(say, options, offer)


def _listed(say: Say, options: Sequence[Option[Any]], offer: Offer | None) -> Say:
    if offer is None:
        return say
    start = offer.first - 1
    rest = max(0, len(options) - start - PAGE)
    return replace(
        say,
        args={**say.args, "rest": rest or None},
        items=tuple({**o.facts, "label": o.label} for o in options[start : start + PAGE]),
        first=offer.first,
        choices=offer.choices,
    )


def page(offer: Offer, *, forward: bool) -> int:
    """The first number of the page after or before the one shown."""
    first = offer.first + (PAGE if forward else -PAGE)
    return first if 1 <= first <= len(offer.choices) else offer.first


async def _sum_up(flow: type[Flow], talk: Talk, at: Walk, context: Context) -> tuple[Talk, Say]:
    args: Facts = {**at.labels, **await at.so_far.summary(context)}
    told = {name: args.get(name) for name in flow.compared}
    talk = replace(talk, offered=Offer(SUMMARY), seen=_fingerprint(args), told=told)
    return talk, Say(f"{flow.name}.confirm", args, choices=SUMMARY)


def _fingerprint(args: Facts) -> str:
    text = json.dumps(args, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def changes(flow: type[Flow], at: Walk) -> Say:
    """The answers given, to choose the one that is to be changed."""
    lines = [{"title": title(flow, given.step), "label": given.label} for given in at.given]
    typed = tuple(change_word(n) for n in range(1, len(lines) + 1))
    return Say("talk.change", what(flow), items=tuple(lines), choices=typed)


def change_word(n: int) -> str:
    """How one asks to change the answer number `n`."""
    return f"{said('change')}{n}"


def title(flow: type[Flow], step: str) -> Facts:
    """What a question is about, in a word or two: a placeholder that is a text itself."""
    return {"key": f"{flow.name}.{step}:title"}


def what(flow: type[Flow]) -> Facts:
    """What the talk is about, as placeholders."""
    return {"what": {"key": f"{flow.name}:title"}}


def standing(flow: type[Flow], at: Walk) -> Facts:
    """What the talk is about, and whether there is anything in it to change."""
    return {**what(flow), "change": {"key": "talk.changeable"} if at.given else None}


def below(*says: Say) -> Say:
    """Several answers in one message, each below the one before it."""
    first, *rest = says
    if not rest:
        return first
    under = below(first.then, *rest) if first.then else below(*rest)
    return replace(first, then=under)
