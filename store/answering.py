"""Who answers a request for an instrument, and with what: yes, no, another time.

A request goes to the keepers of the instrument's organisation; where there is none, to its
representatives; where nobody is bound, to the bureau.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import listing, terms
from store.booking import LIFECYCLE, Booking, Status
from store.booking.reading import NoSuchBooking
from store.errors import Refused
from store.instrument import Instrument
from store.lifecycle import NotNow, NotYours
from store.listing import LONGEST_REASON, By, ReasonMissing
from store.person import Grant, Person, Role, RoleGrant
from store.policies import Policy

S = Status
SHORTEST_REASON = 2
"""Letters: a lone digit is a slip of the thumb, not a reason."""
SHOWN = 200
WAITS = frozenset({S.REQUESTED, S.OFFERED})
"""Somebody's answer is waited for."""
VERBS = frozenset(move.verb for move in LIFECYCLE) | {"request"}
"""What changes a booking: other events only tell of it."""


@dataclass(eq=False)
class Decided(Refused):
    """It was answered, taken back or over before; `at` is when, `by` the person who did it."""

    number: int
    status: str
    at: datetime
    by: int | None


# Whom a request goes to


@dataclass(frozen=True, slots=True)
class Answerers:
    """Who is asked for an answer, and as what."""

    role: Role
    persons: tuple[int, ...]


async def answerers(session: AsyncSession, instrument_id: int) -> Answerers:
    """Keepers of an instrument's organisation, else its representatives, else the bureau.

    Whoever does not follow any more is not asked. The bureau may have nobody bound either.
    """
    where = (
        await session.execute(
            select(Instrument.organisation_id, Instrument.county_id).where(
                Instrument.id == instrument_id
            )
        )
    ).one()
    for role in (Role.KEEPER, Role.REPRESENTATIVE):
        found = await _holders(session, role, RoleGrant.organisation_id == where.organisation_id)
        if found:
            return Answerers(role, found)
    return Answerers(Role.BUREAU, await bureau(session, where.county_id))


async def bureau(session: AsyncSession, county_id: int | None) -> tuple[int, ...]:
    """Those of the bureau who look after a county, or after the whole region."""
    county = RoleGrant.county_id.is_(None) | (RoleGrant.county_id == county_id)
    return await _holders(session, Role.BUREAU, county)


async def _holders(
    session: AsyncSession, role: Role, where: ColumnElement[bool]
) -> tuple[int, ...]:
    query = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == role, _holds(), where)
    )
    found = await session.scalars(query.distinct().order_by(RoleGrant.person_id))
    return tuple(found)


def _holds() -> ColumnElement[bool]:
    there = Person.left_at.is_(None) & Person.forgotten_at.is_(None)
    return and_(RoleGrant.ended_at.is_(None), there)


def bound(organisation_id: Any, *roles: Role) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Whether somebody who follows holds one of these roles for an organisation."""
    return exists(
        select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.organisation_id == organisation_id, RoleGrant.role.in_(roles), _holds())
    )


def organisations(grants: Iterable[Grant], *roles: Role) -> list[int]:
    """The organisations for which somebody holds one of these roles."""
    held = {grant.organisation_id for grant in grants if grant.role in roles}
    return sorted(number for number in held if number is not None)


def overseen(grants: Iterable[Grant], county_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether a column's county is one that somebody of the bureau looks after."""
    counties = {grant.county_id for grant in grants if grant.role is Role.BUREAU}
    if None in counties:
        return true()
    return in_(county_id, sorted(each for each in counties if each is not None))


