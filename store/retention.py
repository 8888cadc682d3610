"""How personal data ends: at a person's word, or when the time that policy names is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import affiliation, audit, link
from store.base import microseconds
from store.conversation import Conversation
from store.file import StoredFile, Vault
from store.invitation import BindTry
from store.outbox import Outbox, Outcome
from store.person import Person, take
from store.policies import Policy
from store.watch import Watch

AT_ONCE = 200
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much came to its end."""

    affiliations: int
    people: int
    files: int
    """Whose keys were destroyed now."""
    unlinked: int
    """Whose keys were destroyed earlier, and which are off the disk now."""


async def forget(
    session: AsyncSession, person_id: int, now: datetime, *, by: int | None = None
) -> None:
    """Destroy a person's key and all that is theirs alone; what must stay, stays under a number.

    Harmless when done twice. `by` is nobody when time did it.
    """
    await affiliation.end_all(session, person_id, now)
    await take(session, person_id, now)
    await link.revoke(session, person_id)
    files = (StoredFile.owner_id == person_id) & StoredFile.personal
    gone = update(StoredFile).where(files, StoredFile.removed_at.is_(None))
    await session.execute(gone.values(key=None, removed_at=now))
    await _silence(session, person_id, now)
    blank = {"openid": None, "key": None, "personal": None, "phone_hash": None}
    known = (Person.id == person_id) & Person.forgotten_at.is_(None)
    done = update(Person).where(known).values(**blank, forgotten_at=now).returning(Person.id)
    if (await session.execute(done)).first() is not None:
        audit.record(session, by, "forget", f"person:{person_id}", {}, now)


async def _silence(session: AsyncSession, person_id: int, now: datetime) -> None:
    await session.execute(delete(Conversation).where(Conversation.person_id == person_id))
    await session.execute(delete(BindTry).where(BindTry.person_id == person_id))
    watches = (Watch.person_id == person_id) & Watch.ended_at.is_(None)
    await session.execute(update(Watch).where(watches).values(ended_at=now))
    theirs = Outbox.person_id == person_id
    await session.execute(update(Outbox).where(theirs).values(facts={}, sealed=None))
    unsent = update(Outbox).where(theirs, Outbox.settled_at.is_(None))
    await session.execute(unsent.values(settled_at=now, outcome=Outcome.DROPPED, claim=None))


async def sweep(
    session: AsyncSession, policy: Policy, now: datetime, vault: Vault | None = None
) -> Swept:
    """End what is due, a few hundred rows at a time; run it until nothing is left to do."""
    await link.sweep(session, policy, now)
    day_ago = microseconds(now) // (HOUR // timedelta(microseconds=1)) - 24
    await session.execute(delete(BindTry).where(BindTry.hour < day_ago))
    forgotten = select(Person.id).where(Person.forgotten_at.is_not(None))
    await session.execute(delete(Conversation).where(Conversation.person_id.in_(forgotten)))
    unlinked = await _unlink(session, vault, now) if vault else 0
    return Swept(
        affiliations=await affiliation.sweep(session, now),
        people=await _people(session, policy, now),
        files=await _files(session, now),
        unlinked=unlinked,
    )


async def _people(session: AsyncSession, policy: Policy, now: datetime) -> int:
    left = Person.left_at <= now - policy.personal_kept.value
    query = select(Person.id).where(left, Person.forgotten_at.is_(None)).limit(AT_ONCE)
    due = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    for person_id in due:
        await forget(session, person_id, now)
    return len(due)


async def _files(session: AsyncSession, now: datetime) -> int:
    due = (StoredFile.ends_at <= now) & StoredFile.removed_at.is_(None)
    gone = update(StoredFile).where(due).values(key=None, removed_at=now)
    return len((await session.execute(gone.returning(StoredFile.id))).all())


async def _unlink(session: AsyncSession, vault: Vault, now: datetime) -> int:
    """Take files off the disk whose end was committed before: their keys are gone already."""
    vault.tidy(now - HOUR)
    due = (StoredFile.removed_at < now) & StoredFile.unlinked_at.is_(None)
    rows = (await session.scalars(select(StoredFile).where(due).limit(AT_ONCE))).all()
    for row in rows:
        vault.remove(row.digest)
        row.unlinked_at = now
    return len(rows)
