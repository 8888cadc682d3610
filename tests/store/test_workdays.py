"""Working days: holidays, days made up for, deadlines counted in them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.policies.rule import Deadline
from store.workdays import HERE, after, due, works

WORKING = Deadline(2, working=True)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),  # the national day
        (date(2026, 10, 10), True),  # a Saturday made up for
        (date(2035, 6, 4), True),  # not announced: a Monday
        (date(2035, 6, 3), False),
    ],
)
def test_which_days(day: date, working: bool) -> None:
    assert works(day) is working


def test_over_a_weekend_and_a_holiday() -> None:
    assert after(date(2026, 11, 20), 2) == date(2026, 11, 24)
    assert after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert after(date(2026, 11, 21), 0) == date(2026, 11, 21)


@pytest.mark.parametrize("hour", [0, 9, 17, 23])
def test_the_day_itself_is_not_counted(hour: int) -> None:
    asked = datetime(2026, 11, 20, hour, 30, tzinfo=HERE)
    assert due(asked, WORKING) == datetime(2026, 11, 24, 18, tzinfo=HERE)


def test_plain_days_run_on() -> None:
    asked = datetime(2026, 11, 20, 9, tzinfo=HERE)
    assert due(asked, Deadline(3)) == asked + timedelta(days=3)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 30))
def test_as_many_working_days_lie_between(day: date, count: int) -> None:
    last = after(day, count)
    between = [day + timedelta(days=n + 1) for n in range((last - day).days)]
    assert sum(map(works, between)) == count
    assert count == 0 or works(last)
