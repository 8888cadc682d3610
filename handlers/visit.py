"""The visit: scanning an instrument's code, checking in and out, strikes and their lifting."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.kinds import Kind, words
from bot.kit.moments import HERE, Period, show_day, show_length, show_moment, show_period
from bot.kit.reading import Unreadable, plain
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from bot.kit.texts import refusal
from handlers import search
from store import booking as bookings
from store import card, instrument, strike, usage, visit
from store.booking import Booking, Status
from store.booking.reading import NoSuchBooking
from store.context import Context
from store.errors import Refused
from store.listing import By, hats
from store.person import Role
from store.usage import Source, Usage

router = Router("visit")

SETTLING = timedelta(minutes=5)
"""A code scanned again so soon after checking in does not check out."""
NUMBER = re.compile(r"(?:yy)? ?0*([0-9]{1,9})")


def _booking(said: str, _now: datetime) -> int:
    """A booking's number, with or without its letters."""
    found = NUMBER.fullmatch(plain(said))
    if found is None:
        raise Unreadable
    return int(found[1])


def _shown(number: int) -> str:
    return f"YY{number}"


BOOKING: Kind[int] = Kind("booking", _booking, show=_shown)
"""A booking, by its number."""
KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})


# Scanning


@router.scan("{number:YQ}", changes=True)
async def scan(context: Context, heard: Heard, number: int) -> Say:
    """The instrument's card; in one's period it checks in instead, and then out.

    Who is at the instrument needs its rules and whom to ask; the card is one tap away.
    """
    rows = await _about_now(context, number)
    if rows:
        return await _scanned(context, rows[0])
    card, soon = await search.show(context, heard, number), await _reminded(context, number)
    return below(soon, card) if soon else card


async def _scanned(context: Context, row: Booking) -> Say:
    """Check in; or out, unless one has only just come in."""
    if row.status is Status.IN_USE:
        used = await usage.of(context.session, row.id)
        fresh = used is not None and context.now < used.starts_at + SETTLING
        return await _in(context, row, used) if used and fresh else await _out(context, row)
    why = await visit.hindrance(context.session, row, context.now)
    if why is not None:
        return _refused(why)
    return await _check_in(context, row, Source.SCAN)


async def _reminded(context: Context, number: int) -> Say | None:
    """A period that is still to come today, or that waits for its answer: why nothing happens."""
    me, now = context.person.id, context.now
    row = await visit.nearest(context.session, me, now, number)
    if row is None or row.starts_at is None:
        return None
    if row.starts_at.astimezone(HERE).date() != now.astimezone(HERE).date():
        return None
    return _refused(visit.why_not(row, context.policy, number))


def _refused(why: Refused) -> Say:
    """A refusal that is said above a card, where nothing has to be undone."""
    return refusal("visit", why)


# Checking in and out


@router.words("签到", "签到 {number:YQ}", changes=True)
async def check_in(context: Context, heard: Heard, number: int | None = None) -> Say:
    """Check in; without a number where only one can be meant. Raises what stands against it."""
    rows = await _about_now(context, number)
    here = [row for row in rows if row.status is Status.IN_USE]
    coming = [row for row in rows if row.status is Status.APPROVED]
    if here and not coming:
        used = await usage.of(context.session, here[0].id)
        return await _in(context, here[0], used) if used else await _check_in(context, here[0])
    if len(coming) > 1 and number is None:
        return await _which(context, "in", coming)
    if coming:
        return await _check_in(context, coming[0])
    if number is not None and await instrument.load(context.session, number) is None:
        return await search.show(context, heard, number)
    me, now = context.person.id, context.now
    row = await visit.nearest(context.session, me, now, number)
    if row is None and number is None:
        return Say("visit.nothing")
    raise visit.why_not(row, context.policy, number or (row.instrument_id if row else 0))


@router.words("签到 {number:YY}", changes=True)
async def check_in_by_booking(context: Context, heard: Heard, number: int) -> Say:
    """Check in by the booking's number."""
    return await check_in(context, heard, await _instrument_of(context, number))


@router.words("签退", "签退 {number:YQ}", changes=True)
async def check_out(context: Context, heard: Heard, number: int | None = None) -> Say:
    """Check out; without a number where only one can be meant. Raises NotIn."""
    del heard
    rows = [row for row in await _about_now(context, number) if row.status is Status.IN_USE]
    if len(rows) > 1:
        return await _which(context, "out", rows)
    if not rows:
        raise visit.NotIn
    return await _out(context, rows[0])


@router.words("签退 {number:YY}", changes=True)
async def check_out_by_booking(context: Context, heard: Heard, number: int) -> Say:
    """Check out by the booking's number."""
    return await check_out(context, heard, await _instrument_of(context, number))


async def _instrument_of(context: Context, number: int) -> int:
    row = await bookings.present(context.session, number)
    if row is None or row.person_id != context.person.id:
        raise NoSuchBooking(f"YY{number}")
    return row.instrument_id


async def _about_now(context: Context, number: int | None) -> list[Booking]:
    """The asker's bookings that one can check in to or out of, on one instrument where named."""
    me = context.person.id
    rows = await visit.about_now(context.session, context.policy, me, context.now)
    mine = [row for row in rows if number in (None, row.instrument_id)]
    return sorted(mine, key=lambda row: row.status is not Status.IN_USE)


