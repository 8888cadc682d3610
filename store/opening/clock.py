"""From what hour to what hour is meant, in minutes of a day."""

from collections.abc import Mapping

from store.opening.pieces import words

HOUR = 60
NOON = 12 * HOUR
DAY = 24 * HOUR
NIGHT = 7 * HOUR
"""Nobody opens before this hour without saying so."""


def _half(time: Mapping[str, str]) -> str:
    said = time.get("half") or time.get("part", "")
    halves = words()["halves"]
    return next((half for half in ("am", "pm") if said in halves[half]), "")


def _bare(time: Mapping[str, str]) -> int:
    """The minute as written."""
    if "noon" in time:
        return NOON
    if "midnight" in time:
        return 0
    four = time.get("four") or time.get("four2")
    if four:
        return int(four[:2]) * HOUR + int(four[2:])
    return int(time["hour"]) * HOUR + int(time.get("minute", 0))


def said(time: Mapping[str, str]) -> bool:
    """Whether it is certainly an hour, and no other number."""
    return len(time.keys() - {"hour"}) > 0


def span(
    first: Mapping[str, str], second: Mapping[str, str], before: int
) -> tuple[int, int] | None:
    """The span between two hours as they are written; `before`: where the span before it ends.

    None where two bare numbers can't be hours.
    """
    start, end = _bare(first), _bare(second)
    if not said(first) and not said(second) and end - start < 2 * HOUR:
        return None
    start = _in_half(start, _half(first) or _guess(start, second, before))
    end = _end(start, end, first, second)
    return (start, end) if start < end <= 2 * DAY else None


def _in_half(at: int, half: str) -> int:
    if half == "pm" and at < NOON:
        return at + NOON
    return at - NOON if half == "am" and NOON <= at < NOON + HOUR else at


def _guess(start: int, second: Mapping[str, str], before: int) -> str:
    """Of which half an hour is that does not say so."""
    if start >= NIGHT:
        return ""
    after_morning = before >= NIGHT and not _half(second)
    return "pm" if after_morning or second.get("half") == "pm" else ""


def _end(start: int, end: int, first: Mapping[str, str], second: Mapping[str, str]) -> int:
    half = _half(second)
    if "next" in second:
        return _in_half(end, half) + DAY
    if "midnight" in second or (half == "pm" and end == NOON and start >= NOON):
        return DAY
    end = _in_half(end, half)
    if end > start:
        return end
    if not half and _bare(first) < NOON and start < end + NOON <= DAY:
        return end + NOON
    return end + DAY