def in_(column: Any, values: Collection[Any]) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Whether a column's value is one of these."""
    found: ColumnElement[bool] = column.in_(values) if values else false()
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for an answer."""

    booking: Booking
    instrument: Instrument


async def waiting(
    session: AsyncSession, grants: Collection[Grant], now: datetime, limit: int = SHOWN
) -> list[Waiting]:
    """Requests that somebody with these grants is to answer, the most urgent first.

    Representatives are asked where there is no keeper, or where the keeper is late.
    """
    theirs = Booking.organisation_id
    unkept = ~bound(theirs, Role.KEEPER) | (Booking.answer_by <= now)
    nobody = ~bound(theirs, Role.KEEPER, Role.REPRESENTATIVE)
    mine = or_(
        in_(theirs, organisations(grants, Role.KEEPER)),
        in_(theirs, organisations(grants, Role.REPRESENTATIVE)) & unkept,
        overseen(grants, Instrument.county_id) & nobody,
    )
    query = (
        select(Booking, Instrument)
        .join(Instrument, Instrument.id == Booking.instrument_id)
        .where(Booking.status == S.REQUESTED, mine)
        .order_by(Booking.answer_by, Booking.id)
        .limit(limit)
    )
    return [Waiting(row[0], row[1]) for row in await session.execute(query)]


# What is answered


def last_moment(row: Booking) -> datetime | None:
    """By when a request must be answered: in policy's time, and while its period is held."""
    return min(filter(None, (row.answer_by, row.hold_until)), default=None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking as somebody who has to do with it sees it."""

    booking: Booking
    instrument: Instrument
    hats: frozenset[str]
    """`user`, `keeper`, `bureau`."""


async def see(session: AsyncSession, number: int, by: By) -> Seen:
    """A booking by its number. Raises NoSuchBooking, also for whom it does not concern."""
    row = await bookings.present(session, number)
    if row is None:
        raise NoSuchBooking(f"YY{number}")
    instrument = await session.get_one(Instrument, row.instrument_id)
    worn = listing.hats(instrument, by.grants)
    if row.person_id == by.person_id:
        worn |= {"user"}
    if not worn:
        raise NoSuchBooking(f"YY{number}")
    return Seen(row, instrument, worn)


async def agree(session: AsyncSession, number: int, by: By, now: datetime) -> Booking:
    """Say yes: as keeper to a request, as user to an offer.

    Raises NoSuchBooking, NotYours, Decided.
    """
    seen = await see(session, number, by)
    verb = "accept" if seen.booking.status is S.OFFERED else "approve"
    return await _move(session, seen, verb, by, now)


async def decline(
    session: AsyncSession, number: int, reason: str, by: By, now: datetime
) -> Booking:
    """Say no: as keeper to a request, with a reason; as user to an offer, which ends it.

    Raises NoSuchBooking, NotYours, Decided, ReasonMissing.
    """
    seen = await see(session, number, by)
    if seen.booking.status is S.OFFERED and "user" in seen.hats:
        return await _move(session, seen, "cancel", by, now)
    if "keeper" not in seen.hats:
        raise NotYours(verb="reject")
    return await _move(session, seen, "reject", by, now, reason=worded(reason))


async def call_off(
    session: AsyncSession, number: int, reason: str, by: By, now: datetime
) -> Booking:
    """Call off a booking that was agreed, as keeper, with a reason.

    Raises NoSuchBooking, NotYours, Decided, ReasonMissing.
    """
    seen = await see(session, number, by)
    return await _move(session, seen, "abort", by, now, reason=worded(reason))


async def offer(
    session: AsyncSession,
    number: int,
    span: tuple[datetime, datetime],
    by: By,
    policy: Policy,
    now: datetime,
) -> Booking:
    """Offer another time, as keeper; the user has to agree.

    Raises NoSuchBooking, NotYours, Decided, Unfit.
    """
    seen = await see(session, number, by)
    if "keeper" not in seen.hats:
        raise NoSuchBooking(f"YY{number}")
    _in_time(seen.booking, now)
    try:
        return await bookings.reschedule(
            session,
            seen.booking,
            *span,
            by="keeper",
            hats=seen.hats,
            actor_id=by.person_id,
            terms=await terms.of(session, seen.booking.instrument_id, policy),
            policy=policy,
            now=now,
        )
    except NotNow:
        raise await stale(session, number) from None


def worded(reason: str) -> str:
    """A reason that users can read, tidied. Raises ReasonMissing."""
    words = " ".join(reason.split())
    if sum(map(str.isalpha, words)) < SHORTEST_REASON or len(words) > LONGEST_REASON:
        raise ReasonMissing(longest=LONGEST_REASON)
    return words


async def _move(
    session: AsyncSession,
    seen: Seen,
    verb: str,
    by: By,
    now: datetime,
    *,
    reason: str | None = None,
) -> Booking:
    if verb in ("approve", "accept"):
        _in_time(seen.booking, now)
    try:
        return await bookings.move(
            session, seen.booking, verb, seen.hats, by.person_id, now, reason=reason
        )
    except NotNow:
        raise await stale(session, seen.booking.number) from None


def _in_time(row: Booking, now: datetime) -> None:
    """Refuse what has begun, or whose hold is over: others may have been told that it is free."""
    over = min(filter(None, (row.starts_at, row.hold_until)), default=None)
    if row.status in WAITS and over is not None and over <= now:
        raise Decided(row.number, S.EXPIRED, over, None)


async def stale(session: AsyncSession, number: int) -> Decided:
    """How it stands now, who made it so, and when."""
    row = await bookings.present(session, number)
    if row is None:  # its last row was exchanged for another just now, which somebody will see
        raise NoSuchBooking(f"YY{number}")
    moves = [each for each in await bookings.history(session, number) if each.verb in VERBS]
    last = moves[-1]
    return Decided(number, row.status, last.at, last.actor_id)
