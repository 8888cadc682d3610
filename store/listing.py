"""How an instrument comes to be listed, paused (停用) and withdrawn from the ledger (退出台账)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import Refused
from store.instrument import Instrument, Status, announce, lock_feed, remember
from store.lifecycle import Lifecycle, Move, NotNow, NotYours
from store.person import Grant, Role

S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("pause",    S.LISTED,    S.PAUSED,    by="keeper"),
    Move("resume",   S.PAUSED,    S.LISTED,    by="keeper"),
    Move("withdraw", S.LISTED,    S.WITHDRAWN, by="keeper"),
    Move("withdraw", S.PAUSED,    S.WITHDRAWN, by="keeper"),
    Move("relist",   S.WITHDRAWN, S.LISTED,    by="bureau"),
)
# fmt: on
LONGEST_REASON = 200


@dataclass(eq=False)
class NoSuchInstrument(Refused):
    """The number is no instrument's."""

    number: str


@dataclass(eq=False)
class ReasonMissing(Refused):
    """Pausing and withdrawing need a reason that users can read (at most `longest` characters)."""

    longest: int


@dataclass(frozen=True, slots=True)
class By:
    """Who moves an instrument, and what they may do."""

    person_id: int | None
    grants: frozenset[Grant]


def hats(instrument: Instrument, grants: Iterable[Grant]) -> frozenset[str]:
    """As what the grants let one act on this instrument; the bureau may all that a keeper may."""
    worn: set[str] = set()
    for grant in grants:
        here = grant.organisation_id in (None, instrument.organisation_id)
        there = grant.county_id in (None, instrument.county_id)
        if grant.role in (Role.KEEPER, Role.REPRESENTATIVE) and grant.organisation_id and here:
            worn.add("keeper")
        if grant.role is Role.BUREAU and there:
            worn |= {"keeper", "bureau"}
    return frozenset(worn)


async def pause(session: AsyncSession, number: int, reason: str, by: By, now: datetime) -> Status:
    """Take it out of use for a while; raises NoSuchInstrument, NotYours, NotNow, ReasonMissing."""
    return await _move(session, "pause", number, _said(reason), by, now)


async def resume(session: AsyncSession, number: int, by: By, now: datetime) -> Status:
    """Put it back into use."""
    return await _move(session, "resume", number, None, by, now)


async def withdraw(
    session: AsyncSession, number: int, reason: str, by: By, now: datetime
) -> Status:
    """Take it out of the ledger: moved, destroyed, scrapped or no longer fit (article （七）)."""
    return await _move(session, "withdraw", number, _said(reason), by, now)


async def relist(session: AsyncSession, number: int, by: By, now: datetime) -> Status:
    """Put a withdrawn instrument back into the ledger."""
    return await _move(session, "relist", number, None, by, now)


def _said(reason: str) -> str:
    words = " ".join(reason.split())
    if not 0 < len(words) <= LONGEST_REASON:
        raise ReasonMissing(longest=LONGEST_REASON)
    return words


async def _move(
    session: AsyncSession, verb: str, number: int, reason: str | None, by: By, now: datetime
) -> Status:
    """Compare and swap the status; write the history and the feed in the same transaction."""
    await lock_feed(session)
    instrument = await session.get(Instrument, number, populate_existing=True)
    if instrument is None:
        raise NoSuchInstrument(number=f"YQ{number}")
    worn = hats(instrument, by.grants)
    if not worn:
        raise NotYours(verb=verb)
    old, was = instrument.status, instrument.reason
    new = Status(LIFECYCLE.move(verb, old, worn).new)
    swap = (
        update(Instrument)
        .where(Instrument.id == number, Instrument.version == instrument.version)
        .values(status=new, reason=reason, version=Instrument.version + 1, changed_at=now)
        .returning(Instrument.version)
    )
    version = (await session.execute(swap)).scalar_one_or_none()
    if version is None:
        raise NotNow(verb=verb, status=old)
    await session.refresh(instrument)
    changed = {"status": [str(old), str(new)], "reason": [was, reason]}
    entry = {"instrument_id": number, "at": now, "actor_id": by.person_id, "verb": verb}
    await remember(session, [entry | {"version": version, "changed": changed}])
    await announce(session, [number], now)
    return new
