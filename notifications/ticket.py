"""Who hears what of a ticket: whoever is to answer it, and whoever opened it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Facts, Hears, Notice
from store import organisation, person, routing, ticket
from store.event import Event
from store.person import Role
from store.policies import Policy
from store.ticket import Kind, Status, Ticket


async def waits(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """It waits for an organisation, or for the bureau."""
    del policy
    row = await _ticket(session, event)
    told: Sequence[int]
    if row.status is Status.AT_BUREAU:
        told = await _bureau(session, row)
    else:
        told = [
            one for unit in await _units(session, row) for one in await _speakers(session, unit)
        ]
    kind = "ticket.demanded" if row.kind is Kind.DEMAND else "ticket.waits"
    return [Notice(kind, each, _facts(row)) for each in dict.fromkeys(told)]


async def _bureau(session: AsyncSession, row: Ticket) -> Sequence[int]:
    """The bureau that may rule on it: of its unit's county and of the region; all without one."""
    if row.organisation_id is None:
        return await person.holders(session, Role.BUREAU)
    county = await organisation.county_of(session, row.organisation_id)
    return await routing.bureau(session, county)


async def _units(session: AsyncSession, row: Ticket) -> list[int]:
    if row.organisation_id is not None:
        return [row.organisation_id]
    return await ticket.matched(session, row.id)


async def _speakers(session: AsyncSession, organisation_id: int) -> list[int]:
    """An organisation's keepers, without any its representatives."""
    for role in (Role.KEEPER, Role.REPRESENTATIVE):
        if found := await person.holders(session, role, organisation_id=organisation_id):
            return found
    return []


def _user(kind: str) -> Hears:
    """Whoever opened it hears it."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row = await _ticket(session, event)
        return [Notice(kind, row.person_id, _facts(row))]

    return hears


async def overdue(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """Nobody answered in time: the bureau has it now, and the user hears so."""
    row = await _ticket(session, event)
    told = [Notice("ticket.overdue", row.person_id, _facts(row))]
    return [*told, *await waits(session, event, policy)]


async def _ticket(session: AsyncSession, event: Event) -> Ticket:
    return await session.get_one(Ticket, event.id)


def _facts(row: Ticket) -> Facts:
    """Its number and terms: what it says is read in the account alone."""
    return {
        "number": row.number,
        "sort": {"key": f"ticket.kind.{row.kind}"},
        "answer_by": row.answer_by,
    }


HEARS: dict[str, Hears] = {
    "ticket.open": waits,
    "ticket.ask": waits,
    "ticket.escalate": waits,
    "ticket.overdue": overdue,
    "ticket.answer": _user("ticket.answered"),
    "ticket.offer": _user("ticket.answered"),
    "ticket.rule": _user("ticket.answered"),
    "ticket.lapse": _user("ticket.closed"),
}
