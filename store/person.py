"""People: who follows the account, and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key


class Role(StrEnum):
    """What one may be, besides a follower."""

    KEEPER = "keeper"  #: looks after an organisation's instruments (机主)
    REPRESENTATIVE = "representative"  #: speaks for an organisation
    BUREAU = "bureau"
    EXPERT = "expert"
    SECRETARIAT = "secretariat"
    FINANCE = "finance"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and where it holds: everywhere when neither organisation nor county is given."""

    role: Role
    organisation_id: int | None = None
    county_id: int | None = None


class Person(Base):
    """One follower. What is personal is encrypted under a key of their own (store/personal.py)."""

    __tablename__ = "person"
    __table_args__ = (NUMBERED,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    openid: Mapped[str | None] = mapped_column(unique=True)
    """Nothing once the person is forgotten."""
    followed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None] = mapped_column(index=True)
    noticed_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None] = mapped_column(index=True)
    key: Mapped[bytes | None]
    """The person's key, wrapped by the account's; destroyed to forget."""
    personal: Mapped[bytes | None]
    """Name, phone and address, sealed under the key."""
    phone_hash: Mapped[str | None] = mapped_column(index=True)
    waiting: Mapped[int | None]
    """Notices that could not be sent and are kept for their next contact."""


class RoleGrant(Base):
    """A role given to a person; ended, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("ix_role_grant_open", "person_id", "ended_at"),
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            "scope",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    organisation_id: Mapped[int | None] = mapped_column(Key)
    county_id: Mapped[int | None] = mapped_column(Key)
    scope: Mapped[str] = mapped_column(default="")
    """`organisation:3`, `county:2` or nothing: what the database holds unique."""
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(Key)
    ended_at: Mapped[datetime | None]


def inserting(session: AsyncSession, table: type[Base]) -> Any:  # noqa: ANN401 - two dialects' own
    """An INSERT that knows ON CONFLICT, in the session's dialect."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


async def follow(session: AsyncSession, person_id: int, now: datetime) -> bool:
    """Note that somebody follows; True when they had left before."""
    person = await session.get_one(Person, person_id)
    again = person.followed_at is not None
    person.followed_at, person.left_at = now, None
    await session.flush()
    return again


async def by_openid(session: AsyncSession, openid: str) -> int:
    """The number of a follower who has written before; raises NoResultFound."""
    return (await session.scalars(select(Person.id).where(Person.openid == openid))).one()


async def leave(session: AsyncSession, person_id: int, now: datetime) -> None:
    """Note that somebody stopped following: retention counts from here."""
    where = (Person.id == person_id) & Person.left_at.is_(None)
    await session.execute(update(Person).where(where).values(left_at=now))


async def notice(session: AsyncSession, person_id: int, now: datetime) -> None:
    """Note that the privacy notice was shown, the first time only."""
    where = (Person.id == person_id) & Person.noticed_at.is_(None)
    await session.execute(update(Person).where(where).values(noticed_at=now))


async def give(
    session: AsyncSession, person_id: int, grant: Grant, now: datetime, by: int | None = None
) -> None:
    """Give a role; giving one that is held changes nothing."""
    row = {
        "person_id": person_id,
        "role": grant.role,
        "organisation_id": grant.organisation_id,
        "county_id": grant.county_id,
        "scope": _scope(grant),
        "granted_at": now,
        "granted_by": by,
    }
    await session.execute(inserting(session, RoleGrant).values(**row).on_conflict_do_nothing())


def _scope(grant: Grant) -> str:
    if grant.organisation_id is not None:
        return f"organisation:{grant.organisation_id}"
    return "" if grant.county_id is None else f"county:{grant.county_id}"


async def take(
    session: AsyncSession, person_id: int, now: datetime, *, organisation_id: int | None = None
) -> None:
    """End every role of a person, or those for one organisation when it is given."""
    where = (RoleGrant.person_id == person_id) & RoleGrant.ended_at.is_(None)
    if organisation_id is not None:
        where &= RoleGrant.organisation_id == organisation_id
    await session.execute(update(RoleGrant).where(where).values(ended_at=now))


async def grants(session: AsyncSession, person_id: int) -> frozenset[Grant]:
    """The roles held now."""
    where = (RoleGrant.person_id == person_id) & RoleGrant.ended_at.is_(None)
    rows = await session.scalars(select(RoleGrant).where(where))
    return frozenset(Grant(row.role, row.organisation_id, row.county_id) for row in rows)


async def holders(
    session: AsyncSession, role: Role, *, organisation_id: int | None = None
) -> list[int]:
    """Persons who hold a role, for one organisation when it is given."""
    query = select(RoleGrant.person_id).where(RoleGrant.role == role, RoleGrant.ended_at.is_(None))
    if organisation_id is not None:
        query = query.where(RoleGrant.organisation_id == organisation_id)
    return list(await session.scalars(query.distinct().order_by(RoleGrant.person_id)))
