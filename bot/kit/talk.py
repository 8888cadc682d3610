"""What happens in a conversation: every rule of asking, going back, changing and confirming.

A talk is its answers. The open question is the first one that has none; a branch not taken asks
nothing. When no question is left, every check is run again and a summary asks for `确认`, at which
they are run once more. An answer is forgotten only by going back, by the talk's end, or because it
went stale. Nothing here writes: who calls keeps the `Talk`, and runs `finish` of what is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from bot.kit.answer import Offer, Several, known, read, stale, suggested
from bot.kit.asking import SUMMARY, below, change_word, changes, page, put, standing, what
from bot.kit.flow import Flow
from bot.kit.reading import Unreadable, choice, steering, to_change, yes
from bot.kit.say import Say
from bot.kit.state import Talk, Turn, Walk, walk
from bot.kit.texts import refusal
from store.errors import Refused

if TYPE_CHECKING:
    from store.context import Context

KEPT = timedelta(minutes=10)
"""How long a talk that was left can be gone on with."""
Reasons = dict[str, Refused]
"""Why answers were not taken, by their questions."""


async def begin(
    flow: type[Flow],
    answers: Mapping[str, Any],
    context: Context,
    said: Mapping[str, str] | None = None,
) -> Turn:
    """Begin a flow with the answers that are known, as values or as words.

    One that is refused is said so, and asked; words that can't be read are only asked.
    """
    talk, refused, about, said = Talk(flow.name, context.now), Reasons(), "", said or {}
    for name, step in flow.steps.items():
        so_far = walk(flow, talk).so_far
        try:
            if name in answers:
                talk = talk.give(await known(step, answers[name], context, so_far))
            elif name in said:
                talk = talk.give(await read(step, said[name], context, so_far, None, command=False))
        except Several as several:
            about = about or several.about
        except Unreadable:
            continue
        except Refused as why:
            refused[name] = why
    return await _go_on(flow, talk, context, refused=refused, about=about or None)


async def hear(
    flow: type[Flow], talk: Talk, words: str, context: Context, *, command: bool = False
) -> Turn:
    """Take one message.

    `command` says that the words are a command as well: a question that takes any words then
    leaves them to it. What is no answer comes back as not `understood`, with what to say should
    nobody else understand it.
    """
    if context.now - talk.touched > flow.idle:
        return _leave(flow, talk, context, "talk.expired", understood=False)
    talk = replace(talk, touched=context.now, version=talk.version + 1)
    at = walk(flow, talk)
    turn = await _steered(flow, talk, at, words, context)
    if turn is not None:
        return turn
    if at.step is None:
        return await _confirm(flow, talk, at, words, context)
    return await _answer(flow, talk, at, words, context, command=command)


def confirms(flow: type[Flow], talk: Talk, words: str, context: Context) -> bool:
    """Whether words confirm a summary, so that something will be done."""
    if not flow.confirm or context.now - talk.touched > flow.idle:
        return False
    return walk(flow, talk).step is None and _agrees(words, talk)


def _agrees(words: str, talk: Talk) -> bool:
    if steering(words) == "confirm" or _is_line(words, talk.offered, 1):
        return True
    return yes(words) is True


async def resume(flow: type[Flow], left: Talk, context: Context) -> Turn:
    """Go on with a talk that was left."""
    if context.now - left.touched > KEPT:
        return Turn(None, Say("talk.gone", what(flow)))
    talk = replace(left, touched=context.now, version=left.version + 1, offered=None, tries=0)
    return await _go_on(flow, talk, context, [Say("talk.resumed", what(flow))])


async def prompt(flow: type[Flow], talk: Talk, context: Context, *, brief: bool = False) -> Say:
    """The open question once more, to stand below the answer to something else.

    `brief` where that answer has numbered lines: then the question comes without its own. A summary
    was read, and would push what was asked for off the screen.
    """
    at = walk(flow, talk)
    if at.step is None:
        return Say("talk.waiting", standing(flow, at))
    if not brief:
        return (await put(flow, replace(talk, tries=0), context))[1]
    return Say(f"{flow.name}.{at.step.name}:brief", at.labels)


async def refuse(flow: type[Flow], talk: Talk, why: Refused, context: Context) -> Turn:
    """Go on with a talk whose `finish` was refused; one that has nothing to ask is over."""
    if walk(flow, talk).step is None and not flow.confirm:
        return Turn(None, refusal(flow.name, why))
    talk = replace(talk, touched=context.now, version=talk.version + 1)
    return await _go_on(flow, talk, context, [refusal(flow.name, why)])


async def _steered(
    flow: type[Flow], talk: Talk, at: Walk, words: str, context: Context
) -> Turn | None:
    """Do what any talk is told by the same words; None when these are none of them."""
    meaning = steering(words)
    if meaning == "cancel":
        return _leave(flow, talk, context, "talk.cancelled")
    if meaning == "back":
        return await _back(flow, talk, at, context)
    if meaning == "resume":
        return await _go_on(flow, talk, context)
    if meaning in ("next", "previous") and talk.offered is not None:
        first = page(talk.offered, forward=meaning == "next")
        return Turn(*await put(flow, replace(talk, tries=0), context, first=first))
    which = _to_change(words, talk.offered)
    return None if which is None else await _change(flow, talk, at, context, which)


async def _go_on(
    flow: type[Flow],
    talk: Talk,
    context: Context,
    before: Sequence[Say] = (),
    *,
    refused: Reasons | None = None,
    about: str | None = None,
) -> Turn:
    """Put the open question; with none left, check all answers, sum up, or be done.

    `refused`: answers that were not taken, and why; what that suggests instead is listed.
    """
    at, refused = walk(flow, talk), refused or Reasons()
    if at.step is None:
        talk, stale_ones = await _settle(flow, talk, at, context)
        refused |= stale_ones
        at = walk(flow, talk)
    if at.step is None and not flow.confirm:
        return Turn(None, done=at.so_far)
    why = refused.get(at.step.name) if at.step else None
    instead = suggested(at.step, why, context) if at.step and why else ()
    talk, say = await put(flow, talk, context, about=about, instead=instead)
    return Turn(talk, below(*before, *_told(flow, refused, before), say))


def _told(flow: type[Flow], refused: Reasons, before: Sequence[Say]) -> Iterator[Say]:
    """Why answers were not taken, but for what was said already."""
    there = [(say.key.rpartition(".")[2], say.args) for say in before]
    for name, why in refused.items():
        say = _no(flow, name, why)
        if (type(why).__name__, say.args) not in there:
            yield say


async def _settle(flow: type[Flow], talk: Talk, at: Walk, context: Context) -> tuple[Talk, Reasons]:
    """Check every answer again; forget those gone stale, and tell why."""
    refused = Reasons()
    for given in at.given:
        why = await stale(flow.steps[given.step], given, context, at.so_far)
        if why is not None:
            talk = talk.forget(given.step)
            refused[given.step] = why
    return talk, refused


async def _answer(
    flow: type[Flow], talk: Talk, at: Walk, words: str, context: Context, *, command: bool
) -> Turn:
    assert at.step is not None  # noqa: S101 - for the type checker
    try:
        given = await read(at.step, words, context, at.so_far, talk.offered, command=command)
    except Several as several:
        talk, say = await put(flow, talk, context, about=several.about)
        return Turn(talk, say)
    except Refused as why:
        lost = isinstance(why, Unreadable)
        talk = replace(talk, tries=talk.tries + 1 if lost else 0)
        talk, say = await put(flow, talk, context, instead=suggested(at.step, why, context))
        if lost:  # the question put differently says enough
            return Turn(talk, say, understood=False)
        return Turn(talk, below(_no(flow, at.step.name, why), say))
    talk, refused = await _still_good(flow, talk.give(given), given.step, context)
    return await _go_on(flow, talk, context, refused=refused)


async def _still_good(
    flow: type[Flow], talk: Talk, changed: str, context: Context
) -> tuple[Talk, Reasons]:
    """Check answers to later questions that were given before this one, at once."""
    names = list(flow.steps)
    later = names[names.index(changed) + 1 :]
    if not any(given.step in later for given in talk.answers):
        return talk, Reasons()
    at = walk(flow, talk)
    return (talk, Reasons()) if at.step is None else await _settle(flow, talk, at, context)


async def _confirm(flow: type[Flow], talk: Talk, at: Walk, words: str, context: Context) -> Turn:
    if not _agrees(words, talk):
        if yes(words) is False or _is_line(words, talk.offered, 3):
            return _leave(flow, talk, context, "talk.cancelled")
        talk = replace(talk, tries=talk.tries + 1)
        key = "talk.third" if talk.tries > 1 else "talk.unconfirmed"
        return Turn(talk, Say(key, standing(flow, at), choices=SUMMARY), understood=False)
    settled, refused = await _settle(flow, talk, at, context)
    if refused:
        return await _go_on(flow, settled, context, refused=refused)
    talk, say = await put(flow, settled, context)
    if talk.seen != settled.seen:
        return Turn(talk, below(_changed(flow, settled.told, talk.told), say))
    return Turn(None, done=at.so_far)


def _changed(flow: type[Flow], old: Mapping[str, Any], new: Mapping[str, Any]) -> Say:
    """That the summary is not what was seen, and what of it is compared."""
    changed = [name for name in flow.compared if old.get(name) != new.get(name)]
    args: dict[str, Any] = {}
    for name in changed:
        args |= {f"old_{name}": old.get(name), f"new_{name}": new.get(name)}
    return Say(f"{flow.name}:changed" if changed else "talk.changed", args)


def _to_change(words: str, offer: Offer | None) -> int | None:
    """Which answer is to be changed: its number, 0 for one not named; None: none at all."""
    if _is_of_changes(offer):
        return choice(words, len(offer.choices)) or to_change(words)
    if offer is not None and offer.choices == SUMMARY and choice(words, len(SUMMARY)) == 2:
        return 0
    return to_change(words)


def _is_of_changes(offer: Offer | None) -> TypeGuard[Offer]:
    return offer is not None and offer.choices[0] == change_word(1)


def _is_line(words: str, offer: Offer | None, n: int) -> bool:
    """Whether a line of the summary is chosen by its number."""
    return offer is not None and offer.choices == SUMMARY and choice(words, len(SUMMARY)) == n


async def _back(flow: type[Flow], talk: Talk, at: Walk, context: Context) -> Turn:
    if talk.changing or _is_of_changes(talk.offered):
        return await _go_on(flow, talk.again(), context)
    last = next((g for g in reversed(talk.answers) if g in at.given), None)
    if last is None:
        return await _go_on(flow, talk.again(), context, [Say("talk.first", what(flow))])
    return await _go_on(flow, talk.forget(last.step), context)


async def _change(flow: type[Flow], talk: Talk, at: Walk, context: Context, which: int) -> Turn:
    """Ask the answered question number `which` once more, or offer those there are."""
    if not at.given:
        return await _go_on(flow, talk, context, [Say("talk.first", what(flow))])
    if len(at.given) == 1:
        which = 1
    if not 1 <= which <= len(at.given):
        say = changes(flow, at)
        return Turn(replace(talk, offered=Offer(say.choices)), say)
    return await _go_on(flow, replace(talk.again(), changing=at.given[which - 1].step), context)


def _leave(
    flow: type[Flow], talk: Talk, context: Context, key: str, *, understood: bool = True
) -> Turn:
    left = replace(talk, touched=context.now)
    return Turn(None, Say(key, what(flow)), understood=understood, left=left)


def _no(flow: type[Flow], step: str, why: Refused) -> Say:
    return refusal(f"{flow.name}.{step}", why)
