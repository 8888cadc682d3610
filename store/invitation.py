"""One-time codes: whoever sends `绑定 ‹code›` takes on the role it was made for.

A code is ten characters of an alphabet without look-alikes (50 bits), kept only as a keyed hash,
good once, for as long as policy says; a follower may be wrong a few times an hour.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import affiliation, audit, privacy, routing
from store.base import NUMBERED, Base, Key, microseconds
from store.errors import Refused
from store.person import Grant, Role, give, inserting
from store.policies import Policy

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
LENGTH = 10
HOUR = timedelta(hours=1)
LOCAL = frozenset({None, Role.KEEPER, Role.REPRESENTATIVE})
"""What is nothing without an organisation."""


@dataclass(eq=False)
class CodeUnknown(Refused):
    """No such code was ever given out."""

    left: int
    """Tries left in this hour."""


@dataclass(eq=False)
class CodeUsed(Refused):
    """Somebody has used the code."""


@dataclass(eq=False)
class CodeExpired(Refused):
    """The code is too old, or who made it may not any more."""

    days: int


@dataclass(eq=False)
class TooManyTries(Refused):
    """Too many wrong codes in this hour."""

    minutes: int
    """Until the next try."""


@dataclass(eq=False)
class ScopeMissing(Refused):
    """The role needs an organisation and none was named."""

    role: str


class Invitation(Base):
    """One code given out. Without a role it only says for whom its holder works."""

    __tablename__ = "invitation"
    __table_args__ = (NUMBERED,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role | None]
    organisation_id: Mapped[int | None] = mapped_column(Key)
    county_id: Mapped[int | None] = mapped_column(Key)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(Key)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(Key, index=True)


class BindTry(Base):
    """How often a follower sent a code in one hour."""

    __tablename__ = "bind_try"
    __table_args__ = (Index("ix_bind_try_hour", "hour"),)

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Whole hours since 1970."""
    tries: Mapped[int]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a code gives its holder: a role, or (without one) only for whom they work."""

    role: Role | None
    organisation_id: int | None = None
    county_id: int | None = None

    @property
    def grant(self) -> Grant | None:
        """The role, where it holds."""
        return Grant(self.role, self.organisation_id, self.county_id) if self.role else None


def normal(words: str) -> str:
    """A code as people type it: any width and case, with dashes or blanks, O for 0, I for 1."""
    kept = (c for c in unicodedata.normalize("NFKC", words).upper() if c.isalnum())
    return "".join(kept).translate(LOOKALIKES)


def looks_right(code: str) -> bool:
    """Whether a normal code can be one at all."""
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


async def invite(
    session: AsyncSession,
    policy: Policy,
    secret: bytes,
    offer: Offer,
    *,
    now: datetime,
    by: int | None = None,
) -> str:
    """Make a code; raises ScopeMissing. It is said once, here: only its hash is kept."""
    if offer.organisation_id is None and offer.role in LOCAL:
        raise ScopeMissing(offer.role or "")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    row = Invitation(
        hash=privacy.hashed(secret, "invitation", code),
        role=offer.role,
        organisation_id=offer.organisation_id,
        county_id=offer.county_id,
        made_at=now,
        made_by=by,
        expires_at=now + policy.invitation_valid.value,
    )
    session.add(row)
    await session.flush()
    audit.record(session, by, "invite", f"invitation:{row.id}", {"role": offer.role}, now)
    return f"{code[:5]}-{code[5:]}"


async def bind(
    session: AsyncSession,
    policy: Policy,
    secret: bytes,
    *,
    person_id: int,
    code: str,
    now: datetime,
) -> Offer:
    """Use a code. Raises TooManyTries, CodeUnknown, CodeUsed, CodeExpired.

    The try itself must be kept: the caller commits whether this raises or not.
    """
    left = await _try(session, policy, person_id, now)
    wanted = privacy.hashed(secret, "invitation", normal(code))
    found = (await session.scalars(select(Invitation).where(Invitation.hash == wanted))).first()
    if found is None:
        raise CodeUnknown(left)
    if found.expires_at <= now or not await _meant(session, found):
        raise CodeExpired(policy.invitation_valid.value.days)
    if not await _take(session, found.id, person_id, now):
        raise CodeUsed
    return await _grant(session, policy, found, person_id, now)


async def _try(session: AsyncSession, policy: Policy, person_id: int, now: datetime) -> int:
    hour, passed = divmod(microseconds(now), HOUR // timedelta(microseconds=1))
    added = inserting(session, BindTry).values(person_id=person_id, hour=hour, tries=1)
    counted = added.on_conflict_do_update(
        index_elements=["person_id", "hour"], set_={"tries": BindTry.tries + 1}
    ).returning(BindTry.tries)
    tries: int = (await session.execute(counted)).scalar_one()
    if tries > policy.bind_tries.value:
        raise TooManyTries(60 - passed // 60_000_000)
    return policy.bind_tries.value - tries


async def _meant(session: AsyncSession, found: Invitation) -> bool:
    """Whether who made the code still speaks for its organisation, or is of the bureau over it.

    An operator's codes always hold.
    """
    made_by, organisation_id = found.made_by, found.organisation_id
    if made_by is None or organisation_id is None:
        return True
    if await affiliation.speaks_for(session, made_by, organisation_id):
        return True
    return await routing.oversees(session, made_by, organisation_id)


async def _take(session: AsyncSession, number: int, person_id: int, now: datetime) -> bool:
    unused = (Invitation.id == number) & Invitation.used_at.is_(None)
    taken = update(Invitation).where(unused).values(used_at=now, used_by=person_id)
    return (await session.execute(taken.returning(Invitation.id))).first() is not None


async def _grant(
    session: AsyncSession, policy: Policy, found: Invitation, person_id: int, now: datetime
) -> Offer:
    offer = Offer(found.role, found.organisation_id, found.county_id)
    if offer.grant:
        await give(session, person_id, offer.grant, now, by=found.made_by)
    if found.organisation_id is not None:
        await affiliation.invited(
            session, policy, person_id=person_id, organisation_id=found.organisation_id, now=now
        )
    audit.record(session, person_id, "bind", f"invitation:{found.id}", {"role": found.role}, now)
    return offer
