"""Whoever waited for free time hears that there is some."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Hears, Notice
from store import instrument
from store.event import Event
from store.policies import Policy
from store.watch import Watch


async def free(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """It is free: the first in line has it to themselves until their turn ends."""
    del policy
    watch = await session.get_one(Watch, event.id)
    found = await instrument.load(session, watch.instrument_id)
    facts = {
        "instrument": found and found[0].name,
        "yq": watch.instrument_id,
        "period": (watch.found_at, watch.found_until),
        "starts_at": watch.found_at,
        "turn_until": watch.turn_until,
    }
    return [Notice("watch.free", watch.person_id, facts, until=watch.turn_until)]


HEARS: dict[str, Hears] = {"watch.free": free}
