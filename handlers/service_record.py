"""The service record (使用记录) as a spreadsheet, for who keeps instruments and for the bureau."""

import re
from datetime import date, datetime, timedelta

from bot.kit.heard import Heard
from bot.kit.moments import HERE, show_date
from bot.kit.reading import plain
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.person import addressed
from handlers.record import NotExact, kept
from handlers.visit import KEEPS
from store.context import Context
from store.link import Errand, Purpose
from store.listing import NoSuchInstrument

router = Router("service_record")


@router.words("使用记录", "使用记录 {number:YQ}", roles=KEEPS, changes=True)
async def table(context: Context, heard: Heard, number: int = 0) -> Say:
    """The record of this year as a spreadsheet, by a one-time address."""
    del heard
    today = context.now.astimezone(HERE).date()
    span = (date(today.year, 1, 1), date(today.year + 1, 1, 1))
    return await _table(context, span, number)


@router.words("使用记录 {said}", "使用记录 {number:YQ} {said}", roles=KEEPS, changes=True)
async def table_of(context: Context, heard: Heard, said: str, number: int = 0) -> Say:
    """The same of a month or another year. Raises NotExact."""
    del heard
    return await _table(context, _days(said, context.now), number)


async def _table(context: Context, span: tuple[date, date], number: int) -> Say:
    if number and await kept(context, number) is None:
        raise NoSuchInstrument(f"YQ{number}")
    first, end = span
    errand = Errand(Purpose.USAGE, context.person.id, f"usage:{first}:{end}:{number}")
    last = show_date(end - timedelta(days=1))
    facts = {"first": show_date(first), "last": last, "number": (number and f"YQ{number}") or None}
    return await addressed(
        context, Say("service_record.table", facts), "service_record.table.link", errand
    )


ONE_YEAR = re.compile(r"(20[0-9]{2})年?(?:度)?")
ONE_MONTH = re.compile(r"(?:(20[0-9]{2})年)?([0-9]{1,2})月(?:份)?")


def _days(said: str, now: datetime) -> tuple[date, date]:
    """A year or a month from words, as its first day and the day after its last."""
    text, today = plain(said).replace(" ", ""), now.astimezone(HERE).date()
    this = date(today.year, today.month, 1)
    if text in ("今年", "去年"):
        year = today.year - (text == "去年")
        return date(year, 1, 1), date(year + 1, 1, 1)
    if text in ("本月", "这个月", "上月", "上个月"):
        first = this if text in ("本月", "这个月") else _month_before(this)
        return first, _month_after(first)
    if found := ONE_YEAR.fullmatch(text):
        year = int(found[1])
        return date(year, 1, 1), date(year + 1, 1, 1)
    found = ONE_MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        raise NotExact
    year = int(found[1] or today.year) - (not found[1] and int(found[2]) > today.month)
    return date(year, int(found[2]), 1), _month_after(date(year, int(found[2]), 1))


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
