"""Any text at all, at any time; and any period in any style."""

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.kit.moments import (
    HERE,
    Offers,
    Period,
    Scope,
    read_day,
    read_moment,
    read_period,
    show_period,
)
from bot.kit.moments.lexicon import WORDS
from store.errors import Refused
from tests.bot.kit.example import NOW

TIMES = (
    st.integers(-200_000, 2_000_000)
    .map(lambda n: NOW + timedelta(minutes=n))
    .map(lambda moment: moment.astimezone(HERE))
)
SIGNS = [
    *("0", "1", "2", "3", "9", "11", "12", "24", "25", "30", "31", "60", "2026", "0900", "1130"),
    *("一", "二", "两", "三", "十", "十一", "二十", "零", "半", "月", "日", "号", "年", "点", "时"),
    *("分", "刻", ":", "-", "~", "/", ".", " ", "周", "星期", "下", "上", "本", "个", "后", "前"),
    *(
        "小时",
        "分钟",
        "天",
        "工作日",
        "第",
        "最后",
        "全天",
        "节",
        "底",
        "初",
        "过",
        "差",
        "pm",
        "t",
    ),
]
PHRASES = st.lists(st.sampled_from([*SIGNS, *sorted(WORDS)]), max_size=9).map("".join)


def check(period: Period, now: datetime) -> None:
    """Nothing is over, nothing is empty, and what is shown means the same."""
    assert period.start >= now
    assert period.start.tzinfo is HERE
    assert period.end is None or period.end > period.start
    assert (period.end is None) <= (period.scope in (Scope.EXACT, Scope.SOON))
    assert read_period(show_period(period, now), now) == period
    assert Period.from_json(period.to_json()) == period


@settings(max_examples=1500, deadline=None)
@given(st.text() | PHRASES, TIMES)
@example("12月31日 0:30到2月29日", NOW)
def test_any_words_are_read_or_refused(words: str, now: datetime) -> None:
    try:
        check(read_period(words, now), now)
    except Refused as why:
        for each in why.suggestions if isinstance(why, Offers) else ():
            check(each, now)
    for read in (read_day, read_moment):
        with contextlib.suppress(Refused):
            read(words, now)


DAY_STYLES = [
    "{month}月{day}日",
    "{month}月{day}号",
    "{month}.{day}",
    "{month}/{day}",
    "{month}-{day}",
    "{year}年{month}月{day}日",
    "{year}-{month:02}-{day:02}",
    "{year}{month:02}{day:02}",
    "{chinese_month}月{chinese_day}号",
    "{month}月{day}日（周{weekday}）",
    "星期{weekday} {month}月{day}日",
    "{month:02}{day:02}",
]
TIME_STYLES = [
    "{hour:02}:{minute:02}",
    "{hour:02}：{minute:02}",
    "{hour:02}{minute:02}",
    "{part}{twelve}点{minute}分",
    "{part} {twelve} 点 {minute:02}",
    "{part}{chinese}点{chinese_minute}分",
    "{part}{twelve}:{minute:02}",
    "{part}{hour}时{minute:02}分",
]
COMPACT = TIME_STYLES[2]
JOINS = ["到", "至", "-", " - ", "–", "—", "~", "～", "〜", "－", " 到 "]
AROUND = [
    ("", ""),
    ("我想约", "可以吗？"),
    ("从", ""),
    ("时间：", "，谢谢"),
    ("麻烦老师安排", "吧"),
]
DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """A number under 100 in Chinese."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else DIGITS[tens] + "十"
    return ten + DIGITS[ones] if ones or not number else ten


def part(hour: int) -> str:
    """The part of the day that an hour is said with."""
    names = (("凌晨", 6), ("上午", 12), ("中午", 13), ("下午", 18), ("晚上", 24))
    return next(name for name, before in names if hour < before)


def rendered(moment: datetime, day: str, time: str) -> tuple[str, str]:
    """A day and a time of day in a style."""
    facts = {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "weekday": "一二三四五六日"[moment.weekday()],
        "chinese_month": chinese(moment.month),
        "chinese_day": chinese(moment.day),
        "hour": moment.hour,
        "minute": moment.minute,
        "part": part(moment.hour),
        "twelve": moment.hour % 12 or (12 if moment.hour else 0),
        "chinese": chinese(moment.hour % 12 or (12 if moment.hour else 0)),
        "chinese_minute": chinese(moment.minute),
    }
    return day.format(**facts), time.format(**facts)


@settings(max_examples=600, deadline=None)
@given(
    begin=st.integers(1, 300 * 96).map(lambda n: NOW + timedelta(minutes=15 * n)),
    quarters=st.integers(1, 95),
    day=st.sampled_from(DAY_STYLES),
    time=st.sampled_from(TIME_STYLES),
    join=st.sampled_from(JOINS),
    around=st.sampled_from(AROUND),
    both=st.booleans(),
)
def test_a_period_is_read_in_any_style(  # noqa: PLR0917
    begin: datetime,
    quarters: int,
    day: str,
    time: str,
    join: str,
    around: tuple[str, str],
    both: bool,
) -> None:
    assume((day, time) != ("{month}-{day}", COMPACT))  # 11-20 1015-11-20 1030 is a question
    end = begin + timedelta(minutes=15 * quarters)
    if not both and end.date() != begin.date():
        end = begin.replace(hour=23, minute=45)
        assume(end > begin)
    first, start = rendered(begin, day, time)
    last, stop = rendered(end, day, time)
    words = f"{around[0]}{first} {start}{join}{last + ' ' if both else ''}{stop}{around[1]}"
    period = read_period(words, NOW)
    assert (period.start, period.end, period.scope) == (begin, end, Scope.EXACT), words


HUGE = ["😀" * 4000, "9" * 3000, "下" * 4000 + "周三", "\ud800" * 50, "\x00\x07明天\u202e9点"]


@pytest.mark.parametrize("words", [*HUGE, "一" * 150, "明天9点到" * 30, "第" * 150, "1-" * 75])
def test_huge_words_are_read_or_refused(words: str) -> None:
    with contextlib.suppress(Refused):
        check(read_period(words, NOW), NOW)
