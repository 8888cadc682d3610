"""Who hears that a booking was called off, and what could be instead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.booking import facts_of
from notifications.notice import Facts, Hears, Notice
from store import availability, terms
from store.availability import Ask, Period
from store.booking.table import Booking
from store.event import Event
from store.policies import Policy

OFFERED = 3


async def called_off(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """The user hears why, and when it is free; of an outage only once it can't be a slip."""
    row = await session.get_one(Booking, event.id)
    closed = "outage" in event.facts or "pause" in event.facts
    facts = await facts_of(session, row)
    if "pause" not in event.facts:
        facts |= await _nearest(session, row, policy, event.at)
    return [
        Notice(
            "booking.aborted",
            row.person_id,
            facts,
            due_at=event.at + policy.undo.value if closed else None,
            private={"reason": row.reason} if row.reason else {},
        )
    ]


async def _nearest(session: AsyncSession, row: Booking, policy: Policy, now: datetime) -> Facts:
    """The nearest free periods of the same length, as facts of their own."""
    if row.starts_at is None or row.ends_at is None:
        return {}
    rules = await terms.of(session, row.instrument_id, policy)
    was = Period(row.starts_at, row.ends_at)
    ask = Ask(row.instrument_id, row.person_id, was, row.id)
    near = await availability.nearest(session, ask, rules, now, OFFERED + 3)
    others = [each for each in near if each.end <= was.start or each.start >= was.end]
    return {f"near{n}": (each.start, each.end) for n, each in enumerate(others[:OFFERED], 1)}


HEARS: dict[str, Hears] = {"booking.abort": called_off}
