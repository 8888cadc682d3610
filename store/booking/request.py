"""Asking for an instrument, and asking for another time of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import availability
from store.booking.moving import swap
from store.booking.placing import NotPlaced, Place, Unlisted, put
from store.booking.reading import present
from store.booking.table import LIFECYCLE, Booking, Cooperation, Group, Mode, Status
from store.errors import Refused
from store.instrument import Instrument
from store.policies import Policy, in_force
from store.terms import Terms
from store.workdays import due

if TYPE_CHECKING:
    from store.availability import Ask, Unfit

S = Status
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for, as they confirmed it."""

    instrument_id: int
    person_id: int
    mode: Mode
    token: str
    """One a confirmation."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    samples: int | None = None
    sample_words: str | None = None
    purpose: str | None = None
    group: Group = Group.OUTSIDE
    employer_id: int | None = None
    cooperation: Cooperation = Cooperation.OWN
    estimate_fen: int | None = None
    price: Mapping[str, Any] = field(default_factory=dict[str, Any])
    voucher_id: int | None = None
    voucher_fen: int = 0

    @property
    def span(self) -> Span | None:
        """When it is wished for; nothing for samples without a time."""
        return (self.starts_at, self.ends_at) if self.starts_at and self.ends_at else None


@dataclass(eq=False)
class Taken(Refused):
    """Somebody had it in the moment of asking, and nobody has now."""


KEPT = tuple(f.name for f in fields(Wish) if f.name not in {"token", "starts_at", "ends_at"})
"""What a booking for another time takes over from the one before."""


async def request(
    session: AsyncSession, wish: Wish, terms: Terms, policy: Policy, now: datetime
) -> Booking:
    """Ask for it: holds the period until it is answered, or has it at once where terms say so.

    The same token again gives the booking that it made. Raises Unfit with all reasons, Unlisted.
    """
    ask = _ask(wish, wish.span) if wish.span else None
    why = await availability.reasons(session, ask, terms, now) if ask else []
    place = Place(
        columns=_named(wish) | _dates(wish.span, terms, now),
        verb="request" if terms.approval else "approve",
        actor_id=wish.person_id,
        facts={"by": "user"},
        blocked=_blocked(wish.span, terms),
    )
    made = NotPlaced(overlapping=True) if why else await _put(session, place, policy, now)
    if isinstance(made, Booking):
        return made
    if earlier := await _earlier(session, wish.token):
        return earlier
    if ask and made.overlapping:
        raise await _unfit(session, ask, terms, now, why)
    raise Unlisted


async def reschedule(  # noqa: PLR0913 - both sides do it, each by their rules
    session: AsyncSession,
    booking: Booking,
    starts_at: datetime,
    ends_at: datetime,
    *,
    by: Literal["user", "keeper"],
    hats: frozenset[str],
    actor_id: int | None,
    terms: Terms,
    policy: Policy,
    now: datetime,
    reason: str | None = None,
    **columns: Any,  # noqa: ANN401 - columns of the new row
) -> Booking:
    """Put a row with another time in a booking's place; its number stays.

    The user's is asked for again; the keeper's is offered, and waits for the user to `accept`.
    The time that a user's booking has already changes nothing. `columns` (an estimate, a price)
    are the new row's. Raises Unfit, NotNow, NotYours.
    """
    verb = "replace" if by == "user" else "shift"
    LIFECYCLE.move(verb, booking.status, hats & {by})
    span = (starts_at, ends_at)
    if by == "user" and span == (booking.starts_at, booking.ends_at):
        return booking
    await lock(session, booking.instrument_id)
    ask = _ask(booking, span, booking.id)
    if why := await availability.reasons(session, ask, terms, now):
        raise await _unfit(session, ask, terms, now, why)
    kept = {name: getattr(booking, name) for name in KEPT}
    dates = _dates(span, terms, now)
    if by == "keeper":
        dates = _dates(span, replace(terms, approval=True), now) | _offered(booking, actor_id, now)
    place = Place(
        columns=kept | dates | _linked(booking) | {"reason": reason} | columns,
        verb=verb,
        actor_id=actor_id,
        facts={"by": by, "replaces": booking.id},
        blocked=_blocked(span, terms),
    )
    async with session.begin_nested():
        await swap(session, booking, S.REPLACED, verb, changed_at=now)
        made = await _put(session, place, policy, now)
        if isinstance(made, NotPlaced):
            raise await _unfit(session, ask, terms, now) if made.overlapping else Unlisted
    return made


def _named(wish: Wish) -> dict[str, Any]:
    return {f.name: getattr(wish, f.name) for f in fields(Wish)}


def _dates(span: Span | None, terms: Terms, now: datetime) -> dict[str, Any]:
    """Status and deadlines of a row that is new at this moment."""
    hold = due(now, terms.hold)
    row: dict[str, Any] = {"requested_at": now, "changed_at": now, "status": S.REQUESTED}
    if span is not None:
        row |= {"starts_at": span[0], "ends_at": span[1], "free_until": span[0] - terms.cancel_free}
        hold = min(hold, span[0])
    if not terms.approval:
        return row | {"status": S.APPROVED, "answered_at": now}
    return row | {"hold_until": hold, "answer_by": due(now, terms.answer)}


def _offered(booking: Booking, actor_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "status": S.OFFERED,
        "requested_at": booking.requested_at,
        "answer_by": booking.answer_by,
        "answered_at": booking.answered_at or now,
        "decided_by": actor_id,
    }


def _linked(booking: Booking) -> dict[str, Any]:
    """What makes a row the next one of a number; made once for each version of the one before."""
    return {
        "origin_id": booking.number,
        "replaces_id": booking.id,
        "token": f"{booking.number}:{booking.id}:{booking.version}",
    }


def _blocked(span: Span | None, terms: Terms) -> Span | None:
    """The period with its buffers."""
    return None if span is None else (span[0] - terms.before, span[1] + terms.after)


async def _put(
    session: AsyncSession, place: Place, policy: Policy, now: datetime
) -> Booking | NotPlaced:
    made = await put(session, place, policy)
    if isinstance(made, Booking) or made.overlapping:
        return made
    await in_force(session, policy, now)  # its text may not be kept yet
    return await put(session, place, policy)


async def _earlier(session: AsyncSession, token: str) -> Booking | None:
    """What the token made: the row that stands for its number now."""
    query = select(Booking).where(Booking.token == token)
    made = (await session.scalars(query)).one_or_none()
    if made is None or made.status is not S.REPLACED:
        return made
    return await present(session, made.number)


def _ask(wish: Wish | Booking, span: Span, replaces: int | None = None) -> "Ask":
    period = availability.Period(*span)
    return availability.Ask(wish.instrument_id, wish.person_id, period, replaces)


async def _unfit(
    session: AsyncSession, ask: "Ask", terms: Terms, now: datetime, why: Sequence[Refused] = ()
) -> "Unfit":
    """All that stands against it, and what could be instead."""
    why = why or await availability.reasons(session, ask, terms, now) or [Taken()]
    return availability.Unfit(why, await availability.nearest(session, ask, terms, now))


async def lock(session: AsyncSession, instrument_id: int) -> None:
    """Have those who free time and take other time of an instrument wait for one another.

    Else two that change places would each wait for the other; who only takes time waits for nobody.
    """
    row = select(Instrument.id).where(Instrument.id == instrument_id)
    await session.execute(row.with_for_update(key_share=True))
