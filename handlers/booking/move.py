"""Another time for a booking (`改期`): a new row takes its place, its number stays."""

import re
from dataclasses import dataclass
from typing import Any

from bot.kit import intents
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.moments import Fits, Period, show_moment, show_period
from bot.kit.reading import plain
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.answering.offering import propose
from handlers.booking import cancel, instruments, own, plan, reading, request, times
from handlers.booking.reading import PERIOD
from store import booking
from store.availability import Unfit
from store.booking import Booking, Mode, NoSuchBooking, Status
from store.context import Context
from store.errors import Refused
from store.instrument import Row
from store.tariff import Estimate
from store.terms import Terms

router = Router("bookings")
NUMBER = re.compile(r"(?<![a-z0-9])yy ?0*([0-9]{1,9})(?![0-9])")


@dataclass(eq=False)
class SameTime(Refused):
    """It is booked for that time already."""

    number: str


async def _movable(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """One's bookings of time that may be moved; the one that is named. Raises NoSuchBooking."""
    rows = await booking.mine(context.session, context.person.id, context.now)
    able = [row for row in rows if own.may(row, "replace") and row.mode is Mode.SELF]
    named = NUMBER.search(plain(said))
    if named is not None:
        able = [row for row in able if row.number == int(named[1])]
        if not able:
            raise NoSuchBooking(number=f"YY{named[1]}")
    units = await own.named(context, able)
    return [_option(row, units[row.instrument_id], context) for row in able]


def _option(row: Booking, unit: Row, context: Context) -> Option[int]:
    line = own.line(row, unit, context.now)
    return Option(row.number, "{number} {instrument}".format(**line), line)


async def _row(context: Context, so_far: "Move") -> tuple[Booking, Terms]:
    row = await own.own(context, so_far.booking)
    return row, await request.terms_for(context, row.instrument_id)


async def _fits(context: Context, so_far: "Move") -> Fits:
    if not so_far.booking:
        return lambda _period: True
    return times.fitting((await _row(context, so_far))[1])


async def _to_be_had(value: Period, context: Context, so_far: "Move") -> None:
    """Whether the time, or any time within it, is free. Raises CantBe."""
    if so_far.booking:
        row, terms = await _row(context, so_far)
        _refuse_same(row, value)
        check = times.refuse_unfit if reading.exact(value) else times.refuse_full
        await check(context, terms, value, row.id)


async def _slots(context: Context, said: str, so_far: "Move") -> list[Option[str]]:
    row, terms = await _row(context, so_far)
    return await request.slots(context, said, so_far.period, terms, row.id)


async def _slot_free(value: str, context: Context, so_far: "Move") -> None:
    row, terms = await _row(context, so_far)
    _refuse_same(row, reading.load(value))
    await times.refuse_unfit(context, terms, reading.load(value), row.id)


def _refuse_same(row: Booking, period: Period) -> None:
    """Raises SameTime where nothing would change."""
    if reading.exact(period) and (period.start, period.end) == (row.starts_at, row.ends_at):
        raise SameTime(f"YY{row.number}")


def _rough(so_far: Any) -> bool:  # noqa: ANN401
    return not reading.exact(so_far.period)


class Move(Flow, name="bookings.move"):
    """Ask for another time."""

    booking: int = pick(_movable)
    period: Period = ask(PERIOD, fits=_fits, check=_to_be_had)
    slot: str = pick(_slots, when=_rough, check=_slot_free)

    compared = ("cost", "to", "again")

    @property
    def time(self) -> Period:
        """The exact time that is wished for."""
        return reading.load(self.slot) if self.slot and _rough(self) else self.period

    async def summary(self, context: Context) -> Facts:
        """From when to when, what it would cost, who must say yes again."""
        row, terms = await _row(context, self)
        cost = await _cost(context, row, self.time)
        until = self.time.start - terms.cancel_free
        found = await instruments.one(context, row.instrument_id)
        return {
            "number": f"YY{row.number}",
            "instrument": instruments.label(found[0]),
            "from": own.when(row, context.now),
            "to": show_period(self.time, context.now),
            "cost": cost.words,
            "until": show_moment(until) if until > context.now else None,
            "again": {"key": "bookings.move.again"} if terms.approval else None,
        }

    async def finish(self, context: Context) -> Say:
        """Put the new time in its place. Raises CantBe."""
        row, terms = await _row(context, self)
        own.refuse_unless(row, "replace")
        cost, time = await _cost(context, row, self.time), self.time
        try:
            made = await booking.reschedule(
                context.session,
                row,
                time.start,
                time.end or time.start,
                by="user",
                hats=own.USER,
                actor_id=context.person.id,
                terms=terms,
                policy=context.policy,
                now=context.now,
                estimate_fen=cost.fen,
                price=dict(cost.rows),
            )
        except Unfit as why:
            raise times.cant_be(row.instrument_id, time, why.reasons, why.nearest) from why
        return await _told(context, made)


async def _cost(context: Context, row: Booking, time: Period) -> Estimate:
    return await plan.costs(context, row.instrument_id, row.group, time, row.samples)


async def _told(context: Context, row: Booking) -> Say:
    found = (await own.named(context, [row]))[row.instrument_id]
    line = own.line(row, found, context.now)
    held = row.hold_until and show_moment(row.hold_until)
    key = "moved" if row.status is Status.APPROVED else "asked"
    return Say(f"bookings.move.{key}", {**line, "held": held, "organisation": found[1].name})


@router.words("改期")
async def which(context: Context, heard: Heard) -> Say | Begin:
    """Move the only one there is, or choose which."""
    del heard
    options = await _movable(context, "", None)
    if len(options) == 1:
        return Begin(Move, {"booking": options[0].value})
    return await cancel.choose(context, [await own.own(context, o.value) for o in options], "move")


@router.words("改期 {number:YY}", "改期 {number:YY} {said}")
async def move(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Move one's own; its keeper offers another time. Raises NoSuchBooking, CantNow."""
    if await own.is_anothers(context, number):
        return await propose(context, heard, number, said)
    row = await own.own(context, number)
    own.refuse_unless(row, "replace")
    if row.mode is not Mode.SELF:
        return Say("bookings.move.no_time", {"number": f"YY{number}"})
    return Begin(Move, {"booking": number}, {"period": said} if said else {})


@router.words("改期 {said}", apart=True)
async def move_some(context: Context, heard: Heard, said: str) -> Say | Begin:
    """Move the only one there is to this time, or ask which."""
    del heard
    when = intents.reader().parts(said).when
    options = await _movable(context, "", None)
    known = {"booking": options[0].value} if len(options) == 1 else {}
    if not options:
        return Say("bookings.move.none")
    return Begin(Move, known, {"period": said} if when else {})
