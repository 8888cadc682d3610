"""Read when somebody wants something. Any text at all is read or refused, and none guessed."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot.kit.moments.clock import DAY
from bot.kit.moments.decide import Fits, Frame, decided
from bot.kit.moments.draft import At, Draft
from bot.kit.moments.handlers import HANDLERS
from bot.kit.moments.lexicon import LONGEST, SCAN, TABLE, WORDS, settle
from bot.kit.moments.period import (
    HERE,
    Ambiguous,
    Backwards,
    Impossible,
    Leftover,
    Past,
    Period,
    Scope,
    Unannounced,
)
from bot.kit.moments.readings import Found, found
from bot.kit.moments.settle import numbered, otherwise, settled
from bot.kit.moments.single import ACTIONS
from bot.kit.reading import Unreadable

_ENGLISH = re.compile(f"(?:{'|'.join(TABLE['rest']['words'])})(?![a-z])")
_ASIDE = frozenset({"mark", "number", "counted", "code"})


def read_period(
    words: str,
    now: datetime,
    fits: Fits | None = None,
    *,
    on: date | None = None,
    loose: bool = False,
    since: datetime | None = None,
) -> Period:
    """The one period that is meant, after `now` (or `since`), however people write it.

    `fits` decides between several readings by what is open; `on` is the day of what has none.
    `loose`: days to be looked through (`下周`, `周末`, `尽快`) are an answer too, not a question.
    Raises `Unreadable` where no time is said, `Lunar`, or a refusal that has `suggestions`:
    `Past`, `Impossible`, `Backwards`, `Ambiguous`, `Unannounced`, `Leftover`.
    """
    text = settle(words)
    if len(text) > LONGEST:
        raise Unreadable
    at, minute = _at(now, on)
    if since is not None:
        minute = _at(since, None)[1]
    drafts = _drafts(text)
    if len(drafts) > 1:
        drafts = _told_apart(drafts)
    draft = drafts[0]
    settled(draft)
    if draft.empty():
        raise Unreadable
    if draft.other:
        drafts = [draft, otherwise(draft)]
    results = [found(each, at, minute) for each in drafts]
    result = results[0] if len(results) == 1 else _several(results)
    if draft.other:
        result.doubt = result.doubt or Ambiguous
    return decided(draft, result, Frame(minute, fits, text[draft.first : draft.last], loose))


def _at(now: datetime, on: date | None) -> tuple[At, int]:
    """From where days are counted, and the present minute, rounded up."""
    here = now if now.tzinfo is HERE else now.astimezone(HERE)
    today = here.toordinal()
    minute = today * DAY + here.hour * 60 + here.minute + (here.second + here.microsecond > 0)
    base = on.toordinal() if on else today
    return At(today, base, here.year, here.month, here.day), minute


def _drafts(text: str) -> list[Draft]:
    """The phrase taken apart; more than one where it says `或`."""
    if "之间" in text:
        text = _BETWEEN.sub("到", text)
    if "也" in text:
        text = _AS_WELL.sub("或", text)
    drafts = [Draft()]
    for met in SCAN.finditer(text):
        kind = met.lastgroup or ""
        if kind == "either":
            drafts.append(Draft())
        elif kind == "junk" or (kind == "code" and _ENGLISH.match(met[0])):
            drafts[-1].rest.append(met[0])
        elif kind not in _ASIDE:
            _take(drafts[-1], kind, met)
    return drafts


def _take(draft: Draft, kind: str, met: re.Match[str]) -> None:
    """Let one word of time say what it has to say."""
    if kind == "word":
        does, fact = WORDS[met[0]]
        if does == "fill":
            return
        ACTIONS[does](draft, fact)
    else:
        HANDLERS[kind](draft, met)
    if draft.first < 0:
        draft.first = met.start()
    draft.last = met.end()


_AS_WELL = re.compile("[,。;、](?=[^,。;、]{1,20}也(?:行|可|成|好))")
_BETWEEN = re.compile("[和与跟](?=.{1,20}之间)")


def _told_apart(drafts: list[Draft]) -> list[Draft]:
    """Only those that say a time; what one leaves out, it has from its neighbour."""
    saying = [draft for draft in drafts if not draft.empty()] or drafts[:1]
    for one, other in pairwise(saying):
        numbered(one, other)
    for draft in saying:
        settled(draft)
    rest = [left for draft in drafts for left in draft.rest]
    for draft in saying:
        draft.rest = rest
        draft.first, draft.last = saying[0].first, saying[-1].last
        draft.never = any(each.never for each in drafts)
    for one, other in pairwise(saying):
        _share(one, other)
    for one, other in pairwise(saying[::-1]):
        _share(one, other)
    return saying


def _share(one: Draft, other: Draft) -> None:
    """Give the other draft the day or the hours that it lacks."""
    mine, its = one.sides[0], other.sides[0]
    if not its.refs:
        its.refs = list(mine.refs)
    if not (its.part or its.timed() or other.lasting()) and (mine.part or mine.timed()):
        refs, sides = its.refs, deepcopy(one.sides)
        sides[0].refs = refs
        other.sides = sides
    if not other.lasting():
        other.minutes = one.minutes


def _several(results: list[Found]) -> Found:
    """`周三或周五`: all that is offered."""
    result = results[0]
    together = dict.fromkeys(r for each in results for r in each.readings)
    result.readings = sorted(together, key=lambda reading: reading.start)
    result.clash = any(each.clash for each in results)
    return result


def beyond(thing: str, words: str) -> str:
    """What of a thing, taken out of these words, says more than when.

    In `11/25 9-11`, nothing of `9 11`; in `9点到11点 三点弯曲`, all of `三点弯曲`.
    """
    text = settle(words)
    timed = [False] * len(text)
    for met in SCAN.finditer(text[:LONGEST]):
        if not _says_more(met):
            timed[met.start() : met.end()] = [True] * len(met[0])
    return " ".join(part for part in thing.split() if _beyond(settle(part), text, timed))


def _says_more(met: re.Match[str]) -> bool:
    kind = met.lastgroup or ""
    return kind in {"junk", "number", "counted", "code"} or WORDS.get(met[0], ("",))[0] == "fill"


def _beyond(part: str, text: str, timed: list[bool]) -> bool:
    """Whether the part stands anywhere with more than words of time in it."""
    found = text.find(part)
    if not part or found < 0:
        return bool(part)
    while found >= 0:
        if not all(timed[found : found + len(part)]):
            return True
        found = text.find(part, found + 1)
    return False


def read_moment(words: str, now: datetime) -> datetime:
    """The one moment that is meant; raises like `read_period`, `Unreadable` where it is none."""
    return _only(words, now, _is_moment).start


def read_day(words: str, now: datetime) -> date:
    """The one day that is meant, today or later; raises like `read_period`."""
    return _only(words, now, _is_day).start.date()


def _only(words: str, now: datetime, wanted: Fits) -> Period:
    try:
        period = read_period(words, now)
    except (Past, Impossible, Unannounced, Leftover) as why:
        why.suggestions = tuple(filter(wanted, why.suggestions))
        raise
    except (Ambiguous, Backwards) as why:
        why.suggestions = tuple(filter(wanted, why.suggestions))
        if not why.suggestions:
            raise Unreadable from None
        raise
    if not wanted(period):
        raise Unreadable
    return period


def _is_moment(period: Period) -> bool:
    return period.scope is Scope.EXACT and period.end is None


def _is_day(period: Period) -> bool:
    if period.scope is not Scope.DAY or period.length is not None or period.end is None:
        return False
    return period.end.date() - period.start.date() == timedelta(days=1)
