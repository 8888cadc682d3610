"""One's own bookings: found, named, and what can be done with each now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from bot.kit.moments import Period, show_period
from bot.kit.say import Facts
from handlers.booking import instruments, reading
from store import booking, instrument
from store.booking import LIFECYCLE, Booking, Mode, NoSuchBooking, Status
from store.context import Context
from store.errors import Refused
from store.instrument import Row

USER = frozenset({"user"})


@dataclass(eq=False)
class CantNow(Refused):
    """The booking stands where this can't be done; `state` says where."""

    number: str
    state: Facts
    verb: Facts


async def own(context: Context, number: int) -> Booking:
    """What one's own number shows. Raises NoSuchBooking for anybody else's alike."""
    row = await _shown(context, number)
    if row is None or row.person_id != context.person.id:
        raise NoSuchBooking(number=f"YY{number}")
    return row


async def is_anothers(context: Context, number: int) -> bool:
    """Whether it is somebody else's booking, which only who keeps the instrument may touch."""
    row = await _shown(context, number)
    return row is not None and row.person_id != context.person.id


async def _shown(context: Context, number: int) -> Booking | None:
    """What a number shows; read once a message."""
    read = partial(booking.present, context.session, number)
    return await context.once(("booking", number), read)


REPORTED = frozenset({Status.REPORTED, Status.DELIVERED, Status.SETTLED})
"""From when samples have a report."""


def may(row: Booking, verb: str) -> bool:
    """Whether its user may make this move now."""
    return any(m.verb == verb and m.old == row.status and m.by in USER for m in LIFECYCLE)


def refuse_unless(row: Booking, verb: str) -> None:
    """Raises CantNow."""
    if not may(row, verb):
        raise CantNow(f"YY{row.number}", state(row), {"key": f"bookings.verb.{verb}"})


def state(row: Booking) -> Facts:
    """Where it stands, in a few words."""
    return {"key": f"bookings.status.{row.status}"}


def period(row: Booking) -> Period | None:
    """Its time; samples have none."""
    return reading.of(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else None


def when(row: Booking, now: datetime) -> str | Facts:
    """Its time, or how many samples, in words."""
    time = period(row)
    if time is not None:
        return show_period(time, now)
    return {"key": "bookings.samples", "args": {"count": row.samples}}


async def named(context: Context, rows: Iterable[Booking]) -> dict[int, Row]:
    """The instruments of bookings, by number."""
    numbers = list(dict.fromkeys(row.instrument_id for row in rows))
    if len(numbers) == 1:  # perhaps known already
        return {numbers[0]: await instruments.one(context, numbers[0])}
    found = await instrument.several(context.session, numbers)
    return {row[0].id: row for row in found}


def line(row: Booking, row_of: Row, now: datetime) -> dict[str, Any]:
    """One booking as a numbered line."""
    return {
        "number": f"YY{row.number}",
        "instrument": instruments.title(row_of[0]),
        "when": when(row, now),
        "status": state(row),
    }


def able(row: Booking, now: datetime, early: datetime | None) -> list[str]:
    """What its user can do now, as keys; `early`: from when one may check in."""
    found = []
    if row.status is Status.OFFERED:
        found += ["accept"]
    at_time = early is not None and row.ends_at is not None and early <= now < row.ends_at
    if row.status is Status.APPROVED and row.mode is Mode.SELF and at_time:
        found += ["start"]
    if row.status is Status.IN_USE:
        found += ["finish"]
    if may(row, "replace") and row.mode is Mode.SELF:
        found += ["replace"]
    if may(row, "cancel"):
        found += ["cancel"]
    if row.mode is Mode.SAMPLE and row.status in REPORTED:
        found += ["report"]
    if row.status in (Status.FINISHED, Status.DELIVERED, Status.SETTLED):
        found += ["rate"]
    return found
