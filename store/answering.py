"""What is answered to a request for an instrument: yes, no, another time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import listing, terms
from store.booking import LIFECYCLE, Booking, Status
from store.booking.reading import NoSuchBooking
from store.charge import HIGHEST, AmountUnfit
from store.errors import Refused
from store.instrument import Instrument
from store.lifecycle import NotNow, NotYours
from store.listing import LONGEST_REASON, By, ReasonMissing
from store.person import Grant, Role
from store.policies import Policy
from store.routing import bound, in_, organisations, overseen
from store.tariff import needs_quote

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


# What waits


@dataclass(eq=False)
class QuoteFirst(Refused):
    """Its price is to be named by the keeper, and agreed to by the user, before it is agreed."""

    number: str


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

    Raises NoSuchBooking, NotYours, Decided, QuoteFirst.
    """
    seen = await see(session, number, by)
    verb = "accept" if seen.booking.status is S.OFFERED else "approve"
    if verb == "approve" and "keeper" in seen.hats and unpriced(seen.booking):
        raise QuoteFirst(f"YY{number}")
    return await _move(session, seen, verb, by, now)


def unpriced(row: Booking) -> bool:
    """Whether its price is still to be named by the keeper (按项目议价)."""
    waits = row.status is S.REQUESTED and row.estimate_fen is None
    return waits and "prices" in row.price and needs_quote(row.price)


async def quote(session: AsyncSession, number: int, fen: int, by: By, now: datetime) -> Booking:
    """Name the price of a request, as keeper; the user has to agree.

    Raises NoSuchBooking, NotYours, Decided, AmountUnfit.
    """
    seen = await see(session, number, by)
    if "keeper" not in seen.hats:
        raise NoSuchBooking(f"YY{number}")
    if not 0 <= fen <= HIGHEST:
        raise AmountUnfit
    _in_time(seen.booking, now)
    given = (session, seen.booking, "offer", seen.hats, by.person_id, now)
    try:
        return await bookings.move(*given, facts={"price": fen}, estimate_fen=fen)
    except NotNow:
        raise await stale(session, number) from None


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
