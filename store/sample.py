"""Samples sent in: received → testing → report ready → delivered, and lost or too few on the way.

A keeper who tells a later step has made the earlier ones: they are made good, and told once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import contract, event, usage
from store.booking import Booking, Mode, Status
from store.booking.reading import NoSuchBooking
from store.errors import Refused
from store.instrument import Instrument
from store.lifecycle import NotNow
from store.listing import By, ReasonMissing, hats
from store.person import Grant, Role
from store.policies import Policy
from store.usage import Source

LONGEST_REASON = 200
STEPS = ("receive", "test", "report", "deliver")
"""In their order."""
AFTER: Mapping[Status, str] = {
    Status.APPROVED: "receive",
    Status.LACKING: "receive",
    Status.RECEIVED: "test",
    Status.TESTING: "report",
    Status.REPORTED: "deliver",
}
"""The step that comes next."""
IN_HAND = (Status.RECEIVED, Status.TESTING, Status.REPORTED)
KEEPERS = (Role.KEEPER, Role.REPRESENTATIVE)


@dataclass(eq=False)
class NotSamples(Refused):
    """The booking is of time on the instrument."""

    number: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A step that was made, and when."""

    step: str
    at: datetime


async def kept(session: AsyncSession, number: int, by: By) -> Booking:
    """A booking on an instrument that the person keeps. Raises NoSuchBooking."""
    row = await bookings.present(session, number)
    instrument = None if row is None else await session.get(Instrument, row.instrument_id)
    if row is None or instrument is None or "keeper" not in hats(instrument, by.grants):
        raise NoSuchBooking(f"YY{number}")
    return row


async def step(
    session: AsyncSession, policy: Policy, verb: str, number: int, by: By, *, now: datetime
) -> Booking:
    """Go up to a step, through those before it.

    Raises NoSuchBooking, NotSamples, NotNow, ContractMissing.
    """
    row = await _samples(session, number, by)
    ahead = _ahead(row, verb)
    unsigned = await contract.missing(session, row)
    if unsigned is not None:
        raise unsigned
    for each in ahead:
        facts: dict[str, Any] = {} if each == verb else {"passed": True}
        why = "" if each == "receive" else None  # what was lacking is here now
        hat = frozenset({"keeper"})
        await bookings.move(session, row, each, hat, by.person_id, now, reason=why, facts=facts)
        await _use(session, policy, row, each, now)
    return row


async def lack(session: AsyncSession, number: int, reason: str, by: By, now: datetime) -> Booking:
    """Report samples as lost or too few. Raises NoSuchBooking, NotSamples, NotNow, ReasonMissing.

    The user sends more, and the samples are received again.
    """
    row = await _samples(session, number, by)
    words = " ".join(reason.split())
    if not 0 < len(words) <= LONGEST_REASON:
        raise ReasonMissing(longest=LONGEST_REASON)
    hat = frozenset({"keeper"})
    await bookings.move(session, row, "lack", hat, by.person_id, now, reason=words)
    return row


async def progress(session: AsyncSession, row: Booking) -> list[Reached]:
    """The steps made so far, each with its last moment, in the order of `STEPS`."""
    at: dict[str, datetime] = {}
    for one in await event.history(session, "booking", row.id):
        if one.verb in STEPS:
            at[one.verb] = one.at
        elif one.verb == "lack":
            at.clear()
    return [Reached(verb, at[verb]) for verb in STEPS if verb in at]


async def in_hand(
    session: AsyncSession, grants: Iterable[Grant], limit: int
) -> Sequence[tuple[Booking, str]]:
    """Samples that a unit has and has not delivered, the longest untouched first; what of."""
    units = {grant.organisation_id for grant in grants if grant.role in KEEPERS}
    here = Booking.organisation_id.in_({unit for unit in units if unit is not None})
    query = (
        select(Booking, Instrument.name)
        .join(Instrument, Instrument.id == Booking.instrument_id)
        .where(here, Booking.mode == Mode.SAMPLE, Booking.status.in_(IN_HAND))
        .order_by(Booking.changed_at, Booking.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def _samples(session: AsyncSession, number: int, by: By) -> Booking:
    row = await kept(session, number, by)
    if row.mode is not Mode.SAMPLE:
        raise NotSamples(f"YY{number}")
    return row


def _ahead(row: Booking, verb: str) -> list[str]:
    """The steps from where the booking stands up to one."""
    following = AFTER.get(row.status)
    if following is None or STEPS.index(verb) < STEPS.index(following):
        raise NotNow(verb=verb, status=row.status)
    return list(STEPS[STEPS.index(following) : STEPS.index(verb) + 1])


async def _use(
    session: AsyncSession, policy: Policy, row: Booking, verb: str, now: datetime
) -> None:
    """Testing is a use: it begins with the test and ends with the report."""
    used = await usage.of(session, row.id)
    if verb == "test" and used is None:
        await usage.begin(session, policy, row, Source.SAMPLES, now)
    elif verb == "report" and used is not None:
        await usage.end(session, used, now, now)
