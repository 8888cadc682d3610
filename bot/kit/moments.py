"""When people mean: days and times of day, read or refused, and shown as people say them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.kit.reading import VOCABULARY, Unreadable

HERE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time."""


def read_day(words: str, now: datetime) -> date:
    """The day that is meant; raises `Unreadable` when that is not sure."""
    raise Unreadable


def read_moment(words: str, now: datetime) -> datetime:
    """The day and time of day that are meant; raises `Unreadable` when that is not sure."""
    raise Unreadable


def show_day(value: date) -> str:
    """`11月25日（周三）`."""
    return _show(VOCABULARY["show"]["day"], value)


def show_moment(value: datetime) -> str:
    """`11月25日（周三）9:00`."""
    local = value.astimezone(HERE)
    return _show(VOCABULARY["show"]["moment"], local, hour=local.hour, minute=local.minute)


def _show(form: str, value: date, **clock: int) -> str:
    weekday = VOCABULARY["show"]["weekdays"][value.weekday()]
    return form.format(month=value.month, day=value.day, weekday=weekday, **clock)
