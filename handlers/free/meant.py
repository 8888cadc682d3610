"""What is meant by words about free time: the instrument, the time."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.kit import intents, moments
from bot.kit.moments import Period
from bot.kit.reading import Unreadable
from bot.kit.say import Facts, Say
from handlers import search
from handlers.booking import reading, times
from store.context import Context
from store.errors import Refused
from store.instrument import Instrument, load
from store.listing import NoSuchInstrument
from store.stretch import moment
from store.terms import Terms

USUAL = timedelta(hours=2)
NUMBER = re.compile(r"YQ(\d{1,9})", re.ASCII)
MOST = 60
"""Instruments that are looked through for free time."""


def which(context: Context, thing: str, command: str = "空闲") -> Say:
    """The instruments that words mean: a number asks for that one."""
    listed = search.answer(context, thing)
    if not listed.choices:
        return listed
    asked = tuple(f"{command} {number}" for number in listed.choices)
    return replace(listed, args={**listed.args, "tail": {"key": "free.which"}}, choices=asked)


def several(context: Context, thing: str) -> list[int]:
    """The instruments that words mean; without words, those of the list last shown."""
    listed = search.answer(context, thing).choices if thing else _shown(context)
    named = (NUMBER.search(each) for each in listed)
    return [int(found[1]) for found in named if found][:MOST]


def _shown(context: Context) -> tuple[str, ...]:
    choices: tuple[str, ...] = tuple(context.shown.get("choices", ()))
    return choices


def number_of(listed: Say) -> int:
    """The instrument of a list that has one."""
    return int(listed.choices[0].rpartition("YQ")[2])


def timed(one: Instrument, period: Period) -> Facts:
    """A time, as it is shown and as it is typed."""
    typed = moments.show_period(replace(period, length=None))
    return {"when": moments.show_period(period), "typed": f"YQ{one.id} {typed}"}


async def row(context: Context, number: int) -> Instrument:
    """One instrument; raises NoSuchInstrument."""
    found = await load(context.session, number)
    if found is None:
        raise NoSuchInstrument(number=f"YQ{number}")
    return found[0]


def wanted(said: str, now: datetime, held: Terms) -> Period | Refused | None:
    """The time that is meant; what it cannot be; nothing where none was said."""
    if not said.strip():
        return None
    try:
        return moments.read_period(said, now, times.fitting(held), loose=True)
    except Unreadable:
        return None if not intents.reader().parts(said).when else Unreadable()
    except Refused as why:
        first = next(iter(getattr(why, "suggestions", ())), None)
        return first or why


def exact(wished: Period, held: Terms) -> Period:
    """From start to end: of a beginning only, as long as is usual."""
    if wished.end is not None:
        return wished
    length = min(max(USUAL, held.shortest), held.longest)
    return reading.of(wished.start, wished.start + length)


def titled(one: Instrument) -> Facts:
    """Its name and number."""
    title = " ".join(filter(None, (one.name, one.model)))
    return {"title": title, "number": f"YQ{one.id}"}


def times_of(start: int, end: int) -> Period:
    """A time between two minutes."""
    return reading.of(moment(start), moment(end))
