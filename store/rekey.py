"""Changing the account's key: every key is locked anew, what they sealed stays as it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, file, personal
from store.file import StoredFile
from store.invitation import Invitation
from store.link import SignedLink
from store.person import Person


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """How much was locked anew, and how many open codes ended because only their hash is known."""

    people: int
    files: int
    codes: int


async def rekey(session: AsyncSession, old: bytes, new: bytes, now: datetime) -> Rekeyed:
    """Exchange the account's key, in one transaction. Raises privacy.Unopenable: wrong old key."""
    people = (await session.scalars(select(Person).where(Person.key.is_not(None)))).all()
    for person in people:
        personal.rekeyed(old, new, person)
    records = select(StoredFile).where(StoredFile.key.is_not(None), StoredFile.personal.is_(False))
    files = (await session.scalars(records)).all()
    for row in files:
        file.rekeyed(old, new, row)
    unused = Invitation.used_at.is_(None) & (Invitation.expires_at > now)
    ended = update(Invitation).where(unused).values(expires_at=now).returning(Invitation.id)
    codes = len((await session.execute(ended)).all())
    await session.execute(delete(SignedLink))
    audit.record(session, None, "rekey", "account:1", {"people": len(people)}, now)
    await session.flush()
    return Rekeyed(len(people), len(files), codes)
