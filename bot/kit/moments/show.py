"""Moments and periods as people say them; what is shown is read back as the same."""

from datetime import date, datetime, timedelta
from typing import Any

from bot.kit.moments.lexicon import TABLE
from bot.kit.moments.period import HERE, Period, Scope

SHOW: dict[str, Any] = TABLE["show"]


def show_day(value: date) -> str:
    """`11月25日（周三）`."""
    return _show(SHOW["day"], value)


def show_date(value: date) -> str:
    """`2027年6月30日`: a day that may be in another year."""
    form: str = SHOW["date"]
    return form.format(year=value.year, month=value.month, day=value.day)


def show_moment(value: datetime) -> str:
    """`11月25日（周三）9:00`."""
    local = value.astimezone(HERE)
    early = SHOW["early"][local.hour] if local.hour < len(SHOW["early"]) else ""
    return _show(SHOW["moment"], local, hour=local.hour, minute=local.minute, early=early)


def _show(form: str, value: date, **clock: int | str) -> str:
    weekday = SHOW["weekdays"][value.weekday()]
    return form.format(month=value.month, day=value.day, weekday=weekday, **clock)


def show_length(value: timedelta, *, in_days: bool = False) -> str:
    """`2小时`, `1小时30分钟`; of days `3天`."""
    minutes = int(value.total_seconds()) // 60
    days, minutes = divmod(minutes, 1440) if in_days and minutes % 1440 == 0 else (0, minutes)
    hours, minutes = divmod(minutes, 60)
    of = ((days, SHOW["days"]), (hours, SHOW["hours"]), (minutes, SHOW["minutes"]))
    return "".join(f"{n}{unit}" for n, unit in of if n)


def show_period(period: Period, now: datetime | None = None) -> str:
    """`11月25日（周三）9:00–11:00，2小时`; with the year where it is not that of `now`."""
    span: str = _SPANS[period.scope](period)
    if now is not None and period.scope is not Scope.SOON:
        local = period.start.astimezone(HERE)
        if local.year != now.astimezone(HERE).year:
            span = SHOW["year"].format(year=local.year) + span
    if period.length is None:
        return span
    length = show_length(period.length, in_days=period.scope is not Scope.EXACT)
    return f"{span}{SHOW['comma']}{length}"


def _exact(period: Period) -> str:
    start, end = period.start.astimezone(HERE), period.end and period.end.astimezone(HERE)
    said = show_moment(start)
    if end is None:
        return said
    if end.date() == start.date():
        return f"{said}–{end.hour}:{end.minute:02}"
    if end == _midnight(start, 1):
        return f"{said}–24:00"
    other = end.year != start.year
    return f"{said}–{SHOW['year'].format(year=end.year) if other else ''}{show_moment(end)}"


def _midnight(value: datetime, days: int) -> datetime:
    return datetime.combine(value.date() + timedelta(days=days), datetime.min.time(), HERE)


def _part(period: Period) -> str:
    if not period.part:
        return f"{_exact(period)}{SHOW['between']}"
    whole = SHOW["whole_part"] if period.whole else ""
    return f"{show_day(period.start.astimezone(HERE))}{whole}{period.part}"


def _day(period: Period) -> str:
    first = period.start.astimezone(HERE)
    last = (period.end or period.start).astimezone(HERE) - timedelta(microseconds=1)
    whole: str = SHOW["whole"] if period.whole else ""
    if last.date() <= first.date():
        return show_day(first) + whole
    other = SHOW["year"].format(year=last.year) if last.year != first.year else ""
    span = f"{show_day(first)}{SHOW['to']}{other}{show_day(last)}"
    return span + (whole or SHOW["between"])


def _soon(_period: Period) -> str:
    return str(SHOW["soon"])


_SPANS = {Scope.EXACT: _exact, Scope.PART: _part, Scope.DAY: _day, Scope.SOON: _soon}
