"""What is shown of a ticket: in a line, as a card, and to whom."""

import re
from datetime import datetime
from typing import Any

from bot.kit.kinds import Kind
from bot.kit.moments import HERE, show_date, show_moment
from bot.kit.reading import Unreadable, plain
from bot.kit.say import Facts, Say
from handlers.search import NUMBER
from store import instrument, organisation, ticket
from store.context import Context
from store.listing import NoSuchInstrument
from store.ticket import Here, NoSuchTicket, Side, Status, Ticket, Word

BOOKING = re.compile(r"(?<![a-z0-9])yy[ -]?([0-9]{1,9})(?![0-9])")
"""A booking's number among other words, in plain writing."""
INSTRUMENT_NUMBER = re.compile(r"YQ([0-9]{1,9})")
LINE = 24
"""Characters of somebody's words that a line shows."""


def here(context: Context) -> Here:
    """The context as the store's verbs on tickets want it."""
    return Here(context.session, context.secret, context.policy, context.now)


def _number(said: str, _now: datetime) -> str:
    named = NUMBER.search(plain(said))
    if named is None:
        raise Unreadable
    return f"YQ{int(named[1])}"


INSTRUMENT: Kind[str] = Kind("instrument", _number)


async def known(number: str, context: Context, _so_far: Any) -> None:  # noqa: ANN401 - any flow's
    """Whether there is such an instrument; raises NoSuchInstrument."""
    named = INSTRUMENT_NUMBER.fullmatch(number)
    if named is None or not await instrument.homes(context.session, [int(named[1])]):
        raise NoSuchInstrument(number=number)


async def seen(context: Context, number: int, typed: str) -> tuple[Ticket, frozenset[Side]]:
    """A ticket and as what the asker may speak; raises NoSuchTicket for what they may not see."""
    row = await ticket.find(context.session, number)
    letters = "XQ" if "xq" in plain(typed) else "GD"
    if row is None or not row.number.startswith(letters):
        raise NoSuchTicket(number=f"{letters}{number}")
    worn = await ticket.sides(context.session, row, context.person.id, context.person.grants)
    if not worn:
        raise NoSuchTicket(number=row.number)
    return row, worn


async def brief(context: Context, row: Ticket) -> Facts:
    """What a line shows."""
    first = await _first(context, row)
    return {
        "number": row.number,
        "kind": {"key": f"ticket.kind.{row.kind}"},
        "status": {"key": f"ticket.status.{row.status}"},
        "by": show_moment(row.answer_by),
        "text": _short(first.text) if first and first.text else {"key": "ticket.forgotten"},
        "about": await _about(context, row),
    }


async def _first(context: Context, row: Ticket) -> Word | None:
    said = await ticket.words(context.session, context.secret, row)
    return said[0] if said else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


async def _about(context: Context, row: Ticket) -> str | None:
    """The instrument or organisation it is about."""
    if row.instrument_id is not None:
        loaded = await instrument.load(context.session, row.instrument_id)
        return f"{loaded[0].name}（YQ{row.instrument_id}）" if loaded else None
    if row.organisation_id is not None:
        return (await organisation.names(context.session, [row.organisation_id])).get(
            row.organisation_id
        )
    return None


async def answerer(context: Context, row: Ticket) -> str | Facts:
    """Who is to answer: the bureau, an organisation, or those that could serve a demand."""
    if row.status is Status.AT_BUREAU:
        return context.policy.names.bureau
    if row.organisation_id is not None:
        found = await organisation.names(context.session, [row.organisation_id])
        return found[row.organisation_id]
    return {"key": "ticket.whoever"}


async def whole(context: Context, row: Ticket, sides: frozenset[Side]) -> Say:
    """All that was said, and what the asker can do now."""
    said = await ticket.words(context.session, context.secret, row)
    names = await organisation.names(
        context.session, {word.organisation_id for word in said if word.organisation_id}
    )
    waits = row.status in (Status.OPEN, Status.AT_BUREAU)
    next_ = {"key": f"ticket.next.{_turn(row, sides)}", "args": {"number": row.number}}
    return Say(
        "ticket.card",
        {
            "number": row.number,
            "kind": {"key": f"ticket.kind.{row.kind}"},
            "status": {"key": f"ticket.status.{row.status}"},
            "about": await _about(context, row),
            "to": await answerer(context, row) if waits else None,
            "by": show_moment(row.answer_by) if waits else None,
            "score": row.score,
            "next": next_,
        },
        items=tuple(_line(context, word, names, sides) for word in said),
    )


def _line(
    context: Context, word: Word, names: dict[int, str], sides: frozenset[Side]
) -> dict[str, Any]:
    who: Any = names.get(word.organisation_id or 0)
    if word.side is Side.BUREAU:
        who = context.policy.names.bureau
    elif word.side is Side.USER:
        who = {"key": "ticket.you" if Side.USER in sides else "ticket.user"}
    return {
        "who": who,
        "day": show_date(word.at.astimezone(HERE).date()),
        "text": word.text or {"key": "ticket.forgotten"},
    }


def _turn(row: Ticket, sides: frozenset[Side]) -> str:
    """Which next steps fit: whose turn it is, and who asks."""
    if row.status in (Status.RESOLVED, Status.WITHDRAWN):
        return "closed"
    if Side.USER in sides:
        return "user_answered" if row.status is Status.ANSWERED else "user_waits"
    if row.status is Status.AT_BUREAU:
        return "bureau" if Side.BUREAU in sides else "waits"
    demand = row.kind is ticket.Kind.DEMAND
    if Side.ANSWERER in sides and (demand or row.status is Status.OPEN):
        return "demand" if demand else "answerer"
    return "waits"
