"""Taking back that one's booking was called off: just now, and while its time is still free."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import availability
from store.base import microseconds
from store.booking.moving import move
from store.booking.placing import OCCUPY
from store.booking.request import lock, unfit
from store.booking.table import LIFECYCLE, OCCUPYING, Booking, Status
from store.errors import Refused
from store.event import EventRow
from store.lifecycle import NotNow
from store.policies import Policy
from store.script import Script, Statement, run_in
from store.terms import Terms

USER = frozenset({"user"})
BACK = {"requested": "reopen", "offered": "renew", "approved": "restore", "lacking": "resend"}
"""The move that brings a cancelled booking back to where it stood."""


@dataclass(eq=False)
class TooLateToUndo(Refused):
    """It was not called off just now, or it has begun meanwhile."""

    number: str


async def cancel(session: AsyncSession, booking: Booking, person_id: int, now: datetime) -> Booking:
    """Call off one's own booking so that it can be brought back. Raises NotNow."""
    was = {"was": str(booking.status)}
    return await move(session, booking, "cancel", USER, person_id, now, facts=was)


async def undo(
    session: AsyncSession,
    booking: Booking,
    person_id: int,
    *,
    terms: Terms,
    policy: Policy,
    now: datetime,
) -> Booking:
    """Bring back what its user called off just now. Raises TooLateToUndo, NotNow, Unfit."""
    was = await _was(session, booking, person_id, now - policy.undo.value)
    if was not in BACK or (booking.starts_at is not None and booking.starts_at <= now):
        raise TooLateToUndo(f"YY{booking.number}")
    LIFECYCLE.move(BACK[was], booking.status, USER)
    if booking.starts_at and booking.ends_at and Status(was) in OCCUPYING:
        await occupy(session, booking, terms, now)
    return await move(session, booking, BACK[was], USER, person_id, now, late=False)


async def _was(
    session: AsyncSession, booking: Booking, person_id: int, since: datetime
) -> str | None:
    """Where it stood before its user called it off, if that was not before a moment."""
    if booking.status is not Status.CANCELLED:
        raise NotNow(verb="undo", status=booking.status)
    mine = (EventRow.subject == "booking") & (EventRow.subject_id == booking.id)
    last = select(EventRow).where(mine, EventRow.verb == "cancel").order_by(EventRow.id.desc())
    event = (await session.scalars(last.limit(1))).one_or_none()
    if event is None or event.actor_id != person_id or event.at < since:
        return None
    was: Any = event.facts.get("was")
    return str(was) if was else None


async def occupy(session: AsyncSession, booking: Booking, terms: Terms, now: datetime) -> None:
    """Take its time again, if nobody else did. Raises Unfit."""
    start, end = booking.starts_at, booking.ends_at
    assert start is not None and end is not None  # noqa: S101, PT018 - for the type checker
    await lock(session, booking.instrument_id)
    blocked = microseconds(start - terms.before), microseconds(end + terms.after)
    row = (booking.instrument_id, *blocked, booking.id, None)
    if not await run_in(session, _taking(row)):
        period = availability.Period(start, end)
        ask = availability.Ask(booking.instrument_id, booking.person_id, period, booking.id)
        raise await unfit(session, ask, terms, now)


def _taking(row: tuple[int | None, ...]) -> Script[bool]:
    return bool((yield Statement(OCCUPY, ("bigint",) * 5, [row])))
