"""Open time as it runs on from day to day, and what of it is free and on the grid. All pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from store.stretch import DAY, Stretch, day_of, merge, midnight, within, without
from store.terms import Terms
from store.workdays import HERE, after

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def earliest(terms: Terms, now: datetime) -> datetime:
    """When a booking may start at the earliest: whole days of notice are counted as days."""
    days, rest = divmod(terms.notice, _DAY)
    if not days or rest:
        return now + terms.notice
    today = now.astimezone(HERE).date()
    first = after(today, days) if terms.notice_working else today + terms.notice
    return datetime(first.year, first.month, first.day, tzinfo=HERE)


def latest(terms: Terms, now: datetime) -> datetime:
    """When a booking must have ended: with the last day that one may book."""
    last = now.astimezone(HERE) + terms.horizon
    if terms.horizon % _DAY:
        return last
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY


def runs(terms: Terms, start: int, end: int, *, proposed: bool = False) -> list[Stretch]:
    """The open time that touches a stretch, a day more on both sides."""
    first, last = day_of(start - DAY).toordinal(), day_of(end + DAY).toordinal()
    spans = (
        (midnight(day) + opens, midnight(day) + closes)
        for day in map(date.fromordinal, range(first, last + 1))
        for opens, closes in terms.hours(day, proposed=proposed)
    )
    return [run for run in merge(spans) if run[1] > start and run[0] < end]


def offset(run: Stretch, grid: int) -> int:
    """Where the grid begins: with the opening; at midnight where it is open for over a day."""
    return run[0] % grid if run[1] - run[0] <= DAY else 0


def open_and_free(terms: Terms, taken: Iterable[Stretch], start: int, end: int) -> list[Stretch]:
    """The time between two minutes that is open and that others leave, on the grid."""
    before, later = terms.before // _MINUTE, terms.after // _MINUTE
    gone = merge((opens - later, closes + before) for opens, closes in taken)
    least = max(1, -(-terms.shortest // _MINUTE))
    found: list[Stretch] = []
    for run in runs(terms, start, end, proposed=True):
        for a, b in without(within([run], start, end), gone):
            grid = offset(run, terms.grid) if terms.grid else 0
            first, last = (
                (a + (grid - a) % terms.grid, b - (b - grid) % terms.grid) if terms.grid else (a, b)
            )
            if last - first >= least:
                found.append((first, last))
    return found


def pick(left: Sequence[Stretch], wanted: int, length: int, grid: int, count: int) -> list[Stretch]:
    """So many stretches of a length, each the nearest to a minute that is left; grid kept."""
    rest, found = list(left), list[Stretch]()
    while len(found) < count:
        starts = [
            (abs(at - wanted), at, n)
            for n, run in enumerate(rest)
            if (at := _nearest(run, wanted, length, max(1, grid))) is not None
        ]
        if not starts:
            break
        _, at, n = min(starts)
        found.append((at, at + length))
        a, b = rest[n]
        rest[n : n + 1] = [each for each in ((a, at), (at + length, b)) if each[0] < each[1]]
    return found


def _nearest(run: Stretch, wanted: int, length: int, grid: int) -> int | None:
    """The start in a run, on its grid, that is nearest to a minute; of two, the earlier."""
    room = run[1] - length - run[0]
    if room < 0:
        return None
    below = run[0] + min(max(wanted - run[0], 0), room) // grid * grid
    above = below + grid
    nearer = above - wanted < wanted - below and above <= run[0] + room
    return above if nearer else below
