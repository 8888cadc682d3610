"""Who hears what of a contract: each side what the other did."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notice import Facts, Hears, Notice
from store import instrument, organisation, person
from store.contract import Contract, Side
from store.event import Event
from store.person import Role
from store.policies import Policy


async def made(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    """There is one to be agreed to: both sides hear so."""
    del policy
    row = await session.get_one(Contract, event.id)
    facts = await _facts(session, row)
    return [
        Notice("contract.made", row.person_id, facts),
        *(Notice("contract.made_unit", each, facts) for each in await _unit(session, row)),
    ]


def _other(kind: str) -> Hears:
    """The other side hears it."""

    async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
        del policy
        row = await session.get_one(Contract, event.id)
        user = event.facts.get("side") == Side.UNIT
        told = [row.person_id] if user else await _unit(session, row)
        facts = await _facts(session, row)
        return [Notice(kind, each, facts) for each in told]

    return hears


async def _unit(session: AsyncSession, row: Contract) -> list[int]:
    """Who speaks for the unit: its keepers, without any its representatives."""
    for role in (Role.KEEPER, Role.REPRESENTATIVE):
        if found := await person.holders(session, role, organisation_id=row.organisation_id):
            return found
    return []


async def _facts(session: AsyncSession, row: Contract) -> Facts:
    found = await instrument.load(session, row.instrument_id)
    names = await organisation.names(session, [row.organisation_id])
    share = {"key": "notice.contract.shared_first"} if row.text_hash is None else None
    return {
        "number": row.id,
        "instrument": found[0].name if found else None,
        "unit": names.get(row.organisation_id),
        "first": share,
    }


HEARS: dict[str, Hears] = {
    "contract.make": made,
    "contract.share": _other("contract.shared"),
    "contract.agree": _other("contract.agreed"),
    "contract.conclude": _other("contract.concluded"),
    "contract.decline": _other("contract.declined"),
}
