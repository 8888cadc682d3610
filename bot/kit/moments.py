"""When people mean: days and times of day, read or refused, and shown as people say them.

Deliberately plain: one day, one time of day. What could mean two things is refused, not guessed.
"""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.kit.reading import VOCABULARY, Unreadable, number, plain

HERE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time."""
LATELY = timedelta(days=60)
"""A day without a year that was this lately is as likely a slip as a day of next year."""
SURELY = range(8, 24)
"""Hours of which nobody means the other half of the day, when a bare `9点` is said for a visit."""

_DAYS: dict[str, int] = VOCABULARY["days"]
_WEEKDAYS: dict[str, int] = VOCABULARY["weekdays"]
_HOURS: dict[str, list[int]] = VOCABULARY["hours"]
_N = f"[0-9{''.join(VOCABULARY['numerals'])}]{{1,3}}"


def _either(words: dict[str, int] | dict[str, list[int]]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DAY = re.compile(
    rf"(?P<year>[0-9]{{4}})(?:[-/.]|年 ?)(?P<ymonth>{_N})(?:[-/.]|月 ?)(?P<yday>{_N})"
    r"[日号]?(?![0-9])"
    r"|(?P<digits>[0-9]{8})(?![0-9])"
    rf"|(?P<month>{_N})月 ?(?P<day>{_N})[日号]?(?![0-9])"
    r"|(?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})(?![0-9:])"
    rf"|(?P<only>{_N})[日号]"
    rf"|(?P<word>{_either(_DAYS)})"
    rf"|(?P<weeks>下{{0,3}}|这|本)个?(?:周|星期|礼拜)(?P<weekday>[{''.join(_WEEKDAYS)}])"
)
_CLOCK = re.compile(
    rf"(?P<part>{_either(_HOURS)})? ?(?:(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?::00)?"
    rf"|(?P<h>{_N})[点时](?:(?P<half>半|一刻|三刻|整|钟)|(?P<min>{_N})分?)?)"
)
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}


def read_day(words: str, now: datetime) -> date:
    """The day that is meant; raises `Unreadable` when that is not sure."""
    text = plain(words)
    match = _DAY.fullmatch(text)
    if match is None:
        raise Unreadable
    return _day(match, now.astimezone(HERE).date())


def read_moment(words: str, now: datetime) -> datetime:
    """The day and time of day that are meant; raises `Unreadable` when that is not sure."""
    text = plain(words)
    on = _DAY.match(text)
    if on is None:
        raise Unreadable
    clock = _CLOCK.fullmatch(re.sub(r"^ ?[t,]? ?", "", text[on.end() :]))
    if clock is None:
        raise Unreadable
    return datetime.combine(_day(on, now.astimezone(HERE).date()), _time(clock), HERE)


def _day(match: re.Match[str], today: date) -> date:
    try:
        if match["year"]:
            return date(int(match["year"]), _number(match["ymonth"]), _number(match["yday"]))
        if match["digits"]:
            return date.fromisoformat(match["digits"])
        if match["month"] or match["m"]:
            month, day = match["month"] or match["m"], match["day"] or match["d"]
            return _coming(_number(month), _number(day), today)
        if match["only"]:
            return _this_month(_number(match["only"]), today)
    except (ValueError, OverflowError):
        raise Unreadable from None
    if match["word"]:
        return today + timedelta(days=_DAYS[match["word"]])
    return _weekday(match["weeks"], _WEEKDAYS[match["weekday"]], today)


def _coming(month: int, day: int, today: date) -> date:
    there = date(today.year, month, day)
    if there >= today:
        return there
    if today - there <= LATELY:
        raise Unreadable
    return there.replace(year=today.year + 1)


def _this_month(day: int, today: date) -> date:
    if day >= today.day:
        return today.replace(day=day)
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following.replace(day=day)


def _weekday(weeks: str, weekday: int, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    if weeks in ("这", "本"):
        return monday + timedelta(days=weekday)
    if weeks:
        if len(weeks) == 1 and today.weekday() < 2 and weekday > today.weekday():
            raise Unreadable  # said early in a week, many mean the day that comes next
        return monday + timedelta(days=weekday, weeks=len(weeks))
    if weekday == today.weekday():
        raise Unreadable
    return monday + timedelta(days=weekday, weeks=weekday < today.weekday())


def _time(match: re.Match[str]) -> time:
    hour = _number(match["hour"] or match["h"])
    minute = _number(match["minute"] or match["min"] or "0") or _MINUTES.get(match["half"], 0)
    if match["part"]:
        hour = _in_part(hour, *_HOURS[match["part"]])
    elif match["h"] and hour not in SURELY:
        raise Unreadable
    try:
        return time(hour, minute)
    except ValueError:
        raise Unreadable from None


def _in_part(hour: int, start: int, end: int) -> int:
    fitting = [each for each in (hour, hour + 12) if start <= each < end]
    if len(fitting) != 1:
        raise Unreadable
    return fitting[0]


def _number(words: str) -> int:
    value = number(words)
    if value is None:
        raise Unreadable
    return value


def show_day(value: date) -> str:
    """`11月25日（周三）`."""
    return _show(VOCABULARY["show"]["day"], value)


def show_date(value: date) -> str:
    """`2027年6月30日`: a day that may be in another year."""
    form: str = VOCABULARY["show"]["date"]
    return form.format(year=value.year, month=value.month, day=value.day)


def show_moment(value: datetime) -> str:
    """`11月25日（周三）9:00`."""
    local = value.astimezone(HERE)
    return _show(VOCABULARY["show"]["moment"], local, hour=local.hour, minute=local.minute)


def _show(form: str, value: date, **clock: int) -> str:
    weekday = VOCABULARY["show"]["weekdays"][value.weekday()]
    return form.format(month=value.month, day=value.day, weekday=weekday, **clock)
