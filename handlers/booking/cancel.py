"""Calling a booking off: at once while that costs nothing, else with its consequences shown."""

from collections.abc import Sequence
from typing import Any

from bot.kit.flow import Begin
from bot.kit.heard import Heard
from bot.kit.moments import show_length
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.answering.offering import call_off
from handlers.booking import instruments, own, times
from handlers.booking.own import CantNow
from store import booking, strike, terms
from store.availability import Unfit
from store.booking import Booking, Status
from store.context import Context

router = Router("bookings")

UNDONE = "undone"
"""Why a strike goes with the cancelling that was taken back."""


@router.words("取消预约", changes=True)
@router.words("取消预约 {said}", apart=True, changes=True)
async def which(context: Context, heard: Heard, said: str = "") -> Say:
    """Call off the only one there is, or choose which."""
    del heard, said
    rows = await booking.mine(context.session, context.person.id, context.now)
    able = [row for row in rows if own.may(row, "cancel")]
    if len(able) == 1:
        return await asked(context, able[0])
    return await choose(context, able, "cancel")


async def choose(context: Context, rows: Sequence[Booking], key: str) -> Say:
    """One's bookings, numbered: a number does with one what was asked for."""
    if not rows:
        return Say(f"bookings.{key}.none")
    units = await own.named(context, rows)
    lines = [own.line(row, units[row.instrument_id], context.now) for row in rows]
    typed = {"cancel": "取消预约", "move": "改期"}[key]
    choices = tuple(f"{typed} {line['number']}" for line in lines)
    return Say(f"bookings.{key}.which", items=tuple(lines[:8]), choices=choices)


@router.words("取消预约 {number:YY}", "取消预约 {number:YY} {said}", changes=True)
async def cancel(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Call off one's own, or as its keeper with a reason. Raises NoSuchBooking, CantNow."""
    if await own.is_anothers(context, number):
        return await call_off(context, heard, number, said)
    row = await own.own(context, number)
    own.refuse_unless(row, "cancel")
    return await asked(context, row)


async def asked(context: Context, row: Booking) -> Say:
    """Do it, or show first what comes of doing it so late."""
    if not late(context, row):
        return await done(context, row)
    policy, facts = context.policy, await _facts(context, row)
    hours = show_length(policy.cancel_free.value, in_days=False)
    strike = {"key": "bookings.cancel.strike", "args": {"most": policy.strikes.value}}
    counts = policy.late_cancel_counts.value
    return Say(
        "bookings.cancel.late",
        {**facts, "hours": hours, "strike": strike if counts else None},
        items=({"label": {"key": "bookings.cancel.yes"}}, {"label": {"key": "bookings.cancel.no"}}),
        choices=(f"确认取消 {facts['number']}", facts["number"]),
    )


def late(context: Context, row: Booking) -> bool:
    """Whether calling it off now has consequences."""
    agreed = row.status is Status.APPROVED and row.free_until is not None
    return agreed and row.free_until is not None and context.now > row.free_until


@router.words("确认取消 {number:YY}", changes=True)
async def surely(context: Context, heard: Heard, number: int) -> Say:
    """Call one off, its consequences known. Raises NoSuchBooking, CantNow."""
    del heard
    row = await own.own(context, number)
    own.refuse_unless(row, "cancel")
    return await done(context, row)


async def done(context: Context, row: Booking) -> Say:
    """Call it off, and offer to take that back."""
    was_late = late(context, row)
    row = await booking.cancel(context.session, row, context.person.id, context.now)
    if was_late and context.policy.late_cancel_counts.value:
        kind = strike.Kind.LATE_CANCEL
        await strike.add(context.session, context.policy, row, kind, context.now)
    span = show_length(context.policy.undo.value)
    facts = await _facts(context, row)
    key = "bookings.cancel.done_late" if was_late else "bookings.cancel.done"
    return Say(key, {**facts, "span": span})


@router.words("撤销取消 {number:YY}", "恢复预约 {number:YY}", changes=True)
async def undo(context: Context, heard: Heard, number: int) -> Say:
    """Take back that it was called off, if that was just now and its time is still free."""
    del heard
    row = await own.own(context, number)
    session, policy, me = context.session, context.policy, context.person.id
    if row.status is not Status.CANCELLED:
        raise CantNow(f"YY{number}", own.state(row), {"key": "bookings.verb.undo"})
    rules = await terms.of(session, row.instrument_id, policy)
    try:
        row = await booking.undo(session, row, me, terms=rules, policy=policy, now=context.now)
    except Unfit as why:
        raise times.cant_be(row.instrument_id, own.period(row), why.reasons, why.nearest) from why
    await strike.excuse(session, row, UNDONE, me, context.now)
    return Say("bookings.cancel.undone", await _facts(context, row))


async def _facts(context: Context, row: Booking) -> dict[str, Any]:
    found = (await own.named(context, [row]))[row.instrument_id]
    return {
        **own.line(row, found, context.now),
        "instrument": instruments.label(found[0]),
        "yq": f"YQ{row.instrument_id}",
    }
