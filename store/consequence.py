"""What follows from an event at once, in its transaction: a contract, a fee, a wait over."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from store import charge, contract, ticket, watch
from store.booking.table import Booking, Status
from store.charge import Charge
from store.database import Tell
from store.event import Event
from store.policies import Policy
from store.voucher import following as vouchers
from store.voucher.following import SETTLED

APPROVED = frozenset({"approve", "accept", "replace", "shift", "restore"})
OVER = frozenset({"finish", "record", "lapse", "deliver"})
NOTHING = frozenset({"cancel", "reject", "expire", "abort", "miss", "excuse"})


async def follow(session: AsyncSession, events: Sequence[Event], policy: Policy) -> None:
    """Make what bookings that moved give rise to; their events are told after these."""
    await watch.heed(session, events, policy)
    for event in events:
        await vouchers.follow(session, event)
        if event.subject == "charge" and event.verb in SETTLED:
            await _settled(session, event, policy)
        if event.subject != "booking":
            continue
        if event.verb in APPROVED:
            await _agreed(session, event, policy)
        elif event.verb in OVER:
            booking = await session.get_one(Booking, event.id)
            if event.verb == "record":  # after a no-show: what was agreed holds again
                await contract.make(session, booking, policy, event.at)
            await charge.begin(session, booking, policy, event.at)
        elif event.verb in NOTHING:
            await contract.void_of(session, [event.id], event.at)


async def _agreed(session: AsyncSession, event: Event, policy: Policy) -> None:
    """A booking that stands gets its contract; one that another row replaced loses it."""
    booking = await session.get_one(Booking, event.id)
    if booking.status is Status.APPROVED:
        await contract.make(session, booking, policy, event.at)
    elif booking.replaces_id is not None:
        await contract.void_of(session, [booking.replaces_id], event.at)


async def _settled(session: AsyncSession, event: Event, policy: Policy) -> None:
    """A fee that stands is objected to no more."""
    fee = await session.get_one(Charge, event.id)
    await ticket.settle(session, fee.booking_id, policy, event.at)


def before(tell: Tell, policy: Policy) -> Tell:
    """Have what follows happen before it is told: what that records is told in its turn."""

    async def both(session: AsyncSession, events: Sequence[Event]) -> None:
        await follow(session, events, policy)
        await tell(session, events)

    return both
