"""Whose price a person pays: only what an organisation confirmed counts."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.affiliation import Affiliation, holds
from store.booking.table import Group
from store.organisation import Organisation
from store.prepared import Prepared
from store.tariff.words import data

ORDER = tuple(Group)
"""The nearest to the keeper first: of several employers the nearest counts."""


_EMPLOYERS = Prepared(
    select(Organisation.id, Organisation.kind)
    .join(Affiliation, Affiliation.organisation_id == Organisation.id)
    .where(holds(bindparam("person"), bindparam("now")))
    .order_by(Organisation.id)
)


async def group_of(
    session: AsyncSession, person_id: int, organisation_id: int, now: datetime
) -> tuple[Group, int | None]:
    """A person's group for what an organisation keeps, and the employer that gives it."""
    rows = await _EMPLOYERS(session, person=person_id, now=now)
    if any(number == organisation_id for number, _kind in rows):
        return Group.OWN, organisation_id
    found = [(Group(data()["kinds"][kind]), number) for number, kind in rows]
    return min(found, key=lambda each: ORDER.index(each[0]), default=(Group.OUTSIDE, None))
