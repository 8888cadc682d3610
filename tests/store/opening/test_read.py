"""Opening hours as ledgers write them."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.opening import Hours, Opening, read

CASES = tomllib.loads(Path(__file__).with_name("hours.toml").read_text("utf-8"))["hours"]
DAYS = "一二三四五六日"


def _hours(said: str) -> Hours:
    spans = (span.split("-") for span in said.split(",") if span)
    return tuple((_minute(start), _minute(end)) for start, end in spans)


def _minute(said: str) -> int:
    hour, minute = said.split(":")
    return int(hour) * 60 + int(minute)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["words"])
def test_as_ledgers_write(case: dict[str, Any]) -> None:
    opening = read(case["words"])
    week = {int(day): _hours(said) for days, said in case["week"].items() for day in days}
    assert [opening.table[n * 3] for n in range(7)] == [week.get(n + 1, ()) for n in range(7)]
    assert _hours(case.get("holiday", "")) == (opening.table[1] or opening.table[19])
    assert opening.table[17] == _hours(case.get("made_up", ""))
    assert opening.asks is case.get("asks", False)
    assert opening.assumed is case.get("assumed", False)
    notice = timedelta(days=case["notice"]) if "notice" in case else None
    assert (opening.notice, opening.notice_working) == (notice, case.get("working", False))


def test_holidays_and_days_made_up_for() -> None:
    opening = read("工作日 8:30-17:30")
    hours = ((510, 1050),)
    assert opening.on(date(2026, 10, 9)) == hours
    assert opening.on(date(2026, 10, 1)) == ()  # the national day
    assert opening.on(date(2026, 10, 10)) == hours  # a Saturday made up for
    assert opening.on(date(2026, 11, 21)) == ()
    assert opening.on(date(2045, 6, 5)) == hours  # a year not announced: a Monday


def test_what_is_not_said_is_not_made_up() -> None:
    for words in (None, "", "  ", "见单位网站", "2000小时/年"):
        opening = read(words)
        assert not opening.known
        assert not any(opening.table)
        assert opening.asks
    assert read("见单位网站").unread == ("见单位网站",)


def test_what_is_not_understood_is_kept() -> None:
    opening = read("工作日 8:30-17:30，寒暑假另行通知，周三下午党员学习")
    assert opening.known
    assert opening.unread == ("寒暑假另行通知", "周三下午党员学习")
    assert opening.asks


def test_closed_days_hold_where_no_hours_are_told() -> None:
    opening = read("周六、周日不开放")
    assert not opening.known
    assert opening.on_request(date(2026, 11, 23)) == ((0, 1440),)
    assert opening.on_request(date(2026, 11, 21)) == ()


def test_days_as_arranged_are_no_open_days() -> None:
    opening = read("工作日 8:30-17:30，周末需预约")
    saturday = date(2026, 11, 21)
    assert opening.on(saturday) == ()
    assert opening.on_request(saturday) == ((0, 1440),)


def test_office_hours_are_the_regions() -> None:
    office = ((480, 720), (840, 1080))
    assert read("周二、周四", office).table[3] == office
    assert read("周二下午", office).table[3] == ((840, 1080),)


@given(st.text(max_size=40))
def test_any_words_are_read(words: str) -> None:
    assert isinstance(read(words), Opening)


PIECES = [case["words"] for case in CASES]


@given(
    st.lists(
        st.sampled_from([*PIECES, "，", "；", "（", "）", " ", "除外", "-", "上午"]), max_size=5
    )
)
def test_any_mixture_is_read(parts: list[str]) -> None:
    opening = read("".join(parts))
    for hours in (*opening.table, *opening.asked):
        assert all(0 <= start < end <= 2880 for start, end in hours)
        assert list(hours) == sorted(hours)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[str, dict[int, Hours]]:
    """Hours as a careful clerk would write them, and what they mean."""
    days = draw(st.permutations(range(7)))
    cut = draw(st.integers(1, 3))
    clauses: list[str] = []
    means: dict[int, Hours] = {}
    for n in range(cut):
        mine = sorted(days[n::cut])[: draw(st.integers(1, 3))]
        starts = sorted(draw(st.sets(st.integers(14, 44), min_size=2, max_size=2)))
        span = (starts[0] * 30, starts[1] * 30)
        clauses.append(_clause(draw, mine, span))
        means |= dict.fromkeys(mine, (span,))
    return draw(st.sampled_from(["；", "; ", "。"])).join(clauses), means


def _clause(draw: st.DrawFn, days: list[int], span: tuple[int, int]) -> str:
    day, sep, dash = (
        draw(st.sampled_from(each))
        for each in (["周", "星期", "礼拜", "每周"], "、,和", "-～—至到")
    )
    names = sep.join(
        f"{day if n == 0 or day != '每周' else '周'}{DAYS[each]}" for n, each in enumerate(days)
    )
    start, end = (_written(draw, at) for at in span)
    return f"{names}{draw(st.sampled_from(['', ' ', '：', '（']))}{start}{dash}{end}"


def _written(draw: st.DrawFn, at: int) -> str:
    hour, minute = divmod(at, 60)
    half = "半" if minute else ""
    ways = [
        f"{hour}:{minute:02d}",
        f"{hour}：{minute:02d}",
        f"{hour:02d}:{minute:02d}",
        f"{hour}点{half}",
    ]
    return draw(st.sampled_from(ways))


@given(weeks())
def test_a_careful_clerks_hours(told: tuple[str, dict[int, Hours]]) -> None:
    words, means = told
    opening = read(words)
    assert {n: opening.table[n * 3] for n in range(7) if opening.table[n * 3]} == means
    assert opening.unread == ()


def test_holidays_as_usual_are_said_twice() -> None:
    assert read("正常工作时间，节假日照常正常工作日").table
