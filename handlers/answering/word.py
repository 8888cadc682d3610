"""Yes and no: the keeper's to a request, the user's to an offer."""

from datetime import datetime
from typing import Any

from bot.kit import reading
from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.kinds import Kind, words
from bot.kit.reading import Unreadable
from bot.kit.say import Say
from handlers.answering.card import router
from handlers.answering.facts import by, decided, keeps, see, told
from store import answering
from store.answering import WAITS, Decided
from store.booking import Status
from store.context import Context
from store.lifecycle import NotYours
from store.listing import LONGEST_REASON


def _number(said: str, _now: datetime) -> int:
    number = reading.number(reading.plain(said).replace(" ", "").removeprefix("yy"))
    if number is None:
        raise Unreadable
    return number


NUMBER: Kind[int] = Kind("booking", _number, show=lambda number: f"YY{number}")
"""A booking's number."""


def worded(said: str, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """Check a reason; raises ReasonMissing."""
    del context
    answering.worded(said)


@router.words("同意 {number:YY}", changes=True)
async def agree(context: Context, heard: Heard, number: int) -> Say:
    """Yes, from either side; a card gone stale tells who was first."""
    del heard
    seen = await see(context, number)
    offered = seen.booking.status is Status.OFFERED
    try:
        row = await answering.agree(context.session, number, by(context), context.now)
    except Decided as why:
        return await decided(context, why)
    except NotYours:
        return await others_turn(context, number)
    facts = await told(context, row, seen.instrument)
    return Say("answering.accepted" if offered else "answering.agreed", facts)


async def others_turn(context: Context, number: int) -> Say:
    """It is the other side's word that is waited for."""
    seen = await see(context, number)
    side = "user" if seen.booking.status is Status.OFFERED else "keeper"
    return Say(f"answering.waits_for.{side}", await told(context, seen.booking, seen.instrument))


class Decline(Flow, name="answering.decline", confirm=False):
    """Say no to a request, with a reason."""

    booking: int = ask(NUMBER, check=keeps)
    reason: str = ask(words(LONGEST_REASON), check=worded)

    async def finish(self, context: Context) -> Say:
        """Say it."""
        return await _declined(context, self.booking, self.reason)


@router.words("拒绝 {number:YY}", "拒绝 {number:YY} {said}", changes=True)
async def decline(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """No: a keeper's needs a reason, and is asked for it; a user's to an offer needs none."""
    del heard
    seen = await see(context, number)
    if seen.booking.status not in WAITS:
        return await decided(context, await answering.stale(context.session, number))
    if "keeper" in seen.hats and not said:
        return Begin(Decline, {"booking": number})
    return await _declined(context, number, said)


async def _declined(context: Context, number: int, reason: str) -> Say:
    seen = await see(context, number)
    try:
        row = await answering.decline(context.session, number, reason, by(context), context.now)
    except Decided as why:
        return await decided(context, why)
    except NotYours:
        return await others_turn(context, number)
    key = "declined" if row.status is Status.REJECTED else "refused"
    return Say(f"answering.{key}", await told(context, row, seen.instrument))
