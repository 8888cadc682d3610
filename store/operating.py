"""A unit's operating rules (操作规范): shown before the first use, and kept who read which text."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.errors import Refused
from store.instrument import Instrument
from store.person import inserting
from store.policies import Policy
from store.prepared import Prepared


@dataclass(eq=False)
class RulesUnread(Refused):
    """The instrument's operating rules are to be read and agreed to first: （十） of Jinzhong."""

    number: str
    cite: str


@dataclass(eq=False)
class RulesChanged(Refused):
    """These are no longer the instrument's rules: the new ones are to be read."""


class RulesRead(Base):
    """One person said that they read one text of one instrument's rules, and will keep to it."""

    __tablename__ = "rules_read"
    __table_args__ = (UniqueConstraint("person_id", "instrument_id", "hash"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    hash: Mapped[str]
    """SHA-256 of the rules as they stood."""
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Rules:
    """One instrument's rules as they stand now."""

    text: str

    @property
    def hash(self) -> str:
        """What an acknowledgement points to."""
        return hashlib.sha256(self.text.encode()).hexdigest()


async def rules_of(session: AsyncSession, instrument_id: int) -> Rules | None:
    """The rules of an instrument; nothing where it has none."""
    rows = await _RULES(session, number=instrument_id)
    text = (rows[0][0] or "").strip() if rows else ""
    return Rules(text) if text else None


_RULES = Prepared(select(Instrument.rules).where(Instrument.id == bindparam("number")))


async def unread(
    session: AsyncSession, person_id: int, instrument_id: int, policy: Policy
) -> Rules | None:
    """The rules that a person has still to read before they use an instrument."""
    rules = await rules_of(session, instrument_id) if policy.operating_rules.value else None
    if rules is None:
        return None
    mine = (RulesRead.person_id == person_id) & (RulesRead.instrument_id == instrument_id)
    query = select(RulesRead.id).where(mine, RulesRead.hash == rules.hash)
    return None if await session.scalar(query) is not None else rules


async def acknowledge(
    session: AsyncSession, person_id: int, instrument_id: int, shown: str, now: datetime
) -> None:
    """Keep that a person read the rules with this hash. Raises RulesChanged."""
    rules = await rules_of(session, instrument_id)
    if rules is None or rules.hash != shown:
        raise RulesChanged
    row = {"person_id": person_id, "instrument_id": instrument_id, "hash": shown, "at": now}
    await session.execute(inserting(session, RulesRead).values(**row).on_conflict_do_nothing())


async def accept(session: AsyncSession, person_id: int, instrument_id: int, now: datetime) -> None:
    """Keep that a person agreed to the rules that they were shown just now, where there are any."""
    rules = await rules_of(session, instrument_id)
    if rules is not None:
        await acknowledge(session, person_id, instrument_id, rules.hash, now)


async def check(session: AsyncSession, person_id: int, instrument_id: int, policy: Policy) -> None:
    """Refuse somebody who has not read the rules. Raises RulesUnread."""
    if await unread(session, person_id, instrument_id, policy) is not None:
        raise RulesUnread(f"YQ{instrument_id}", policy.operating_rules.cite)
