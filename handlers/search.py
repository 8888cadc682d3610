"""Finding instruments: lists, pages, cards, and what is near."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.kit.heard import Act, Heard
from bot.kit.reading import plain
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from store import card
from store.context import Context
from store.instrument import Status, load
from store.search.found import Found, How
from store.search.kept import Kept
from store.search.tokens import clean

router = Router("search")

PAGE = 3
LONGEST_ECHO = 20
"""Characters of the question that an answer repeats."""
LONGEST_LINE = 60
"""Characters of a long field that a card shows."""
METHODS = 3
"""Kinds of instruments that are named where the catalogue has none."""
MORE = "search.more"
SAID: Kept[tuple[int, str], tuple[Found, Say]] = Kept(800)
"""What was said of what was found: by the very object, which is let go of when anything changes."""
PAUSED = {"key": "search.paused"}
TAILS = {tail: {"key": f"search.tail.{tail}"} for tail in ("more", "next", "all", "one")}
NUMBER = re.compile(r"(?<![a-z0-9])yq[ -]?([0-9]{1,9})(?![0-9])")
"""An instrument's number among other words, in plain writing."""


Aside = Callable[[Context, str], Awaitable[Say | None]]
ASIDES: list[Aside] = []
"""Who answers words beyond what the index knows, such as when something is free."""


async def _aside(context: Context, words: str) -> Say | None:
    for aside in ASIDES:
        if (say := await aside(context, words)) is not None:
            return say
    return None


@router.words("搜 {words}", "搜索 {words}", "查找 {words}", "找 {words}")
async def search(context: Context, heard: Heard, words: str) -> Say:
    """A list of what the words mean."""
    del heard
    return await _aside(context, words) or answer(context, words)


@router.fallback
async def anything(context: Context, heard: Heard) -> Say:
    """Whatever is nothing else is looked for; who names a number means that instrument."""
    named = NUMBER.search(plain(heard.words))
    if named is not None:
        shown = await show(context, heard, int(named[1]))
        if shown.key != "search.unknown":
            return shown
    return await _aside(context, heard.words) or answer(context, heard.words)


@router.words("搜", "搜索", "找仪器", "搜仪器")
async def ask(context: Context, heard: Heard) -> Say:
    """What one can look for, with examples."""
    del heard
    return Say("search.ask", {"total": len(context.catalogue) or None})


@router.on(Act.PLACE)
async def near(context: Context, heard: Heard) -> Say:
    """The nearest of the list last shown; without one, the nearest of all."""
    more = context.shown.get("more")
    words = str(more[1]["words"]) if more and more[0] == MORE else ""
    return answer(context, words, heard.place)


