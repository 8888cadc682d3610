"""Who used what: written down by hand where nobody scanned, and told for research."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import Kind, one_of, whole, words
from bot.kit.moments import HERE, Past, Period, Scope, read_period, show_period
from bot.kit.reading import Unreadable, plain
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.visit import BOOKING, KEEPS
from store import booking as bookings
from store import instrument, record
from store.booking import Booking
from store.booking.reading import NoSuchBooking
from store.context import Context
from store.errors import Refused
from store.instrument import Instrument
from store.listing import By, NoSuchInstrument, hats
from store.record import Entry

router = Router("record")

WALK_IN = 0
"""Instead of a booking's number: somebody came without one."""
ALONE = {"whose": WALK_IN}
WITHOUT = "临时来用，没有预约"
LONGEST = 200
BACK = timedelta(days=250)
"""How far back a date without its year may lie."""
AHEAD = timedelta(days=30)
"""A date so far ahead, without its year, is rather that of the year before."""
NUMBER = re.compile(r"yy ?0*([0-9]{1,9})")
FUNDS = {
    "national": ("国家级", "国家自然科学基金", "国家重点研发计划"),
    "provincial": ("省部级", "省级"),
    "local": ("市县级", "市级", "县级"),
    "enterprise": ("企业委托", "横向"),
    "own": ("单位自筹", "自筹"),
    "other": ("其他",),
}
"""课题经费来源."""


@dataclass(eq=False)
class NotExact(Refused):
    """From when to when it was has to be said."""


@dataclass(eq=False)
class NotUsedYet(Refused):
    """A booking that nobody has used has no record to add to."""

    number: str


# By hand


