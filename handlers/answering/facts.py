"""What is told of a booking to who keeps its instrument."""

from datetime import datetime
from typing import Any

from bot.kit import moments
from bot.kit.say import Facts, Say
from handlers.booking import reading
from store import answering, organisation, personal
from store.answering import Decided, Seen
from store.booking import Booking, Status
from store.booking.reading import NoSuchBooking
from store.context import Context
from store.instrument import Instrument
from store.listing import By
from store.money import yuan


def by(context: Context) -> By:
    """Who asks, and what they may do."""
    return By(context.person.id, context.person.grants)


async def see(context: Context, number: int) -> Seen:
    """A booking that the asker has to do with; raises NoSuchBooking."""
    return await answering.see(context.session, number, by(context))


async def kept(context: Context, number: int) -> Seen:
    """A booking of an instrument that the asker keeps; raises NoSuchBooking."""
    seen = await see(context, number)
    if "keeper" not in seen.hats:
        raise NoSuchBooking(f"YY{number}")
    return seen


async def keeps(number: int, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """Check that the asker keeps what is booked; raises NoSuchBooking."""
    await kept(context, number)


async def told(context: Context, row: Booking, instrument: Instrument) -> dict[str, Any]:
    """All that one needs to decide: what, when, who, what for, at what price, by when."""
    return {
        "number": f"YY{row.number}",
        "title": " ".join(filter(None, (instrument.name, instrument.model))),
        "instrument": f"YQ{instrument.id}",
        "when": when(row),
        "mode": {"key": f"answering.mode.{row.mode}"},
        "who": await _who(context, row),
        "purpose": row.purpose,
        "cost": _cost(row),
        "due": _moment(_due(row, context.now)),
        "hold": _moment(row.hold_until),
        "reason": row.reason,
    }


def _due(row: Booking, now: datetime) -> datetime | None:
    """By when it is to be answered; when it is late, till when it can be."""
    due = answering.last_moment(row)
    return row.hold_until if due is not None and due <= now else due


def when(row: Booking) -> Any:  # noqa: ANN401 - words, or a text
    """Its time; of samples how many, and what they are."""
    if row.starts_at is not None and row.ends_at is not None:
        return moments.show_period(reading.of(row.starts_at, row.ends_at))
    args = {"count": row.samples, "what": row.sample_words}
    return {"key": "answering.samples", "args": args}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moments.show_moment(at)


def _cost(row: Booking) -> Facts:
    if row.estimate_fen is None:
        return {"key": "answering.cost.open"}
    if row.estimate_fen == 0:
        return {"key": "answering.cost.free"}
    voucher = {"key": "answering.voucher", "args": {"yuan": yuan(row.voucher_fen)}}
    args = {"yuan": yuan(row.estimate_fen), "voucher": voucher if row.voucher_fen else None}
    return {"key": "answering.cost.about", "args": args}


async def _who(context: Context, row: Booking) -> Facts:
    """The employer where that was confirmed, and the person's masked name."""
    name = await masked(context, row.person_id) or None
    if row.employer_id is None:
        return {"key": f"answering.who.{'alone' if name else 'nobody'}", "args": {"name": name}}
    names = await organisation.names(context.session, [row.employer_id])
    args = {"organisation": names.get(row.employer_id), "name": name}
    return {"key": "answering.who.works", "args": args}


async def masked(context: Context, person_id: int) -> str:
    """A person's name as it may be shown."""
    return (await personal.known(context.session, context.secret, person_id)).masked.name


ENDS = frozenset(
    {
        Status.OFFERED,
        Status.APPROVED,
        Status.REJECTED,
        Status.EXPIRED,
        Status.CANCELLED,
        Status.ABORTED,
    }
)
"""What a request may have come to, told with who did it and when."""


async def decided(context: Context, why: Decided) -> Say:
    """What became of it, through whom and when: the answer to whoever comes after."""
    seen = await see(context, why.number)
    how = why.status if why.status in ENDS else "other"
    row = seen.booking
    args = {
        "number": f"YY{why.number}",
        "at": moments.show_moment(why.at),
        "who": await _decider(context, seen, why.by),
        "when": when(row),
        "cost": _cost(row),
        "reason": row.reason,
        "state": {"key": f"bookings.status.{row.status}"},
    }
    return Say(f"answering.decided.{how}", args)


async def _decider(context: Context, seen: Seen, person_id: int | None) -> Facts | str:
    """Who did it: oneself, the other side, a colleague by their masked name."""
    if person_id is None:
        return {"key": "answering.by.clock"}
    if person_id == context.person.id:
        return {"key": "answering.by.you"}
    if person_id == seen.booking.person_id:
        return {"key": "answering.by.user"}
    name = await masked(context, person_id) if "keeper" in seen.hats else ""
    return name or {"key": "answering.by.keeper"}