@router.tap("near")
@router.words("附近", "离我近的", "附近的仪器", "离我最近的")
async def where(context: Context, heard: Heard) -> Say:
    """How to send one's place."""
    del context, heard
    return Say("search.where")


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next few of a list: the same list, whatever changed meanwhile."""
    begin, listed, total = int(facts["next"]), context.shown["choices"], int(facts["total"])
    if begin >= len(listed):
        why = "cut" if total > len(listed) else "end"
        return Say(f"search.{why}", {"total": total, "listed": len(listed)})
    head = {"from": begin + 1, "to": _end(begin, listed), "total": total}
    return _page(context, listed, facts, ("page", head))


@router.words("{number:YQ}", "仪器 {number:YQ}")
async def show(context: Context, heard: Heard, number: int) -> Say:
    """The card of one instrument, as the database has it now."""
    del heard
    row = await load(context.session, number)
    if row is None:
        return Say("search.unknown", {"number": f"YQ{number}"})
    _note_opened(context, number)
    facts = card.facts(*row)
    facts["title"] = " ".join(filter(None, (facts["name"], facts["model"])))
    if row[0].status is Status.WITHDRAWN:
        return Say("search.withdrawn", facts)
    return Say("search.card", {**facts, **_told(context, facts)}, about={"instrument": number})


def _note_opened(context: Context, number: int) -> None:
    """Count what is opened from a list by the question that found the list."""
    more = context.shown.get("more")
    if more and more[0] == MORE and f"YQ{number}" in context.shown["choices"]:
        context.catalogue.usage.open(str(more[1]["words"]), number, context.person.id)


def answer(context: Context, words: str, place: tuple[float, float] | None = None) -> Say:
    """A list for any words; sorted by distance when a place is given."""
    if not context.catalogue.ready:
        return Say("search.preparing")
    found = context.catalogue.find(words, near=place)
    if place is not None:
        return _answered(context, words, found, place)
    context.catalogue.usage.ask(words, context.person.id, found.how)
    key = (id(found), words)
    _, say = SAID.get(key) or SAID.put(key, (found, _answered(context, words, found)))
    return say


def _answered(
    context: Context, words: str, found: Found, place: tuple[float, float] | None = None
) -> Say:
    """What was found, as a list."""
    said = clean(words)[:LONGEST_ECHO]
    if not found.ids:
        return _nothing(found, said)
    facts: dict[str, Any] = {"words": words, "total": found.total, "next": 0}
    if place is not None:
        facts["away"] = [_kilometres(away) for away in found.away]
    args = {"total": found.total, "meant": found.meant or said, "words": said}
    if found.given_up:
        args["given_up"] = list(found.given_up)
    head = (_head(found, said, near=place is not None), args)
    return _page(context, [f"YQ{number}" for number in found.ids], facts, head, found)


def _head(found: Found, asked: str, *, near: bool) -> str:
    if found.how is How.SOME:
        return "without" if found.given_up else "some"
    if near:
        return "near" if asked else "nearby"
    return "need" if found.need else "meant" if found.meant else "all"


def _nothing(found: Found, said: str) -> Say:
    """Nothing is like it; or nothing was asked."""
    if found.lacks:
        methods = list(found.lacks[:METHODS])
        return Say("search.lacking", {"meant": found.meant, "methods": methods}, lost=True)
    if not any(map(str.isalnum, said)):
        return Say("search.ask", lost=True)
    return Say("search.none", {"words": said}, lost=True)


def _page(
    context: Context,
    listed: Sequence[str],
    facts: Facts,
    head: tuple[str, Facts],
    found: Found | None = None,
) -> Say:
    """A few lines of a list; any number of the whole list opens its instrument."""
    begin = int(facts["next"])
    end = _end(begin, listed)
    lines = [line_of(context, int(number[2:])) for number in listed[begin:end]]
    if "away" in facts:
        lines = [
            _with_distance(*line) for line in zip(lines, facts["away"][begin:end], strict=True)
        ]
    return Say(
        "search.list",
        {
            "head": {"key": f"search.head.{head[0]}", "args": head[1]},
            "tail": _tail(end, listed, found),
        },
        items=tuple(lines),
        first=begin + 1,
        choices=tuple(listed),
        more=(MORE, {**facts, "next": end}),
    )


def _end(begin: int, listed: Sequence[str]) -> int:
    """Where a page ends; a single line does not wait for a page of its own."""
    end = begin + PAGE
    return end if end + 1 < len(listed) else len(listed)


def _tail(end: int, listed: Sequence[str], found: Found | None) -> Facts:
    """What to do with the list, and what decides between the kinds of instruments in it."""
    narrow = "next" if found and found.narrowed else "more"
    tail = narrow if end < len(listed) else "one" if len(listed) == 1 else "all"
    hint = short(found.hint) if found and len(listed) > 1 else None
    return {"key": f"search.tail.{tail}", "args": {"hint": hint}} if hint else TAILS[tail]


def line_of(context: Context, number: int) -> Facts:
    """What a line of a list shows; an instrument that was withdrawn meanwhile says so."""
    shown = context.catalogue.facts(number)
    if shown is None:
        return {"title": {"key": "search.gone"}, "number": f"YQ{number}"}
    return {**shown, "paused": PAUSED} if "paused" in shown else shown


def _kilometres(away: float | None) -> int | None:
    return None if away is None else max(1, round(away))


def _with_distance(line: Facts, away: int | None) -> Facts:
    return line if away is None else {**line, "away": {"key": "search.away", "args": {"km": away}}}


def _told(context: Context, facts: Facts) -> dict[str, Any]:
    """What a card says beyond the bare facts."""
    rule = context.policy.voucher_platform
    by_platform = bool(rule.value and facts["on_provincial_platform"])
    vouchers = "yes" if facts["vouchers"] or by_platform else "no" if rule.value else None
    state = {"key": "search.card.paused", "args": {"reason": facts["reason"]}}
    way = "book" if facts["status"] == Status.LISTED else "like"
    return {
        "state": state if facts["status"] == Status.PAUSED else None,
        "functions": short(facts["functions"]),
        "rules": short(facts["rules"]),
        "vouchers": vouchers
        and {"key": f"search.card.vouchers.{vouchers}", "args": {"cite": rule.cite or None}},
        "next": {
            "key": f"search.card.{way}",
            "args": {"name": facts["name"], "number": facts["number"]},
        },
    }


def short(words: str | None) -> str | None:
    """A long field in one line."""
    if not words:
        return None
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
