"""Another time instead, which the user has to agree to; and calling off what was agreed."""

from datetime import datetime
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.moments import Fits, Period
from bot.kit.say import Facts, Say
from handlers.answering.card import router
from handlers.answering.facts import by, decided, keeps, kept, told
from handlers.answering.word import NUMBER, worded
from handlers.booking import reading, times
from handlers.booking.reading import PERIOD
from handlers.booking.request import slots, terms_for
from store import answering, availability
from store.answering import Decided, Seen
from store.availability import Ask, Unfit
from store.booking import LIFECYCLE
from store.context import Context
from store.listing import LONGEST_REASON


async def _fits(context: Context, so_far: "Propose") -> Fits:
    if so_far.booking is None:
        return lambda _period: True
    seen = await kept(context, so_far.booking)
    return times.fitting(await terms_for(context, seen.instrument.id))


async def _free(period: Period, context: Context, so_far: "Propose") -> None:
    """Whether the time, or any within it, can be had. Raises CantBe with all reasons."""
    if so_far.booking is None:
        return
    seen = await kept(context, so_far.booking)
    terms = await terms_for(context, seen.instrument.id)
    if not reading.exact(period):
        await times.refuse_full(context, terms, period, seen.booking.id)
        return
    end = period.end or period.start
    span = availability.Period(period.start, end)
    wanted = Ask(seen.instrument.id, seen.booking.person_id, span, seen.booking.id)
    if why := await availability.reasons(context.session, wanted, terms, context.now):
        near = await availability.nearest(context.session, wanted, terms, context.now)
        raise times.cant_be(seen.instrument.id, period, why, near)


async def _slots(context: Context, said: str, so_far: "Propose") -> list[Option[str]]:
    seen = await kept(context, so_far.booking)
    return await slots(context, said, so_far.period, await terms_for(context, seen.instrument.id))


async def _slot_free(value: str, context: Context, so_far: "Propose") -> None:
    await _free(reading.load(value), context, so_far)


def _rough(so_far: Any) -> bool:  # noqa: ANN401
    return not reading.exact(so_far.period)


class Propose(Flow, name="answering.propose", confirm=False):
    """Offer another time."""

    booking: int = ask(NUMBER, check=keeps)
    period: Period = ask(PERIOD, fits=_fits, check=_free)
    slot: str = pick(_slots, when=_rough, check=_slot_free)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The exact time."""
        period = reading.load(self.slot) if self.slot and _rough(self) else self.period
        return period.start, period.end or period.start

    async def finish(self, context: Context) -> Say:
        """Offer it; the old time is free for others."""
        seen = await kept(context, self.booking)
        offered = (context.session, self.booking, self.span, by(context))
        try:
            row = await answering.offer(*offered, context.policy, context.now)
        except Decided as why:
            return await decided(context, why)
        except Unfit as why:
            near = why.nearest
            raise times.cant_be(seen.instrument.id, None, why.reasons, near) from why
        return Say("answering.offered", await told(context, row, seen.instrument))


@router.words("改时间 {number:YY}", "改时间 {number:YY} {said}")
async def propose(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Begin to offer another time. Raises NoSuchBooking for who does not keep the instrument."""
    del heard
    seen = await kept(context, number)
    if seen.booking.starts_at is None:
        return Say("answering.no_time", await told(context, seen.booking, seen.instrument))
    if not _may(seen, "shift"):
        return await decided(context, await answering.stale(context.session, number))
    return Begin(Propose, {"booking": number}, {"period": said} if said else {})


def _may(seen: Seen, verb: str) -> bool:
    here = seen.booking.status
    return any(m.verb == verb and m.old == here and m.by in seen.hats for m in LIFECYCLE)


class CallOff(Flow, name="answering.call_off"):
    """Call off a booking that was agreed."""

    booking: int = ask(NUMBER, check=keeps)
    reason: str = ask(words(LONGEST_REASON), check=worded)

    async def summary(self, context: Context) -> Facts:
        """Whom it hits."""
        seen = await kept(context, self.booking)
        return {**await told(context, seen.booking, seen.instrument), "reason": self.reason}

    async def finish(self, context: Context) -> Say:
        """Call it off; the user is told why."""
        seen = await kept(context, self.booking)
        called = (context.session, self.booking, self.reason, by(context), context.now)
        try:
            row = await answering.call_off(*called)
        except Decided as why:
            return await decided(context, why)
        return Say("answering.called_off", await told(context, row, seen.instrument))


@router.words("叫停预约 {number:YY}", "叫停预约 {number:YY} {said}")
async def call_off(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Begin to call it off. Raises NoSuchBooking for who does not keep the instrument."""
    del heard
    seen = await kept(context, number)
    if not _may(seen, "abort"):
        return await decided(context, await answering.stale(context.session, number))
    return Begin(CallOff, {"booking": number}, {"reason": said} if said else {})
