"""Which instrument is meant, and how it may be used."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from bot.kit.flow import Option
from bot.kit.moments import HERE
from bot.kit.reading import plain
from handlers.search import NUMBER
from store import customs, instrument, strike, tariff
from store.booking.table import Group
from store.card import modes as mode_words
from store.context import Context
from store.errors import Refused
from store.instrument import Instrument, Row, Status
from store.listing import NoSuchInstrument
from store.policies import Policy

MOST = 24
MODES = ("self", "sample", "joint")
UNSAID = ("self", "sample")
"""What may be asked for where the ledger does not say how an instrument is used."""


@dataclass(eq=False)
class Paused(Refused):
    """The instrument is out of use for a while."""

    title: str
    number: str
    reason: str


@dataclass(eq=False)
class Withdrawn(Refused):
    """The instrument has left the ledger."""

    title: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """An instrument as a flow's answer holds it."""

    number: int
    modes: tuple[str, ...]

    @classmethod
    def of(cls, value: str) -> "Chosen":
        """Back from the answer."""
        name, *codes = value.split()
        return cls(int(name[2:]), tuple(codes))


def value_of(row: Instrument) -> str:
    """`YQ12 self sample`: the number, and how it may be used."""
    named = [code for code in MODES if code in row.service_modes]
    return " ".join([f"YQ{row.id}", *(named or UNSAID)])


def title(row: Instrument) -> str:
    """Name and model."""
    return " ".join(filter(None, (row.name, row.model)))


def label(row: Instrument) -> str:
    """`三坐标测量机 GLOBAL（YQ12）`: as lists show it and words find it again."""
    return LABEL.format(title=title(row), number=row.id)


LABEL = "{title}\uff08YQ{number}\uff09"


def mode_label(code: str) -> str:
    """A way to use it, as lists show it."""
    return mode_words([code], form="short") or code


async def found(context: Context, said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    """The instrument of a number, or those that the words find. Raises NoSuchInstrument."""
    named = NUMBER.search(plain(said))
    if named is not None:
        return [_option(await one(context, int(named[1])))]
    if not said:
        return []
    numbers = context.catalogue.find(said).ids[:MOST]
    rows = await instrument.several(context.session, numbers)
    return [_option(row) for row in rows if row[0].status is not Status.WITHDRAWN]


async def one(context: Context, number: int) -> Row:
    """An instrument with all that it belongs to. Raises NoSuchInstrument."""
    read = partial(instrument.load, context.session, number)
    row = await context.once(("instrument", number), read)
    if row is None:
        raise NoSuchInstrument(number=f"YQ{number}")
    return row


def _option(row: Row) -> Option[str]:
    first, unit, county = row
    place = county.name[:-1] if county and len(county.name) > 2 else county and county.name
    facts = {
        "organisation": unit.name,
        "place": place,
        "fee": first.fee,
        "modes": mode_words(first.service_modes, form="short"),
        "paused": {"key": "search.paused"} if first.status is Status.PAUSED else None,
    }
    return Option(value_of(first), label(first), facts)


async def open_to_all(value: str, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """Refuse what can't be booked at all just now. Raises Paused, Withdrawn, strike.Closed."""
    await refuse_closed(context, (await one(context, Chosen.of(value).number))[0])


async def refuse_closed(context: Context, row: Instrument) -> None:
    """Refuse what nobody, or not this person, can book.

    Raises Paused, Withdrawn, Closed, CustomsSupervised.
    """
    me = context.person.id
    shut = partial(strike.closed, context.session, context.policy, me, context.now)
    if why := await context.once(("closed", me), shut):
        raise why
    if row.status is Status.PAUSED:
        raise Paused(title(row), f"YQ{row.id}", row.reason or "")
    if row.status is Status.WITHDRAWN:
        raise Withdrawn(title(row), f"YQ{row.id}", row.name)
    whose = await group(context, row)
    bars = partial(customs.bars, context.session, row, whose, *_on(context))
    if barred := await context.once(("customs", row.id, me), bars):
        raise barred


async def group(context: Context, row: Instrument) -> Group:
    """As whose the asker uses it."""
    return (await belongs(context, row))[0]


async def belongs(context: Context, row: Instrument) -> tuple[Group, int | None]:
    """As whose the asker uses it, and the employer that gives it."""
    me, unit = context.person.id, row.organisation_id
    read = partial(tariff.group_of, context.session, me, unit, context.now)
    return await context.once(("group", me, unit), read)


async def customs_purpose(said: str, context: Context, so_far: Any) -> None:  # noqa: ANN401
    """Refuse what the customs let nobody else use it for. Raises CustomsPurpose."""
    if so_far.instrument:
        row = (await one(context, so_far.number))[0]
        if why := customs.unfit(row, await group(context, row), said, *_on(context)):
            raise why


def _on(context: Context) -> tuple[Policy, date]:
    return context.policy, context.now.astimezone(HERE).date()
