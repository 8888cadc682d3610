"""Who hears what when a booking moves, and when they are reminded of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Hears, Notice
from store import instrument, organisation, routing
from store.answering import last_moment
from store.booking.table import Booking, Mode, Status
from store.event import Event
from store.policies import Policy

DAY, TWO_HOURS = timedelta(days=1), timedelta(hours=2)
"""How long before its start one is reminded of a booking."""
ENDING = timedelta(minutes=15)
STILL = timedelta(minutes=10)
"""How long after the end somebody who has not left is asked to."""
RATING = timedelta(hours=2)
"""How long after its end one is asked how it was."""
PASSED = "passed"
"""A fact of a step that was only gone through on the way to the next one, which is told."""

Facts = dict[str, Any]


async def asked(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """A request, or another time for one, waits for whoever looks after the instrument."""
    del policy
    booking = await _booking(session, event)
    facts = await facts_of(session, booking)
    how = "moved" if event.verb == "replace" else "new"
    facts["how"] = {"key": f"notice.booking.asked.{how}", "args": {"number": booking.number}}
    due, held = last_moment(booking), booking.hold_until
    facts |= {"answer_by": due, "lapses": held if held != due else None}
    facts["lapse"] = {"key": "notice.booking.asked.lapse"} if held == due else None
    return [Notice("booking.asked", each, facts) for each in await keepers(session, booking)]


async def approved(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """It stands: the user hears it, and will be reminded."""
    del policy
    booking = await _booking(session, event)
    facts = await facts_of(session, booking)
    if event.actor_id != booking.person_id:
        told = [Notice("booking.approved", booking.person_id, facts, until=booking.ends_at)]
    else:  # they took an offer, or the unit lets bookings stand at once: the keeper hears
        told = [Notice("booking.accepted", each, facts) for each in await keepers(session, booking)]
    return [*told, *await _reminders(session, booking, facts)]


async def moved(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """Another time, or one taken back that was called off: as if it were new."""
    row = await _booking(session, event)
    agreed = row.status is Status.APPROVED
    if event.facts.get("by") == "keeper":  # taken back before anybody was told
        return await _reminders(session, row, await facts_of(session, row)) if agreed else []
    return await (approved if agreed else asked)(session, event, policy)


async def _reminders(session: AsyncSession, booking: Booking, facts: Facts) -> list[Notice]:
    """A day and two hours before."""
    if booking.starts_at is None:
        return []
    until, private = booking.starts_at, await _contact(session, booking)
    due = {"booking.day_before": until - DAY, "booking.two_hours_before": until - TWO_HOURS}
    return [Notice(kind, booking.person_id, facts, at, until, private) for kind, at in due.items()]


def _user(kind: str) -> Hears:
    """The user hears it, with the reason where there is one."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        if event.facts.get(PASSED):
            return []
        booking = await _booking(session, event)
        private = {"reason": booking.reason} if booking.reason else {}
        facts = await facts_of(session, booking)
        return [Notice(kind, booking.person_id, facts, private=private)]

    return hears


def _keepers(kind: str) -> Hears:
    """Whoever looks after the instrument hears it."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        booking = await _booking(session, event)
        facts = await facts_of(session, booking)
        return [Notice(kind, each, facts) for each in await keepers(session, booking)]

    return hears


def _all(*several: Hears) -> Hears:
    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        return [each for one in several for each in await one(session, event, policy)]

    return hears


async def started(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """In use: reminded before the end, and after it where nobody has left."""
    del policy
    booking = await _booking(session, event)
    if booking.ends_at is None:
        return []
    facts, end = await facts_of(session, booking), booking.ends_at
    return [
        Notice("booking.ending", booking.person_id, facts, end - ENDING, end),
        Notice("booking.still_in_use", booking.person_id, facts, end + STILL, end + DAY),
    ]


async def ended(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """Over: asked how it was, and much later what came of it."""
    later = event.at + policy.outcome_asked.value
    booking = await _booking(session, event)
    facts = await facts_of(session, booking)
    return [
        Notice("booking.rate", booking.person_id, facts, event.at + RATING, event.at + 7 * DAY),
        Notice("booking.outcome", booking.person_id, facts, later),
    ]


async def keepers(session: AsyncSession, booking: Booking) -> Sequence[int]:
    """Who answers for it: the unit's keepers, else who speaks for the unit, else the bureau."""
    return (await routing.answerers(session, booking.instrument_id)).persons


async def _booking(session: AsyncSession, event: Event) -> Booking:
    return await session.get_one(Booking, event.id)


async def facts_of(session: AsyncSession, booking: Booking) -> Facts:
    """What the words about a booking are filled with."""
    found = await instrument.load(session, booking.instrument_id)
    apparatus, unit = (found[0], found[1]) if found else (None, None)
    employers = [booking.employer_id] if booking.employer_id else []
    names = await organisation.names(session, employers)
    timed = booking.starts_at and booking.ends_at
    return {
        "number": booking.number,
        "instrument": apparatus and apparatus.name,
        "yq": booking.instrument_id,
        "place": (apparatus and apparatus.address) or (unit and unit.name),
        "period": (booking.starts_at, booking.ends_at) if timed else None,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "requested_at": booking.requested_at,
        "answer_by": booking.hold_until,
        "free_until": booking.free_until,
        "samples": booking.samples if booking.mode is Mode.SAMPLE else None,
        "employer": names.get(booking.employer_id or 0),
    }


async def _contact(session: AsyncSession, booking: Booking) -> Facts:
    """Whom to ask at the instrument."""
    found = await instrument.load(session, booking.instrument_id)
    if found is None or not (found[0].contact or found[0].phone):
        return {}
    return {"contact": found[0].contact, "phone": found[0].phone}


HEARS: dict[str, Hears] = {
    "booking.request": asked,
    "booking.approve": approved,
    "booking.accept": approved,
    "booking.replace": moved,
    "booking.shift": _user("booking.offered"),
    "booking.reopen": moved,
    "booking.restore": moved,
    "booking.reject": _user("booking.rejected"),
    "booking.offer": _user("booking.offered"),
    "booking.expire": _user("booking.expired"),
    "booking.cancel": _keepers("booking.cancelled"),
    "booking.start": started,
    "booking.finish": ended,
    "booking.lapse": ended,
    "booking.record": ended,
    "booking.miss": _all(_user("booking.missed"), _keepers("booking.missed_by_user")),
    "booking.receive": _user("booking.received"),
    "booking.test": _user("booking.testing"),
    "booking.report": _user("booking.reported"),
    "booking.deliver": _all(_user("booking.delivered"), ended),
}
