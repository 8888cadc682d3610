"""Numbers without a unit, made into hours or days by what stands beside them."""

from bot.kit.moments.days import day_of_month, month_and_day
from bot.kit.moments.draft import Draft, Side
from bot.kit.moments.period import Ambiguous
from bot.kit.moments.put import OF_MONTH, SPAN


def settled(draft: Draft) -> None:
    """Leave no number without a meaning; what can't have one is left over."""
    if draft.settled:
        return
    draft.settled = True
    first, last = draft.sides
    if draft.dash and last.timed() and not last.refs and _only_days(first):
        last.refs, draft.sides = first.refs, (last, first)
        first.refs = []
        first, last = draft.sides
    if first.digits or last.digits:
        _digits(draft, first, last)
    if first.number is not None or last.number is not None:
        _numbers(draft, first, last)
    if first.digital and last.digital:
        first.exact = last.exact = any(s.exact or (s.hour or 0) > 12 for s in (first, last))
    only = len(first.refs) == 1 and last.empty() and not first.part and draft.minutes is None
    if draft.pair and only and not first.timed():
        draft.other = tuple((each, 0) for each in first.refs[0][2])


def _only_days(side: Side) -> bool:
    return (
        bool(side.refs) and not (side.part or side.timed() or side.digits) and (side.number is None)
    )


def _digits(draft: Draft, first: Side, last: Side) -> None:
    if first.digits and last.digits and not first.refs and _dates(first, last):
        draft.doubt = draft.doubt or Ambiguous
    if first.digits and first.timed():
        _as_day(first)
    elif first.digits and last.empty() and not (first.refs or first.part) and _dates(first):
        digits = first.digits.zfill(4)
        if draft.minutes is None and int(digits[:2]) < 24 and int(digits[2:]) < 60:
            draft.other = ((int(digits[:2]), int(digits[2:])),)
        _as_day(first)
    if last.digits and _only_days(first):
        _as_day(last)
    for side in (first, last):
        if side.digits:
            digits, side.digits = side.digits.zfill(4), ""
            side.hour, side.minute, side.exact = int(digits[:2]), int(digits[2:]), True


def _dates(*sides: Side) -> bool:
    return all(1 <= int(s.digits[:-2]) <= 12 and 1 <= int(s.digits[-2:]) <= 31 for s in sides)


def _as_day(side: Side) -> None:
    digits, side.digits = side.digits.zfill(4), ""
    side.refs.append((SPAN, month_and_day, (int(digits[:2]), int(digits[2:]))))


def _numbers(draft: Draft, first: Side, last: Side) -> None:
    both = first.number is not None and last.number is not None
    if both and (first.refs or first.part):
        _as_hour(first)
        _as_hour(last)
    elif first.number is not None and last.timed():
        _as_hour(first)
    elif last.number is not None and first.timed():
        _as_hour(last)
    elif last.number is not None and _only_days(first):
        last.refs.append((OF_MONTH, day_of_month, last.number))
    else:
        draft.rest += [str(s.number) for s in (first, last) if s.number is not None]
    first.number = last.number = None


def _as_hour(side: Side) -> None:
    if side.timed():
        return
    side.hour, side.minute = side.number, 0


def otherwise(draft: Draft) -> Draft:
    """The same, taken for hours: `1125`, `9-11`."""
    hours = Draft()
    hours.settled = hours.other_of = True
    hours.minutes, hours.first, hours.last = draft.minutes, draft.first, draft.last
    for side, (hour, minute) in zip(hours.sides, draft.other, strict=False):
        side.hour, side.minute = hour, minute
    return hours


def numbered(one: Draft, other: Draft) -> None:
    """`25、26号`: what is said of the second number goes for the first as well."""
    first, second = one.sides[0], other.sides[0]
    if first.number is None or first.refs or first.timed() or not one.sides[1].empty():
        return
    if second.refs and second.refs[0][1] is day_of_month:
        first.refs, first.number = [(OF_MONTH, day_of_month, first.number)], None
    elif second.hour is not None:
        _as_hour(first)
        first.number = None
