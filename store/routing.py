"""Who answers for an instrument.

A request goes to the keepers of the instrument's organisation; where there is none, to its
representatives; where nobody is bound, to the bureau.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.instrument import Instrument
from store.person import Grant, Person, Role, RoleGrant, grants
from store.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Answerers:
    """Who is asked for an answer, and as what."""

    role: Role
    persons: tuple[int, ...]


async def answerers(session: AsyncSession, instrument_id: int) -> Answerers:
    """Keepers of an instrument's organisation, else its representatives, else the bureau.

    Whoever does not follow any more is not asked. The bureau may have nobody bound either.
    """
    found = await _ANSWER(session, number=instrument_id)
    for role in (Role.KEEPER, Role.REPRESENTATIVE):
        if persons := tuple(number for number, held in found if held is role):
            return Answerers(role, persons)
    where = select(Instrument.county_id).where(Instrument.id == instrument_id)
    return Answerers(Role.BUREAU, await bureau(session, await session.scalar(where)))


async def bureau(session: AsyncSession, county_id: int | None) -> tuple[int, ...]:
    """Those of the bureau who look after a county, or after the whole region."""
    county = RoleGrant.county_id.is_(None) | (RoleGrant.county_id == county_id)
    return await _holders(session, Role.BUREAU, county)


async def speakers(session: AsyncSession, organisation_id: int) -> tuple[int, ...]:
    """An organisation's representatives."""
    here = RoleGrant.organisation_id == organisation_id
    return await _holders(session, Role.REPRESENTATIVE, here)


async def _holders(
    session: AsyncSession, role: Role, where: ColumnElement[bool]
) -> tuple[int, ...]:
    query = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == role, _holds(), where)
    )
    found = await session.scalars(query.distinct().order_by(RoleGrant.person_id))
    return tuple(found)


def _holds() -> ColumnElement[bool]:
    there = Person.left_at.is_(None) & Person.forgotten_at.is_(None)
    return and_(RoleGrant.ended_at.is_(None), there)


_ANSWER = Prepared(
    select(RoleGrant.person_id, RoleGrant.role)
    .join(Person, Person.id == RoleGrant.person_id)
    .join(Instrument, Instrument.organisation_id == RoleGrant.organisation_id)
    .where(
        Instrument.id == bindparam("number"),
        RoleGrant.role.in_((Role.KEEPER, Role.REPRESENTATIVE)),
        _holds(),
    )
    .distinct()
    .order_by(RoleGrant.person_id)
)


def bound(organisation_id: Any, *roles: Role) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Whether somebody who follows holds one of these roles for an organisation."""
    held = (
        select(RoleGrant.organisation_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.organisation_id.is_not(None), RoleGrant.role.in_(roles), _holds())
    )
    found: ColumnElement[bool] = organisation_id.in_(held)
    return found


def organisations(held: Iterable[Grant], *roles: Role) -> list[int]:
    """The organisations for which somebody holds one of these roles."""
    found = {grant.organisation_id for grant in held if grant.role in roles}
    return sorted(number for number in found if number is not None)


def overseen(held: Iterable[Grant], county_id: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether a column's county is one that somebody of the bureau looks after."""
    counties = {grant.county_id for grant in held if grant.role is Role.BUREAU}
    if None in counties:
        return true()
    return in_(county_id, sorted(each for each in counties if each is not None))


def in_(column: Any, values: Collection[Any]) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Whether a column's value is one of these."""
    found: ColumnElement[bool] = column.in_(values) if values else false()
    return found


async def oversees(session: AsyncSession, person_id: int, organisation_id: int) -> bool:
    """Whether somebody is of the bureau that looks after an organisation with instruments."""
    held = await grants(session, person_id)
    mine = (Instrument.organisation_id == organisation_id) & overseen(held, Instrument.county_id)
    return await session.scalar(select(Instrument.id).where(mine).limit(1)) is not None
