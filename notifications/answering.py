"""Who is reminded of a request that waits, and who hears of one that waits too long."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.booking import facts_of
from notifications.notice import Facts, Hears, Notice
from store import instrument, routing
from store.answering import last_moment
from store.booking.table import Booking
from store.event import Event
from store.policies import Policy


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


HEARS: dict[str, Hears] = {"booking.remind": soon, "booking.escalate": late}