async def _whose(context: Context, said: str, so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """Bookings of whose use nobody knows; and that there was none."""
    del said
    session, policy = context.session, context.policy
    rows = await record.open_bookings(session, policy, so_far.instrument, context.now)
    told = [Option(row.number, f"YY{row.number}", _line(row)) for row in rows]
    return [*told, Option(WALK_IN, WITHOUT)]


def _line(row: Booking) -> Facts:
    return {"period": _shown(*_span(row)), "status": {"key": f"record.status.{row.status}"}}


def _span(row: Booking) -> tuple[datetime, datetime]:
    """When a booking of time is; only such are asked for here."""
    if row.starts_at is None or row.ends_at is None:
        raise NotExact
    return row.starts_at, row.ends_at


def _shown(start: datetime, end: datetime) -> str:
    start, end = start.astimezone(HERE), end.astimezone(HERE)
    return show_period(Period(start, end, length=end - start))


async def _when(context: Context, said: str, so_far: Any) -> list[Option[list[str]]]:  # noqa: ANN401
    """As booked, or as the words say."""
    if so_far.whose:
        row = await bookings.present(context.session, so_far.whose)
        if row is not None and (not said or said == _shown(*_span(row))):
            return [_period(*_span(row))]
    return [_period(*_read(said, context))] if said else []


def _period(start: datetime, end: datetime) -> Option[list[str]]:
    return Option([start.isoformat(), end.isoformat()], _shown(start, end))


def _read(said: str, context: Context) -> tuple[datetime, datetime]:
    """A period that is over. Raises NotExact, and what reading a period raises."""
    now, before = context.now, context.now - BACK
    try:
        told = read_period(said, now, since=before)
    except Past:
        told = read_period(said, before)
    if told.start > now + AHEAD:
        told = read_period(said, before)
    if told.scope is not Scope.EXACT or told.end is None:
        raise NotExact
    return told.start, told.end


def _over(value: list[str], context: Context, _so_far: Any) -> None:  # noqa: ANN401
    start, end = map(datetime.fromisoformat, value)
    record.check_period(context.policy, start, end, context.now)


def _instrument(said: str, _now: datetime) -> int:
    found = re.fullmatch(r"(?:yq)? ?0*([0-9]{1,9})", plain(said))
    if found is None:
        raise Unreadable
    return int(found[1])


def _numbered(number: int) -> str:
    return f"YQ{number}"


INSTRUMENT: Kind[int] = Kind("instrument", _instrument, show=_numbered)


async def _mine(number: int, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    if await kept(context, number) is None:
        raise NoSuchInstrument(f"YQ{number}")


async def kept(context: Context, number: int) -> Instrument | None:
    """The instrument of a number, if the asker keeps it."""
    found = await instrument.load(context.session, number)
    if found is None or "keeper" not in hats(found[0], context.person.grants):
        return None
    return found[0]


class Use(Flow, name="record.use"):
    """Write down a use that nobody scanned."""

    instrument: int = ask(INSTRUMENT, check=_mine)
    whose: int = pick(_whose)
    visitor: str = ask(words(60), when=lambda so_far: so_far.whose == WALK_IN)
    period: list[str] = pick(_when, check=_over)
    samples: int = ask(whole(0, 100_000))
    content: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Write it down; who did not come after all did."""
        start, end = map(datetime.fromisoformat, self.period)
        entry = Entry(
            self.instrument,
            start,
            end,
            self.content,
            booking=self.whose or None,
            visitor=self.visitor,
            samples=self.samples or None,
        )
        by = By(context.person.id, context.person.grants)
        row = await record.record(context.session, context.policy, entry, by, context.now)
        excused = {"key": "record.excused"} if self.whose else None
        return Say("record.recorded", {"yq": self.instrument, "id": row.id, "excused": excused})


router.flow(Use, "登记使用", "补记使用", roles=KEEPS)


@router.words("登记使用 {number:YQ}", "登记使用 {number:YQ} {said}", roles=KEEPS)
@router.words("补记使用 {number:YQ}", "补记使用 {number:YQ} {said}", roles=KEEPS)
async def use(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Write a use down: `YY12`, a period, both or neither may stand in the line."""
    del heard
    if await kept(context, number) is None:
        raise NoSuchInstrument(f"YQ{number}")
    named, when = NUMBER.search(plain(said)), NUMBER.sub("", plain(said)).strip()
    told = {"whose": f"YY{named[1]}"} if named else {}
    known = {"instrument": number} | ({} if named or await _booked(context, number) else ALONE)
    return Begin(Use, known, told | ({"period": when} if when else {}))


async def _booked(context: Context, number: int) -> bool:
    """Whether it might have been a booking's use."""
    session, policy = context.session, context.policy
    return bool(await record.open_bookings(session, policy, number, context.now))


@router.words("登记使用 {number:YY}", "补记使用 {number:YY}", roles=KEEPS)
async def use_of_booking(context: Context, heard: Heard, number: int) -> Begin:
    """Write down the use of one booking."""
    del heard
    row = await bookings.present(context.session, number)
    if row is None or await kept(context, row.instrument_id) is None:
        raise NoSuchBooking(f"YY{number}")
    return Begin(Use, {"instrument": row.instrument_id}, {"whose": f"YY{number}"})


# For which research


class Research(Flow, name="record.research"):
    """Say for which research a use was."""

    booking: int = ask(BOOKING)
    project: str = ask(words(100))
    funds: str = ask(one_of(FUNDS))
    field: str = ask(words(40))

    async def finish(self, context: Context) -> Say:
        """Put it into the record. Raises NoSuchBooking, NotUsedYet."""
        row = await _own(context, self.booking)
        funds = FUNDS[self.funds][0]
        told = {"project": self.project, "funds": funds, "field": self.field}
        if not await record.describe(context.session, row, told, context.now):
            raise NotUsedYet(f"YY{self.booking}")
        return Say("record.described", {"number": self.booking})


async def _own(context: Context, number: int) -> Booking:
    """A booking of the asker's, or on an instrument that they keep. Raises NoSuchBooking."""
    row = await bookings.present(context.session, number)
    if row is not None and row.person_id == context.person.id:
        return row
    if row is None or await kept(context, row.instrument_id) is None:
        raise NoSuchBooking(f"YY{number}")
    return row


@router.words("课题 {number:YY}")
async def research(context: Context, heard: Heard, number: int) -> Begin:
    """Say for which research a booking's use was."""
    del heard
    await _own(context, number)
    return Begin(Research, {"booking": number})
