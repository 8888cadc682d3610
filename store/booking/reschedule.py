"""Asking for another time of an instrument, and offering one: a new row under the old number."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from store import availability
from store.booking.moving import swap
from store.booking.placing import NotPlaced, Place, Unlisted, put
from store.booking.request import WISHED, Span, asking, blocked, lock, standing, unfit
from store.booking.table import LIFECYCLE, Booking, Status
from store.policies import Policy
from store.terms import Terms


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
    place = Place(
        columns=_next(booking, span, terms, now, by=(by, actor_id)) | {"reason": reason} | columns,
        verb=verb,
        actor_id=actor_id,
        facts={"by": by, "replaces": booking.id},
        blocked=blocked(span, terms),
    )
    async with session.begin_nested():
        return await _exchange(session, booking, place, terms, policy, span)


async def _exchange(
    session: AsyncSession, booking: Booking, place: Place, terms: Terms, policy: Policy, span: Span
) -> Booking:
    """The old row goes and the new one comes, or nothing happens."""
    now = place.columns["changed_at"]
    ask = asking(booking, span, booking.id)
    await lock(session, booking.instrument_id)
    if await availability.unguarded(session, ask, terms, now):
        raise await unfit(session, ask, terms, now)
    await swap(session, booking, Status.REPLACED, place.verb, changed_at=now)
    made = await put(session, place, policy)
    if isinstance(made, NotPlaced):
        raise await unfit(session, ask, terms, now) if made.overlapping else Unlisted
    return made


def _next(
    booking: Booking, span: Span, terms: Terms, now: datetime, *, by: tuple[str, int | None]
) -> dict[str, Any]:
    """The columns of the row that comes after this one."""
    row = {name: getattr(booking, name) for name in WISHED} | {
        "origin_id": booking.number,
        "replaces_id": booking.id,
        "token": f"{booking.number}:{booking.id}:{booking.version}",
    }
    side, actor_id = by
    if side == "user":
        return row | standing(span, terms, now)
    return (
        row
        | standing(span, replace(terms, approval=True), now)
        | {
            "status": Status.OFFERED,
            "requested_at": booking.requested_at,
            "answer_by": booking.answer_by,
            "answered_at": booking.answered_at or now,
            "decided_by": actor_id,
        }
    )
