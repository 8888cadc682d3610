"""Asking for an instrument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import availability
from store.booking.placing import NotPlaced, Place, Unlisted, put
from store.booking.reading import present
from store.booking.table import Booking, Cooperation, Group, Mode, Status
from store.errors import Refused
from store.instrument import Instrument
from store.policies import Policy
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


WISHED = tuple(column.name for column in fields(Wish))


@dataclass(eq=False)
class Taken(Refused):
    """Somebody had it in the moment of asking, and nobody has now."""


async def request(
    session: AsyncSession, wish: Wish, terms: Terms, policy: Policy, now: datetime
) -> Booking:
    """Ask for it: holds the period until it is answered, or has it at once where terms say so.

    The same token again gives the booking that it made. Raises Unfit with all reasons, Unlisted.
    Who else has the period is not looked up before: the guard says so.
    """
    ask = asking(wish, wish.span) if wish.span else None
    against = ask and await availability.unguarded(session, ask, terms, now)
    place = _place(wish, terms, now)
    made = NotPlaced(overlapping=True) if against else await put(session, place, policy)
    if isinstance(made, Booking):
        return made
    if earlier := await _earlier(session, wish.token):
        return earlier
    if ask and made.overlapping:
        raise await unfit(session, ask, terms, now)
    raise Unlisted


def _place(wish: Wish, terms: Terms, now: datetime) -> Place:
    wished = {name: getattr(wish, name) for name in WISHED}
    return Place(
        columns=wished | standing(wish.span, terms, now),
        verb="request" if terms.approval else "approve",
        actor_id=wish.person_id,
        facts={"by": "user"},
        blocked=blocked(wish.span, terms),
    )


def standing(span: Span | None, terms: Terms, now: datetime) -> dict[str, Any]:
    """Status and moments of a row that is asked for now."""
    row: dict[str, Any] = {"requested_at": now, "changed_at": now}
    if span is not None:
        row |= {"starts_at": span[0], "ends_at": span[1], "free_until": span[0] - terms.cancel_free}
    if not terms.approval:
        return row | {"status": S.APPROVED, "answered_at": now}
    return row | {
        "status": S.REQUESTED,
        "hold_until": held_until(span, terms, now),
        "answer_by": due(now, terms.answer),
    }


def held_until(span: Span | None, terms: Terms, now: datetime) -> datetime:
    """How long an unanswered row holds its time: never beyond its start."""
    hold = due(now, terms.hold)
    return hold if span is None else min(hold, span[0])


def blocked(span: Span | None, terms: Terms) -> Span | None:
    """A period with its buffers."""
    return None if span is None else (span[0] - terms.before, span[1] + terms.after)


async def _earlier(session: AsyncSession, token: str) -> Booking | None:
    """What the token made: the row that stands for its number now."""
    query = select(Booking).where(Booking.token == token)
    made = (await session.scalars(query)).one_or_none()
    if made is None or made.status is not S.REPLACED:
        return made
    return await present(session, made.number)


def asking(wish: Wish | Booking, span: Span, replaces: int | None = None) -> "Ask":
    """A period for whom and of what."""
    period = availability.Period(*span)
    return availability.Ask(wish.instrument_id, wish.person_id, period, replaces)


async def unfit(session: AsyncSession, ask: "Ask", terms: Terms, now: datetime) -> "Unfit":
    """All that stands against it, and what could be instead."""
    why: Sequence[Refused] = await availability.reasons(session, ask, terms, now) or [Taken()]
    return availability.Unfit(why, await availability.nearest(session, ask, terms, now))


async def lock(session: AsyncSession, instrument_id: int) -> None:
    """Have those who free time and take other time of an instrument wait for one another.

    Else two that change places would each wait for the other; who only takes time waits for nobody.
    """
    row = select(Instrument.id).where(Instrument.id == instrument_id)
    await session.execute(row.with_for_update(key_share=True))
