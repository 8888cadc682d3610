"""`停用 YQ12 保养`, `停用 YQ12 明天全天 保养`: who is hit is told before it is confirmed."""

from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.answering.facts import by
from handlers.booking import instruments
from handlers.closing import reading
from handlers.closing.reading import SPAN
from store import answering, closing
from store.context import Context
from store.listing import LONGEST_REASON
from store.person import Role

router = Router("closing")

KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})
NAMED = 6
"""Bookings that a summary names."""


async def _theirs(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    rows = await closing.theirs(context.session, context.person.grants, said)
    return [Option(row.id, instruments.label(row)) for row in rows]


def _worded(said: str, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    del context
    answering.worded(said)


class Pause(Flow, name="closing.pause"):
    """Take an instrument out of use."""

    instrument: int = pick(_theirs)
    span: str = ask(SPAN)
    reason: str = ask(words(LONGEST_REASON), check=_worded)

    async def summary(self, context: Context) -> Facts:
        """Whom it hits."""
        span = reading.load(self.span)
        hit = await closing.hit(context.session, self.instrument, span, context.now)
        if not hit:
            return {"hit": {"key": "closing.nobody"}}
        args = _counted(hit) | {"named": [f"YY{row.number}" for row in hit[:NAMED]]}
        more = {"key": "closing.and_more"} if len(hit) > NAMED else None
        return {"hit": {"key": "closing.hit", "args": args | {"more": more}}}

    async def finish(self, context: Context) -> Say:
        """Do it; the users are told unless it is taken back at once."""
        span = reading.load(self.span)
        done = await closing.close(
            context.session, self.instrument, span, self.reason, by(context), context.now
        )
        hit, number = done.called_off, f"YQ{self.instrument}"
        minutes = int(context.policy.undo.value.total_seconds()) // 60
        undo = {"key": "closing.undo", "args": {"number": number, "minutes": minutes}}
        args = {
            "number": number,
            "span": reading.show(self.span),
            "hit": {"key": "closing.called_off", "args": _counted(hit)} if hit else None,
            "undo": undo if hit else None,
        }
        return Say(f"closing.closed.{'span' if span else 'open'}", args)


def _counted(rows: Any) -> dict[str, Any]:  # noqa: ANN401 - bookings
    return {"count": len(rows), "people": len({row.person_id for row in rows})}


@router.words("停用 {number:YQ}", "停用 {number:YQ} {said}", roles=KEEPS)
async def pause(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Begin with all that the line says. Raises NoSuchInstrument for another's alike."""
    del heard
    await closing.one(context.session, number, by(context))
    known: dict[str, Any] = {"instrument": number}
    if not said:
        return Begin(Pause, known)
    line = reading.line(said, context.now)
    typed = {"reason": line.reason} if line.reason else {}
    if line.span is None:
        return Begin(Pause, known, typed | {"span": line.when})
    return Begin(Pause, known | {"span": line.span}, typed)


@router.words("停用", "停用 {said}", roles=KEEPS, apart=True)
async def which(context: Context, heard: Heard, said: str = "") -> Begin:
    """Begin; the words may name the instrument."""
    del context, heard
    return Begin(Pause, {}, {"instrument": said} if said else {})
