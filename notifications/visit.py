"""Who hears what of a visit beside its booking: samples that lack, strikes, what was excused."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.booking import facts_of
from notifications.notice import Hears, Notice
from store import strike
from store.booking.table import Booking
from store.event import Event
from store.policies import Policy
from store.strike import Strike


def _user(kind: str) -> Hears:
    """The user hears it, with the keeper's reason where there is one."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        booking = await session.get_one(Booking, event.id)
        private = {"reason": booking.reason} if booking.reason else {}
        facts = await facts_of(session, booking)
        return [Notice(kind, booking.person_id, facts, private=private)]

    return hears


async def excused(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """The user hears why it does not count."""
    del policy
    booking = await session.get_one(Booking, event.id)
    why = "unsigned" if event.facts.get("unsigned") else "down"
    facts = {
        **await facts_of(session, booking),
        "why": {"key": f"notice.visit.excused.{why}"},
    }
    return [Notice("visit.excused", booking.person_id, facts)]


async def struck(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """Who is near the last strike is warned; who is over it hears until when."""
    row = await session.get_one(Strike, event.id)
    stands = await strike.of_person(session, policy, row.person_id, event.at)
    facts = {
        "number": event.facts["booking"],
        "count": stands.count,
        "strikes": policy.strikes.value,
        "counted": policy.strikes_counted.value.days,
        "days": policy.booking_ban.value.days,
        "until": stands.closed_until,
        "cite": policy.strikes.cite or None,
    }
    if stands.closed_until is not None:
        return [Notice("visit.closed_out", row.person_id, facts)]
    if stands.count >= policy.strikes_warned.value:
        return [Notice("visit.warned", row.person_id, facts)]
    return []


async def lifted(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """A strike is taken back; who took it back themselves need not hear so."""
    del policy
    row = await session.get_one(Strike, event.id)
    if event.actor_id == row.person_id:
        return []
    facts = {"number": event.facts["booking"]}
    reason = row.lift_reason if event.facts.get("said") else None
    private = {"reason": reason} if reason else {}
    return [Notice("visit.lifted", row.person_id, facts, private=private)]


HEARS: dict[str, Hears] = {
    "booking.lack": _user("visit.lacking"),
    "booking.excuse": excused,
    "strike.add": struck,
    "strike.lift": lifted,
}
