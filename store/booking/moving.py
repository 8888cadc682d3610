"""Moves of bookings: each a compare-and-swap that frees the time it no longer needs and is told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.occupation import Occupation
from store.booking.table import LIFECYCLE, OCCUPYING, Booking, Status
from store.event import Event, keep, record
from store.lifecycle import NotNow
from store.script import Script, Statement, run_in

S = Status
ANSWERS = frozenset({"approve", "reject", "offer", "shift"})
"""What counts as the keeper's first answer."""
BATCH = 500


async def move(  # noqa: PLR0913 - who, what, when and why
    session: AsyncSession,
    booking: Booking,
    verb: str,
    hats: frozenset[str],
    actor_id: int | None,
    now: datetime,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    **columns: Any,  # noqa: ANN401 - columns of the row
) -> Booking:
    """Make a move as whoever wears these hats (`user`, `keeper`, `clock`), if none came before.

    `columns` are set with it. Gives the row as it is now. Raises NotNow, NotYours.
    """
    arrow = LIFECYCLE.move(verb, booking.status, hats)
    values = _values(booking, verb, actor_id, now) | columns
    if reason is not None:
        values["reason"] = reason
    moved = await swap(session, booking, Status(arrow.new), verb, **values)
    told = {"by": arrow.by} | dict(facts or {})
    keep(session, moved)
    await record(session, _event(moved, verb, actor_id, told, now))
    return moved


async def swap(
    session: AsyncSession,
    booking: Booking,
    new: Status,
    verb: str,
    **values: Any,  # noqa: ANN401 - columns of the row
) -> Booking:
    """Compare and swap the status, and free the time that is no longer needed; the row as it is.

    Raises NotNow.
    """
    unmoved = (Booking.id == booking.id) & (Booking.version == booking.version)
    version = Booking.version + 1
    moved = update(Booking).where(unmoved).values(status=new, version=version, **values)
    moved = moved.returning(Booking).execution_options(populate_existing=True)
    old = booking.status
    row = (await session.scalars(moved)).one_or_none()
    if row is None:
        raise NotNow(verb=verb, status=old)
    if new not in OCCUPYING:
        await free(session, [row.id])
    elif old not in OCCUPYING and row.starts_at is not None:
        await _holds(session, row)
    return row


async def _holds(session: AsyncSession, row: Booking) -> None:
    """Nothing comes back to where it holds time without having taken that time again."""
    held = select(Occupation.id).where(Occupation.booking_id == row.id)
    if await session.scalar(held) is None:
        raise RuntimeError(f"booking {row.id} is {row.status} and holds no time")


async def free(session: AsyncSession, numbers: Iterable[int]) -> None:
    """Give back the time that these rows had."""
    await run_in(session, _freed(numbers))


_FREE = """
with batch(id) as (ROWS) delete from occupation where booking_id in (select id from batch)
"""


def _freed(numbers: Iterable[int]) -> Script[None]:
    yield Statement(_FREE, ("bigint",), [(number,) for number in numbers])


def _values(booking: Booking, verb: str, actor_id: int | None, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"changed_at": now}
    if verb in ANSWERS:
        values |= {"answered_at": booking.answered_at or now, "decided_by": actor_id}
    if verb == "cancel" and booking.status is S.APPROVED and booking.free_until:
        values["late"] = now > booking.free_until
    return values


async def expire(session: AsyncSession, now: datetime, limit: int = BATCH) -> int:
    """Let unanswered requests and offers go whose hold is over; how many."""
    due = Booking.status.in_((S.REQUESTED, S.OFFERED)) & (Booking.hold_until <= now)
    return len(await _sweep(session, "expire", due, now, limit))


async def lapse(session: AsyncSession, now: datetime, limit: int = BATCH) -> Sequence[Booking]:
    """End the uses whose period is over and nobody checked out of."""
    due = (Booking.status == S.IN_USE) & (Booking.ends_at <= now)
    return await _sweep(session, "lapse", due, now, limit)


async def miss(
    session: AsyncSession, started_before: datetime, now: datetime, limit: int = BATCH
) -> Sequence[Booking]:
    """Mark bookings of time that began before a moment, and nobody checked into, as missed.

    None of them began in an outage: that would have called it off.
    """
    due = (Booking.status == S.APPROVED) & (Booking.starts_at < started_before)
    return await _sweep(session, "miss", due & (Booking.mode == "self"), now, limit)


async def _sweep(
    session: AsyncSession, verb: str, due: ColumnElement[bool], now: datetime, limit: int
) -> Sequence[Booking]:
    """Make a move of the clock for all that are due, many at once."""
    found = select(Booking.id).where(due).order_by(Booking.id).limit(limit)
    numbers = (await session.scalars(found.with_for_update(skip_locked=True))).all()
    return await move_all(session, verb, "clock", Booking.id.in_(numbers) & due, now)


async def move_all(  # noqa: PLR0913 - who, what, which, when and why
    session: AsyncSession,
    verb: str,
    by: str,
    which: ColumnElement[bool],
    now: datetime,
    *,
    actor_id: int | None = None,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Sequence[Booking]:
    """Make one move, which leads to one status, for all rows that it may be made for."""
    arrows = [arrow for arrow in LIFECYCLE if arrow.verb == verb and arrow.by == by]
    (new,) = {Status(arrow.new) for arrow in arrows}
    may = which & Booking.status.in_([arrow.old for arrow in arrows])
    values = {"status": new, "version": Booking.version + 1, "changed_at": now}
    if reason is not None:
        values["reason"] = reason
    moved = update(Booking).where(may).values(**values).returning(Booking)
    rows = (await session.scalars(moved.execution_options(populate_existing=True))).all()
    if rows and new not in OCCUPYING:
        await free(session, [row.id for row in rows])
    told = {"by": by} | dict(facts or {})
    keep(session, *rows)
    await record(session, *(_event(row, verb, actor_id, told, now) for row in rows))
    return rows


def _event(
    row: Booking, verb: str, actor_id: int | None, facts: Mapping[str, Any], now: datetime
) -> Event:
    return Event("booking", row.id, verb, row.version, now, actor_id, facts)