async def _check_in(context: Context, row: Booking, source: Source = Source.TYPED) -> Say:
    used = await visit.check_in(context.session, context.policy, row, source, context.now)
    return await _in(context, row, used)


async def _in(context: Context, row: Booking, used: Usage) -> Say:
    """That one is in, and how to get out."""
    facts = await _facts(context, row)
    late = used.starts_at - row.starts_at if row.starts_at and used.late else None
    told = {
        "until": _clock(row.ends_at),
        "since": _clock(used.starts_at),
        "late": late and {"key": "visit.late", "args": {"length": show_length(late)}},
    }
    return Say("visit.in" if used.starts_at == context.now else "visit.in_already", facts | told)


async def _out(context: Context, row: Booking) -> Say:
    used = await visit.check_out(context.session, context.policy, row, context.now)
    left = row.ends_at - context.now if row.ends_at else timedelta()
    facts = await _facts(context, row)
    told = {
        "from": _clock(used.starts_at),
        "to": _clock(used.ends_at),
        "length": show_length(used.spent) or None,
        "left": show_length(left) if left >= timedelta(minutes=1) else None,
    }
    return Say("visit.out", facts | told)


async def _which(context: Context, verb: str, rows: Sequence[Booking]) -> Say:
    """Several can be meant: which one."""
    items = [await _facts(context, row) | {"period": _period(row)} for row in rows]
    typed = {"in": "签到", "out": "签退"}[verb]
    choices = tuple(f"{typed} YQ{row.instrument_id}" for row in rows)
    return Say(f"visit.which_{verb}", items=tuple(items), choices=choices)


async def _facts(context: Context, row: Booking) -> dict[str, Any]:
    found = await instrument.load(context.session, row.instrument_id)
    name = " ".join(filter(None, (found[0].name, found[0].model))) if found else ""
    facts = card.facts(*found) if found else {}
    asked = {key: facts.get(key) for key in ("contact", "phone")}
    rules = search.short(facts.get("rules"))
    return {
        "number": row.number,
        "yq": row.instrument_id,
        "instrument": name,
        "rules": rules,
        **asked,
    }


def _clock(at: Any) -> str | None:  # noqa: ANN401 - a moment or nothing
    return None if at is None else f"{at.astimezone(HERE):%-H:%M}"


def _period(row: Booking) -> str | None:
    if row.starts_at is None or row.ends_at is None:
        return None
    start, end = row.starts_at.astimezone(HERE), row.ends_at.astimezone(HERE)
    return show_period(Period(start, end, length=end - start))


# Strikes


@router.words("爽约记录", "我的爽约", "违约记录")
async def strikes(context: Context, heard: Heard) -> Say:
    """One's own strikes, what they come to, and the rule."""
    del heard
    me, policy = context.person.id, context.policy
    rows = await strike.listed(context.session, person_id=me)
    stands = await strike.of_person(context.session, policy, me, context.now)
    facts = {
        "count": stands.count,
        "closed": stands.closed_until and show_moment(stands.closed_until),
        "strikes": policy.strikes.value,
        "counted": policy.strikes_counted.value.days,
        "days": policy.booking_ban.value.days,
        "cite": policy.strikes.cite or None,
    }
    if not rows:
        return Say("visit.no_strikes", facts)
    key = "visit.strikes_closed" if stands.closed_until else "visit.strikes"
    return Say(key, facts, items=tuple(_struck(*row) for row in rows[:8]))


def _struck(row: strike.Strike, about: Booking) -> Facts:
    lifted = {"key": "visit.lifted_already"} if row.lifted_at else None
    day = show_day((about.starts_at or row.at).astimezone(HERE).date())
    kind = {"key": f"visit.kind.{row.kind}"}
    return {"number": about.number, "day": day, "kind": kind, "lifted": lifted}


@router.words("爽约记录 {number:YQ}", roles=KEEPS)
async def strikes_here(context: Context, heard: Heard, number: int) -> Say:
    """The strikes over one instrument that one keeps."""
    found = await instrument.load(context.session, number)
    if found is None or "keeper" not in hats(found[0], context.person.grants):
        return await search.show(context, heard, number)
    rows = await strike.listed(context.session, instrument_ids=[number])
    key = "visit.strikes_here" if rows else "visit.no_strikes_here"
    return Say(key, {"yq": number}, items=tuple(_struck(*row) for row in rows[:8]))


class Lift(Flow, name="visit.lift"):
    """Take a strike back, with a reason."""

    booking: int = ask(BOOKING)
    reason: str = ask(words(strike.LONGEST_REASON))

    async def finish(self, context: Context) -> Say:
        """Lift it."""
        return await _lift(context, self.booking, self.reason)


async def _lift(context: Context, number: int, reason: str) -> Say:
    row = await bookings.present(context.session, number)
    if row is None:
        raise strike.NoStrike(f"YY{number}")
    by = By(context.person.id, context.person.grants)
    await strike.lift(context.session, row, reason, by, context.now)
    return Say("visit.lifted", {"number": number})


@router.words("撤销爽约 {number:YY} {said}", roles=KEEPS, changes=True)
async def lift(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Take a strike back in one line."""
    del heard
    return await _lift(context, number, said)


@router.words("撤销爽约 {number:YY}", roles=KEEPS)
async def lift_why(context: Context, heard: Heard, number: int) -> Begin:
    """Ask for the reason."""
    del context, heard
    return Begin(Lift, {"booking": number})
