import contextlib
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.moments import HERE, read_day, read_moment, show_day, show_moment
from store.errors import Refused
from tests.bot.kit.example import NOW


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("2026-11-25 9:00", "11月25日（周三）9:00"),
        ("2026-11-25T09:00", "11月25日（周三）9:00"),
        ("2026/11/25 09：30", "11月25日（周三）9:30"),
        ("2026年11月25日 9:00", "11月25日（周三）9:00"),
        ("20261125 9:00", "11月25日（周三）9:00"),
        ("11.25 9:00", "11月25日（周三）9:00"),
        ("11月25日上午9点", "11月25日（周三）9:00"),
        ("１１月２５号 下午３点半", "11月25日（周三）15:30"),
        ("十一月二十五日下午三点一刻", "11月25日（周三）15:15"),
        ("25号9点15分", "11月25日（周三）9:15"),
        ("3号 10点", "12月3日（周四）10:00"),
        ("今天14:00", "11月20日（周五）14:00"),
        ("明天下午2点", "11月21日（周六）14:00"),
        ("后天中午12点", "11月22日（周日）12:00"),
        ("大后天13点", "11月23日（周一）13:00"),
        ("周一9点", "11月23日（周一）9:00"),
        ("下周二上午9点", "11月24日（周二）9:00"),
        ("下下周三 14:30", "12月2日（周三）14:30"),
        ("礼拜天晚上8点", "11月22日（周日）20:00"),
        ("2月3日 9:00", "2月3日（周三）9:00"),
    ],
)
def test_moments(words: str, shown: str) -> None:
    assert show_moment(read_moment(words, NOW)) == shown


@pytest.mark.parametrize(
    "words",
    [
        "",
        "随便",
        "明天",
        "9点",
        "明天3点",
        "今天25:00",
        "明天晚上12点",
        "11月31日 9:00",
        "2月30日 9点",
        "周五 9:00",
        "11月10日 9:00",
        "13月1日 9:00",
        "明天9点到11点",
        "明天下午9点",
        "0号9点",
        "99999999 9:00",
    ],
)
def test_what_is_not_sure_is_refused(words: str) -> None:
    with pytest.raises(Refused):
        read_moment(words, NOW)


def test_next_week_said_early_in_a_week_is_not_sure() -> None:
    monday = datetime(2026, 11, 23, 9, tzinfo=HERE)
    with pytest.raises(Refused):
        read_day("下周三", monday)
    assert read_day("下周一", monday) == date(2026, 11, 30)
    assert read_day("周三", monday) == date(2026, 11, 25)
    assert read_day("本周三", monday) == date(2026, 11, 25)


def test_a_day_long_past_is_next_years() -> None:
    assert read_day("2月3日", NOW) == date(2027, 2, 3)
    assert show_day(read_day("明天", NOW)) == "11月21日（周六）"


@given(st.integers(0, 400_000).map(lambda n: NOW + timedelta(days=1, minutes=n)))
def test_what_is_shown_is_read_back(moment: datetime) -> None:
    moment = moment.astimezone(HERE)
    assert read_moment(show_moment(moment), NOW) == moment
    assert show_moment(moment).startswith(f"{moment.month}月{moment.day}日（周")


PIECES = st.sampled_from(
    [
        "11月",
        "25日",
        "周三",
        "下",
        "上午",
        "9点",
        "半",
        ":",
        "12",
        "二十",
        "号",
        "点",
        "分",
        "今天",
        "t",
        "-",
        "/",
        "00",
        "",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=8).map("".join))
def test_any_words_are_read_or_refused(words: str) -> None:
    for read in (read_day, read_moment):
        with contextlib.suppress(Refused):
            read(words, NOW)


@pytest.mark.parametrize(
    "words", ["下" * 4000 + "周三", "9" * 3000, "😀" * 4000, "下下下下下下下下下下周三 9:00"]
)
def test_huge_words_are_read_or_refused(words: str) -> None:
    with contextlib.suppress(Refused):
        read_moment(words, NOW)
