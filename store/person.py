"""People: who follows the account, and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
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
    """One follower. What is personal is encrypted under a key of their own."""

    __tablename__ = "person"
    __table_args__ = (NUMBERED,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    openid: Mapped[str | None] = mapped_column(unique=True)
    followed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    noticed_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A role given to a person; ended, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (Index("ix_role_grant_open", "person_id", "ended_at"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    organisation_id: Mapped[int | None]
    county_id: Mapped[int | None]
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
