"""Free time and the nearest periods, against counting minute by minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from store.availability.runs import earliest, latest, open_and_free, pick, runs
from store.opening import Opening
from store.opening.table import NEVER
from store.stretch import (
    DAY,
    Stretch,
    merge,
    midnight,
    minute,
    moment,
    within,
    without,
)
from store.terms import Exceptional, Terms
from store.workdays import HERE

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
SPANS = st.lists(
    st.tuples(st.integers(0, 48), st.integers(1, 30)).map(
        lambda s: (s[0] * 30, (s[0] + s[1]) * 30)
    ),
    max_size=3,
).map(lambda spans: tuple(merge(spans)))


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    week = [draw(SPANS) for _ in range(7)]
    table = tuple(hours for day in week for hours in (day, (), day))
    return Opening(words="w", table=table, asked=NEVER, known=True)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    opening = draw(openings())
    closed = Exceptional(MONDAY + timedelta(days=2), MONDAY + timedelta(days=2), draw(SPANS))
    return Terms(
        opening=opening,
        proposed=opening,
        exceptions=draw(st.sampled_from([(), (closed,)])),
        grid=draw(st.sampled_from([0, 10, 15, 30, 60, 120])),
        shortest=timedelta(minutes=draw(st.sampled_from([0, 10, 30, 90]))),
        before=timedelta(minutes=draw(st.sampled_from([0, 10, 45]))),
        after=timedelta(minutes=draw(st.sampled_from([0, 15, 60]))),
    )


TAKEN = st.lists(
    st.tuples(st.integers(0, 4 * DAY), st.integers(1, 600)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=6,
)


def open_minutes(held: Terms, first: date, days: int) -> set[int]:
    """Every open minute, one by one."""
    found = set[int]()
    for n in range(-2, days + 2):
        day = first + timedelta(days=n)
        for a, b in held.hours(day):
            found.update(range(midnight(day) + a, midnight(day) + b))
    return found


@given(terms(), TAKEN)
def test_what_is_free_is_what_counting_finds(held: Terms, others: list[Stretch]) -> None:
    start = midnight(MONDAY)
    end = start + 4 * DAY
    taken = [(start + a, start + b) for a, b in others]
    found = open_and_free(held, taken, start, end)
    before, after = (each // timedelta(minutes=1) for each in (held.before, held.after))
    open_now = open_minutes(held, MONDAY, 4)
    blocked = {m for a, b in taken for m in range(a - after, b + before)}
    mine = {m for a, b in found for m in range(a, b)}
    assert mine <= open_now - blocked
    assert all(b - a >= held.shortest // timedelta(minutes=1) for a, b in found)
    if held.grid == 0 and not held.shortest:
        assert mine == {m for m in open_now - blocked if start <= m < end}


@given(terms(), TAKEN, st.integers(0, 4 * DAY), st.integers(1, 10))
def test_the_nearest_are_what_counting_finds(
    held: Terms, others: list[Stretch], wanted: int, steps: int
) -> None:
    start = midnight(MONDAY)
    taken = [(start + a, start + b) for a, b in others]
    free = open_and_free(held, taken, start, start + 4 * DAY)
    grid = max(1, held.grid)
    length = steps * grid
    picked = pick(free, start + wanted, length, held.grid, 3)
    left = [at for a, b in free for at in range(a, b - length + 1, grid)]
    for a, b in picked:
        assert b - a == length
        assert min(abs(at - start - wanted) for at in left) == abs(a - start - wanted)
        left = [at for at in left if at + length <= a or at >= b]
    assert len(picked) == 3 or not left


@given(TAKEN, TAKEN)
def test_stretches_are_sets_of_minutes(some: list[Stretch], gone: list[Stretch]) -> None:
    def minutes(stretches: list[Stretch]) -> set[int]:
        return {m for a, b in stretches for m in range(a, b)}

    assert minutes(merge(some)) == minutes(some)
    left = without(merge(some), merge(gone))
    assert minutes(left) == minutes(some) - minutes(gone)
    assert minutes(within(merge(some), 60, 600)) == minutes(some) & set(range(60, 600))


@given(terms(), st.integers(0, 4 * DAY), st.integers(0, 4 * DAY))
def test_runs_look_alike_from_everywhere(held: Terms, one: int, other: int) -> None:
    start = midnight(MONDAY)
    narrow = runs(held, start + one, start + one + 1)
    wide = runs(held, start + min(one, other), start + max(one, other) + 1)
    for run in narrow:
        assert any(a <= run[0] and run[1] <= b for a, b in wide)


def test_days_of_notice_are_days() -> None:
    monday = datetime(2026, 11, 23, 15, tzinfo=HERE)
    held = Terms(notice=timedelta(days=3))
    assert earliest(held, monday) == datetime(2026, 11, 26, tzinfo=HERE)
    assert earliest(Terms(notice=timedelta(hours=2)), monday) == monday + timedelta(hours=2)
    friday = datetime(2026, 11, 27, 15, tzinfo=HERE)
    working = replace(held, notice_working=True)
    assert earliest(working, friday) == datetime(2026, 12, 2, tzinfo=HERE)


def test_the_last_day_is_whole() -> None:
    held = Terms(horizon=timedelta(days=2))
    assert latest(held, NOW) == datetime(2026, 11, 25, tzinfo=HERE)


def test_minutes_are_of_chinas_clock() -> None:
    assert midnight(MONDAY) == minute(datetime(2026, 11, 23, tzinfo=HERE))
    assert moment(midnight(MONDAY) + 540) == datetime(2026, 11, 23, 9, tzinfo=HERE)
