"""`有空提醒我`: being told when an instrument is free."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.kit import intents, moments
from bot.kit.heard import Heard
from bot.kit.moments import Period, Scope
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.booking import reading
from handlers.free import meant
from store import terms, watch, week
from store.availability import Period as Free
from store.context import Context
from store.errors import Refused
from store.instrument import Instrument
from store.stretch import DAY
from store.terms import Terms

router = Router("free")


@dataclass(eq=False)
class NothingToWatch(Refused):
    """No instrument was named, and none was spoken of."""


@router.words("有空提醒我", "有空提醒我 {said}", changes=True, apart=True)
async def tell_me(context: Context, heard: Heard, said: str = "") -> Say:
    """Wait for free time; raises NothingToWatch, NoSuchInstrument, TooManyWatches."""
    del heard
    parts = intents.reader().parts(said)
    number = parts.number or 0
    if not number and parts.thing:
        listed = meant.which(context, parts.thing, "有空提醒我")
        if len(listed.choices) != 1:
            return listed
        number = meant.number_of(listed)
    number = number or int(context.about.get("instrument", 0))
    if not number:
        raise NothingToWatch
    row = await meant.row(context, number)
    held = await terms.of(context.session, number, context.policy)
    wanted = _watched(context, said, held, number)
    waits = watch.Waiting(context.person.id, number, *wanted)
    try:
        made = await watch.begin(context.session, waits, context.policy, context.now)
    except watch.FreeNow as why:
        return _free_now(row, wanted, why.period)
    facts = {**meant.titled(row), "when": _shown(made), "before": made.ahead or None}
    return Say("free.watching", facts, about={"instrument": number})


def _free_now(row: Instrument, wanted: tuple[datetime, datetime, int], free: Free) -> Say:
    """There is nothing to wait for: the time that may be booked."""
    start = max(free.start, wanted[0])
    period = reading.of(start, start + timedelta(minutes=wanted[2]))
    return Say(
        "free.yes", {**meant.titled(row), **meant.timed(row, period)}, about={"instrument": row.id}
    )


def _watched(
    context: Context, said: str, held: Terms, number: int
) -> tuple[datetime, datetime, int]:
    """From when to when, and for how many minutes, somebody waits."""
    wanted = meant.wanted(said, context.now, held) if intents.reader().parts(said).when else None
    kept = context.about.get("when") if context.about.get("instrument") == number else None
    if not isinstance(wanted, Period) and kept:
        wanted = reading.load(kept)
    length = min(max(meant.USUAL, held.shortest), held.longest) // timedelta(minutes=1)
    if not isinstance(wanted, Period):
        return context.now, context.now + timedelta(days=week.DAYS * 2), length
    if wanted.scope is Scope.EXACT:
        exact = meant.exact(wanted, held)
        return exact.start, exact.end or exact.start, reading.minutes(exact)
    end = wanted.end or wanted.start + timedelta(days=week.DAYS)
    asked = wanted.length // timedelta(minutes=1) if wanted.length else length
    return max(wanted.start, context.now), end, asked


def _shown(made: watch.Begun) -> str:
    period = reading.of(made.starts_at, made.ends_at)
    if reading.minutes(period) <= DAY:
        return moments.show_period(replace(period, length=None))
    return moments.show_period(replace(period, length=None, scope=Scope.DAY))


@router.words("不用提醒了", "不用提醒了 {number:YQ}", changes=True)
async def no_more(context: Context, heard: Heard, number: int = 0) -> Say:
    """Wait no longer: for one instrument, or for any."""
    del heard
    ended = await watch.end(context.session, context.person.id, number or None, context.now)
    return Say("free.ended" if ended else "free.none", {"count": ended or None})
