"""Who hears what of a fee: the keeper that one is to be confirmed, the user what it is."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Facts, Fen, Hears, Notice
from store import instrument, person
from store.booking.table import Booking
from store.charge import Charge
from store.event import Event
from store.person import Role
from store.policies import Policy


def _user(kind: str) -> Hears:
    """The user hears it, with the keeper's words."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row = await session.get_one(Charge, event.id)
        private = {"reason": row.reason} if row.reason else {}
        return [Notice(kind, row.person_id, await _facts(session, row), private=private)]

    return hears


def _unit(kind: str) -> Hears:
    """Whoever looks after the unit's instruments hears it."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row = await session.get_one(Charge, event.id)
        facts = await _facts(session, row)
        return [Notice(kind, each, facts) for each in await _keepers(session, row)]

    return hears


async def decided(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """The bureau has decided: both sides hear it."""
    both = (_user("charge.decided"), _unit("charge.decided"))
    return [each for hears in both for each in await hears(session, event, policy)]


async def _keepers(session: AsyncSession, row: Charge) -> list[int]:
    for role in (Role.KEEPER, Role.REPRESENTATIVE):
        if found := await person.holders(session, role, organisation_id=row.organisation_id):
            return found
    return []


async def _facts(session: AsyncSession, row: Charge) -> Facts:
    found = await instrument.load(session, row.instrument_id)
    booked = await session.get_one(Booking, row.booking_id)
    named = row.fen if row.fen is not None else row.reckoned_fen
    return {
        "number": booked.number,
        "instrument": found[0].name if found else None,
        "unit": found[1].name if found else None,
        "fee": None if named is None else Fen(named),
        "until": row.object_until,
    }


HEARS: dict[str, Hears] = {
    "charge.reckon": _unit("charge.reckoned"),
    "charge.confirm": _user("charge.confirmed"),
    "charge.correct": _user("charge.confirmed"),
    "charge.object": _unit("charge.objected"),
    "charge.accept": _unit("charge.accepted"),
    "charge.settle": _user("charge.settled"),
    "charge.decide": decided,
    "charge.pay": _user("charge.paid"),
}
