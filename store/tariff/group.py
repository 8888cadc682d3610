"""Whose price a person pays: only what an organisation confirmed counts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import affiliation
from store.booking.table import Group
from store.organisation import Organisation
from store.tariff.words import data

ORDER = tuple(Group)
"""The nearest to the keeper first: of several employers the nearest counts."""


async def group_of(
    session: AsyncSession, person_id: int, organisation_id: int, now: datetime
) -> tuple[Group, int | None]:
    """A person's group for what an organisation keeps, and the employer that gives it."""
    rows = await affiliation.works_for(session, person_id, now)
    mine = {row.organisation_id for row in rows}
    if organisation_id in mine:
        return Group.OWN, organisation_id
    query = select(Organisation).where(Organisation.id.in_(mine)).order_by(Organisation.id)
    found = [(_of(row), row.id) for row in await session.scalars(query)] if mine else []
    return min(found, key=lambda each: ORDER.index(each[0]), default=(Group.OUTSIDE, None))


def _of(row: Organisation) -> Group:
    return Group(data()["kinds"][row.kind])
