"""The calendar feed's address: given out, and taken back."""

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Link, Say
from handlers.booking import instruments
from store import link, listing
from store.context import Context
from store.lifecycle import NotYours
from store.link import Errand, Purpose

router = Router("bookings")


@router.words("日历订阅", "订阅日历", "我的日历", "日历", changes=True)
async def mine(context: Context, heard: Heard) -> Say:
    """The address of one's own bookings."""
    del heard
    return await _told(context, "", "mine")


@router.words("日历订阅 {number:YQ}", "日历 {number:YQ}", changes=True)
async def of_instrument(context: Context, heard: Heard, number: int) -> Say:
    """The address of an instrument's bookings. Raises NotYours but for who looks after it."""
    del heard
    row, *_ = await instruments.one(context, number)
    if "keeper" not in listing.hats(row, context.person.grants):
        raise NotYours(verb="calendar")
    return await _told(context, f"instrument:{number}", "instrument", instruments.label(row))


async def _told(context: Context, subject: str, key: str, title: str = "") -> Say:
    session, policy, secret = context.session, context.policy, context.secret
    errand = Errand(Purpose.CALENDAR, context.person.id, subject)
    token = await link.standing(session, policy, secret, errand, context.now)
    address = f"{context.address}/c/{token}.ics"
    facts = {
        "address": address,
        "instrument": title or None,
        "days": policy.calendar_valid.value.days,
    }
    return Say(f"bookings.calendar.{key}", facts, link=Link("bookings.calendar.link", address))


@router.words("停用日历", "取消日历订阅", changes=True)
async def end(context: Context, heard: Heard) -> Say:
    """Take one's own address back."""
    del heard
    errand = Errand(Purpose.CALENDAR, context.person.id)
    ended = await link.end(context.session, errand)
    return Say("bookings.calendar.ended" if ended else "bookings.calendar.none")


@router.words("停用日历 {number:YQ}", changes=True)
async def end_of_instrument(context: Context, heard: Heard, number: int) -> Say:
    """Take the address of an instrument's bookings back."""
    del heard
    errand = Errand(Purpose.CALENDAR, context.person.id, f"instrument:{number}")
    ended = await link.end(context.session, errand)
    return Say("bookings.calendar.ended" if ended else "bookings.calendar.none")
