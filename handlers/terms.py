"""`预约设置 YQ12`: a keeper sets when and how an instrument is booked; `撤销设置` takes it back."""

from typing import Any

from bot.kit import moments
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import one_of, words
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import terms_values as values
from handlers.answering.facts import by
from handlers.booking import instruments
from handlers.closing.pause import KEEPS
from store import closing
from store.context import Context
from store.opening import Hours, Opening, read
from store.terms import change

router = Router("terms")
LONGEST = 200


async def _theirs(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    rows = await closing.theirs(context.session, context.person.grants, said)
    return [Option(row.id, instruments.label(row)) for row in rows]


def _readable(said: str, context: Context, so_far: Any) -> None:  # noqa: ANN401 - the flow
    """Raises a refusal where the words are no value of the term."""
    if so_far.what == "hours":
        values.hours(said)
    elif so_far.what == "special":
        values.special(said, context.now)
    else:
        values.value(so_far.what, said)


class Set(Flow, name="terms.set"):
    """Set one term of an instrument."""

    instrument: int = pick(_theirs)
    what: str = ask(one_of(values.names()))
    value: str = ask(words(LONGEST), check=_readable)

    async def summary(self, context: Context) -> Facts:
        """How hours and days are read."""
        if self.what == "hours":
            said = values.hours(self.value)
            return {"read": _hours_read(read(said)) if said else None}
        if self.what == "special":
            special = values.special(self.value, context.now)
            spans = _spans(special.hours) or {"key": "terms.reads.closed"}
            days = moments.show_day(special.first)
            if special.last > special.first:
                days += f"–{moments.show_day(special.last)}"
            return {"read": {"key": "terms.reads.special", "args": {"days": days, "spans": spans}}}
        return {}

    async def finish(self, context: Context) -> Say:
        """Do it."""
        who, now, session = by(context), context.now, context.session
        if self.what == "hours":
            await change.set_hours(session, self.instrument, values.hours(self.value), who, now)
        elif self.what == "special":
            special = values.special(self.value, now)
            await change.set_special(session, self.instrument, special, who, now)
        else:
            term = (self.what, values.value(self.what, self.value))
            await change.set_term(session, self.instrument, term, who, now)
        minutes = int(context.policy.undo.value.total_seconds()) // 60
        facts = {"what": values.label(self.what), "value": self.value, "minutes": minutes}
        return Say("terms.done", {**facts, "number": f"YQ{self.instrument}"})


def _hours_read(opening: Opening) -> Facts:
    """The week as it was read, days with the same hours together."""
    names = values.weekdays()
    groups: dict[Hours, list[str]] = {}
    for day in range(7):
        if hours := opening.table[day * 3]:
            groups.setdefault(hours, []).append(names[day])
    days = [
        {"key": "terms.reads.day", "args": {"day": days, "spans": _spans(hours)}}
        for hours, days in groups.items()
    ]
    said = {"key": "terms.reads.unread", "args": {"words": list(opening.unread)}}
    unread = said if opening.unread else None
    return {"key": "terms.reads", "args": {"days": days, "unread": unread}}


def _spans(hours: Hours) -> list[str]:
    return [f"{a // 60}:{a % 60:02}–{b // 60}:{b % 60:02}" for a, b in hours]


@router.words("预约设置 {number:YQ}", "预约设置 {number:YQ} {said}", roles=KEEPS)
async def set_one(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Begin with all that the line says. Raises NoSuchInstrument for another's alike."""
    del heard
    await change.keeps(context.session, number, by(context))
    what, rest = values.split(said)
    known: dict[str, Any] = {"instrument": number} | ({"what": what} if what else {})
    return Begin(Set, known, {"value": rest} if what and rest else {})


@router.words("预约设置", "预约设置 {said}", roles=KEEPS, apart=True)
async def which(context: Context, heard: Heard, said: str = "") -> Begin:
    """Begin; the words may name the instrument."""
    del context, heard
    return Begin(Set, {}, {"instrument": said} if said else {})


@router.words("撤销设置 {number:YQ}", roles=KEEPS, changes=True)
async def undo(context: Context, heard: Heard, number: int) -> Say:
    """Take back what one just set. Raises NothingToUndo, NoSuchInstrument."""
    del heard
    name = await change.undo(context.session, number, by(context), context.policy, context.now)
    return Say("terms.undone", {"number": f"YQ{number}", "what": values.label(name)})
