"""`启用 YQ12`: back into use; `撤销停用 YQ12`: as if nothing had been."""

from collections.abc import Sequence

from bot.kit.heard import Heard
from bot.kit.say import Say
from handlers.answering.facts import by
from handlers.booking import instruments
from handlers.booking import reading as times
from handlers.closing import reading
from handlers.closing.pause import KEEPS, router
from store import closing
from store.booking import Outage
from store.context import Context


@router.words("启用 {number:YQ}", roles=KEEPS, changes=True)
async def resume(context: Context, heard: Heard, number: int) -> Say:
    """End the pause or the outage; with several to come, choose. Raises NotClosed."""
    del heard
    done = await closing.reopen(context.session, number, by(context), context.now)
    if done.choose:
        return _choose(number, done.choose)
    rest = [] if done.ended else await closing.outages(context.session, number, context.now)
    kind = "resumed" if done.resumed else "ended"
    args = {"number": f"YQ{number}", "rest": [_when(each) for each in rest] or None}
    return Say(f"closing.{kind}", args)


def _number(instrument_id: int) -> str:
    return f"YQ{instrument_id}"


def _when(outage: Outage) -> str:
    return reading.show(times.dump(times.of(outage.starts_at, outage.ends_at)))


def _choose(number: int, several: Sequence[Outage]) -> Say:
    return Say(
        "closing.several",
        {"number": f"YQ{number}"},
        items=tuple({"when": _when(each), "reason": each.reason} for each in several),
        choices=tuple(f"结束停用 {each.id}" for each in several),
    )


@router.words("启用", roles=KEEPS)
async def which(context: Context, heard: Heard) -> Say:
    """What is out of use now, to be put back."""
    del heard
    rows = await closing.closed(context.session, context.person.grants, context.now)
    return Say(
        "closing.which" if rows else "closing.none",
        items=tuple({"label": instruments.label(row)} for row in rows[:8]),
        choices=tuple(f"启用 {_number(row.id)}" for row in rows[:8]),
    )


@router.words("结束停用 {n:int}", roles=KEEPS, changes=True)
async def end(context: Context, heard: Heard, n: int) -> Say:
    """End one outage of several."""
    del heard
    outage = await closing.end(context.session, n, by(context), context.now)
    return Say("closing.one_ended", {"number": f"YQ{outage.instrument_id}", "when": _when(outage)})


@router.words("撤销停用 {number:YQ}", roles=KEEPS, changes=True)
async def undo(context: Context, heard: Heard, number: int) -> Say:
    """Take it back just after, with the bookings that it called off. Raises TooLateToReopen."""
    del heard
    policy = context.policy
    done = await closing.undo(context.session, number, by(context), policy, context.now)
    args = {
        "number": f"YQ{number}",
        "restored": [f"YY{row.number}" for row in done.restored] or None,
        "lost": [f"YY{row.number}" for row in done.lost] or None,
    }
    return Say("closing.undone", args)
