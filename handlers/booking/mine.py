"""`我的预约` and `YY12`: what one has asked for, where it stands, what can be done now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.kit.heard import Heard
from bot.kit.moments import show_moment
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import sample, search
from handlers.answering.card import card as to_keeper
from handlers.booking import instruments, own, reading, times
from store import booking, card, charge, contract, listing
from store.booking import Booking, NoSuchBooking, Status
from store.context import Context
from store.instrument import Row
from store.money import yuan
from store.tariff import Estimate, reckon
from store.tariff.estimate import Used, from_json

router = Router("bookings")

PAGE = 5
MORE = "bookings.more"
UNLIKE = frozenset({"search.head.some", "search.head.without"})
"""The heads of lists of what is only like the question."""
HELD = frozenset({Status.REQUESTED, Status.OFFERED})
SERVED = frozenset({Status.FINISHED, Status.DELIVERED, Status.SETTLED})
AGAIN = frozenset({Status.REJECTED, Status.EXPIRED, Status.CANCELLED, Status.ABORTED})


@router.words("我的预约", "我的预约单")
async def mine(context: Context, heard: Heard) -> Say:
    """Everything to which something is still to come, the soonest first."""
    del heard
    return await _page(context, past=False, begin=0) or Say("bookings.none")


@router.words("以前的预约", "历史预约", "预约记录")
async def past(context: Context, heard: Heard) -> Say:
    """What is over, the latest first."""
    del heard
    return await _page(context, past=True, begin=0) or Say("bookings.no_past")


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next five, as things stand now."""
    return await _page(context, past=facts["past"], begin=facts["next"]) or Say("bookings.end")


async def _page(context: Context, *, past: bool, begin: int) -> Say | None:
    rows = await booking.mine(context.session, context.person.id, context.now, past=past)
    shown = rows[begin : begin + PAGE]
    if not shown:
        return None
    units = await own.named(context, shown)
    lines = [
        own.line(row, units[row.instrument_id], context.now) | {"can": _can(context, row)}
        for row in shown
    ]
    rest = len(rows) - begin - len(shown)
    facts = {"past": past, "next": begin + PAGE}
    return Say(
        "bookings.past" if past else "bookings.mine",
        {
            "count": len(rows),
            "rest": {"key": "bookings.rest", "args": {"count": rest}} if rest else None,
        },
        items=tuple(lines),
        first=begin + 1,
        choices=tuple(f"YY{row.number}" for row in rows),
        more=(MORE, facts) if rest else None,
    )


def _can(context: Context, row: Booking) -> list[Facts]:
    """What can be done with it now, in words."""
    able = own.able(row, context.now, _early(context, row))
    return [{"key": f"bookings.can.{key}"} for key in able]


def _early(context: Context, row: Booking) -> datetime | None:
    """From when one may check in."""
    return row.starts_at and row.starts_at - context.policy.check_in_early.value


@router.words("{number:YY}", "预约单 {number:YY}")
async def show(context: Context, heard: Heard, number: int) -> Say:
    """One booking, of one's own or of an instrument that one looks after."""
    row = await booking.present(context.session, number)
    if row is not None and row.person_id == context.person.id:
        return await told(context, row)
    if row is not None and await _keeps(context, row):
        return await to_keeper(context, heard, number)
    listed = search.answer(context, heard.words)  # it may be a model's name
    if listed.choices and listed.args["head"]["key"] not in UNLIKE:
        return listed
    raise NoSuchBooking(number=f"YY{number}")


async def _keeps(context: Context, row: Booking) -> bool:
    found, *_ = await instruments.one(context, row.instrument_id)
    return "keeper" in listing.hats(found, context.person.grants)


async def told(context: Context, row: Booking) -> Say:
    """The card of one's own booking."""
    found = (await own.named(context, [row]))[row.instrument_id]
    able = own.able(row, context.now, _early(context, row))
    beside = {
        "next": _next(row, able),
        "progress": await sample.progress(context, row),
        "contract": await _contract(context, row),
    }
    owed = await fee(context, row)
    return Say(
        "bookings.card", _facts(context, row, found) | beside | ({"money": owed} if owed else {})
    )


async def fee(context: Context, row: Booking) -> Facts | None:
    """What it came to once it was used, instead of what was expected."""
    owed = await charge.of_booking(context.session, row.id) if row.status in SERVED else None
    if owed is None:
        return None
    fen = owed.reckoned_fen if owed.fen is None else owed.fen
    args = {
        "number": f"YY{row.number}",
        "yuan": None if fen is None else yuan(fen),
        "status": {"key": f"charge.status.{owed.status}"},
    }
    return {"key": "bookings.fee" if fen is not None else "bookings.fee.open", "args": args}


async def _contract(context: Context, row: Booking) -> Facts | None:
    """Where its contract stands, and whose word is missing."""
    agreed = await contract.of_booking(context.session, row.id)
    if agreed is None or row.status not in booking.OPEN:
        return None
    stands = str(agreed.status)
    if agreed.status is contract.Status.OPEN:
        sides = await contract.agreed_sides(context.session, agreed)
        stands = "theirs" if contract.Side.USER in sides else "yours"
    return {"key": f"bookings.contract.{stands}", "args": {"number": f"HT{agreed.id}"}}


def _facts(context: Context, row: Booking, found: Row) -> dict[str, Any]:
    now = context.now
    return {
        **own.line(row, found, now),
        "instrument": instruments.label(found[0]),
        "what": row.sample_words,
        "purpose": row.purpose,
        "organisation": found[1].name,
        "address": card.facts(*found)["address"] if row.status in booking.OPEN else None,
        "money": _money(row),
        "held": show_moment(row.hold_until) if row.status in HELD and row.hold_until else None,
        "free": _free(row, context),
        "reason": row.reason,
    }


def _money(row: Booking) -> str | Facts:
    """What it is expected to cost: as it was reckoned, or as the keeper has named it since."""
    reckoned = _reckoned(row)
    if reckoned is not None and reckoned.fen == row.estimate_fen:
        return reckoned.words
    if row.estimate_fen is None:
        return {"key": "bookings.quote"}
    return {"key": "bookings.about", "args": {"yuan": yuan(row.estimate_fen)}}


def _reckoned(row: Booking) -> Estimate | None:
    """The estimate again, by the prices that the booking keeps."""
    if "prices" not in row.price:
        return None
    time = own.period(row)
    used = Used(row.mode, reading.minutes(time) if time else None, row.samples)
    prices = [from_json(each) for each in row.price["prices"]]
    return reckon(prices, used, row.price["group"], times.day_of(row.requested_at))


def _free(row: Booking, context: Context) -> Facts | None:
    """Until when it may be cancelled without consequence."""
    if row.status is not Status.APPROVED or row.free_until is None:
        return None
    if row.free_until <= context.now:
        return {"key": "bookings.late"}
    return {"key": "bookings.until", "args": {"at": show_moment(row.free_until)}}


def _next(row: Booking, able: Sequence[str]) -> list[Facts]:
    """At most three next steps, each to be typed."""
    numbers = {"number": f"YY{row.number}", "instrument": f"YQ{row.instrument_id}"}
    keys = list(able) or (["again"] if row.status in AGAIN else [])
    if row.status is Status.NO_SHOW:
        keys = ["strikes"]
    return [{"key": f"bookings.do.{key}", "args": numbers} for key in keys[:3]]
