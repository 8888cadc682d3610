"""What single words do to the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.kit.moments import days, weeks
from bot.kit.moments.draft import Draft, Side
from bot.kit.moments.period import Ambiguous, Lunar
from bot.kit.moments.put import COUNTED, MOVED, OF_MONTH, SPAN, YEAR, add, say_part


def _to(draft: Draft, sign: str) -> None:
    """`到`: what comes now is the end. A second one, after days, is about their hours."""
    first, last = draft.sides
    draft.dash = sign in "-~"
    if draft.at == 0:
        if first.empty():
            draft.clash |= draft.minutes is None and not draft.dash
            return
        draft.at = 1
    elif last.empty():
        return
    elif not first.timed() and first.refs and (last.timed() or last.number is not None):
        draft.until, draft.at = last.refs, 1
        last.refs = first.refs
        draft.sides = (last, Side())
    else:
        draft.clash = True


def _day(draft: Draft, ahead: int) -> None:
    add(draft, SPAN, days.ahead, ahead)


def _short(draft: Draft, said: tuple[int, str]) -> None:
    add(draft, SPAN, days.ahead, said[0])
    say_part(draft, said[1])


def _next(draft: Draft, ahead: int) -> None:
    add(draft, MOVED, days.following, ahead)


def _year_ahead(draft: Draft, ahead: int) -> None:
    add(draft, YEAR, days.year_ahead, ahead)


def _month_span(draft: Draft, said: tuple[int, str]) -> None:
    add(draft, OF_MONTH, days.month_part, said)


def _year_span(draft: Draft, said: tuple[int, int, int, int]) -> None:
    add(draft, SPAN, days.year_part, said)


def _feast(draft: Draft, name: str) -> None:
    add(draft, SPAN, weeks.feast, name)


def _other(draft: Draft, said: tuple[str, int]) -> None:
    add(draft, SPAN, weeks.other_day, said)


def _between(draft: Draft, word: str) -> None:
    """`9点到11点之间`; `国庆期间` is its days off."""
    refs = draft.side.refs
    if refs and refs[-1][1] is weeks.feast and "期" in word:
        add(draft, COUNTED, weeks.holidays_of, None)
    draft.between = True


def _several(draft: Draft, ahead: tuple[int, ...]) -> None:
    add(draft, SPAN, days.any_of, ahead)


def _first_month(draft: Draft, day: int) -> None:
    add(draft, SPAN, weeks.first_month, day)


def _now(draft: Draft, _fact: None) -> None:
    draft.clash |= draft.side.timed()
    draft.side.ahead = 0


def _same(draft: Draft, _fact: None) -> None:
    draft.clash |= draft.side.timed()
    draft.side.same = True


def _doubtful(draft: Draft, _fact: None) -> None:
    draft.doubt = draft.doubt or Ambiguous


def _as_before(draft: Draft, _fact: None) -> None:
    _same(draft, None)
    _doubtful(draft, None)


def _that(draft: Draft, _fact: None) -> None:
    """`那天`, when none was said."""
    if not draft.sides[0].refs:
        draft.doubt = draft.doubt or Ambiguous


def _lunar(_draft: Draft, _fact: None) -> None:
    raise Lunar


def _flag(name: str) -> Callable[[Draft, Any], None]:
    def raised(draft: Draft, _fact: object) -> None:
        setattr(draft, name, True)

    return raised


ACTIONS: dict[str, Callable[[Draft, Any], None]] = {
    "day": _day,
    "short": _short,
    "next": _next,
    "year": _year_ahead,
    "month_span": _month_span,
    "year_span": _year_span,
    "part": say_part,
    "feast": _feast,
    "other": _other,
    "to": _to,
    "begin": _flag("begun"),
    "end": _flag("ended"),
    "between": _between,
    "not": _flag("never"),
    "any": _flag("any"),
    "soon": _flag("soon"),
    "several": _several,
    "first_month": _first_month,
    "now": _now,
    "same": _same,
    "about": _doubtful,
    "every": _doubtful,
    "as_before": _as_before,
    "lunar": _lunar,
    "that": _that,
}
"""What single words do."""
