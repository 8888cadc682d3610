"""Who is reminded of a request that waits, who hears of one that waits too long or is off."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.booking import facts_of
from notifications.notice import Facts, Hears, Notice
from store import availability, instrument, routing, terms
from store.answering import last_moment
from store.availability import Ask, Period
from store.booking.table import Booking
from store.event import Event
from store.policies import Policy

OFFERED = 3
"""Periods that are offered instead of one that was called off."""


async def soon(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """Whoever is to answer hears that the time is nearly over."""
    del policy
    row = await session.get_one(Booking, event.id)
    facts = {**await facts_of(session, row), "answer_by": last_moment(row)}
    asked = await routing.answerers(session, row.instrument_id)
    return [Notice("answering.soon", each, facts) for each in asked.persons]


async def late(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """The unit's representatives hear it, and the bureau, with the unit's public phone."""
    row = await session.get_one(Booking, event.id)
    facts = {**await facts_of(session, row), **await _unit(session, row)}
    facts["cite"] = policy.prompt_answer.cite or None
    place = await instrument.load(session, row.instrument_id)
    county = place[0].county_id if place else None
    told = [
        *await routing.speakers(session, row.organisation_id),
        *await routing.bureau(session, county),
    ]
    return [Notice("answering.late", each, facts) for each in dict.fromkeys(told)]


async def _unit(session: AsyncSession, row: Booking) -> Facts:
    """The unit, and how to reach it: as the ledger publishes it."""
    found = await instrument.load(session, row.instrument_id)
    if found is None:
        return {}
    apparatus, unit = found[0], found[1]
    return {"organisation": unit.name, "phone": apparatus.phone or unit.phone}


async def called_off(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """The user hears why, and when it is free; of an outage only once it can't be a slip."""
    row = await session.get_one(Booking, event.id)
    closed = "outage" in event.facts or "pause" in event.facts
    facts = await facts_of(session, row)
    if "pause" not in event.facts:
        facts |= await _nearest(session, row, policy, event.at)
    found = "near" if "near1" in facts else "none"
    facts["near"] = {"key": f"notice.booking.aborted.{found}"}
    facts["next"] = {
        "key": f"notice.booking.aborted.{found}.next",
        "args": {"yq": row.instrument_id},
    }
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


HEARS: dict[str, Hears] = {
    "booking.remind": soon,
    "booking.escalate": late,
    "booking.abort": called_off,
}
