"""Reckoning, confirming, objecting, settling: a fee from the end of a use to its payment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import booking as bookings
from store import policies
from store.booking.table import Booking, Mode
from store.booking.table import Status as Stage
from store.charge.reading import BUREAU, KEEPER, Account, kinds, of_booking
from store.charge.table import LIFECYCLE, Charge, IncomeUse, Status
from store.contract.reading import units
from store.errors import Refused
from store.event import Event, record
from store.lifecycle import NotYours
from store.person import Grant
from store.policies import Policy
from store.swap import swap
from store.tariff import in_force
from store.tariff.estimate import Estimate, Used, from_json, reckon
from store.tariff.sheet import of_group
from store.usage import Usage
from store.workdays import HERE, due

S = Status
HIGHEST = 1_000_000_000
"""Ten million yuan: more is a slip of the finger."""
LONGEST = 300
SETTLES = (Stage.FINISHED, Stage.DELIVERED)


@dataclass(eq=False)
class AmountUnfit(Refused):
    """No amount, or one that nobody can mean."""


@dataclass(eq=False)
class ReasonNeeded(Refused):
    """An amount other than the one reckoned needs its reason."""

    reckoned_fen: int


@dataclass(eq=False)
class ObjectionEmpty(Refused):
    """An objection needs its reason."""


@dataclass(eq=False)
class ObjectionOver(Refused):
    """The days in which one may object are over."""

    until: datetime


@dataclass(eq=False)
class StillObjected(Refused):
    """Nothing is settled while an objection waits to be decided."""

    number: str


@dataclass(eq=False)
class UseUnfit(Refused):
    """What income was used for is none of what policy allows."""

    kinds: str
    cite: str


async def begin(
    session: AsyncSession, booking: Booking, policy: Policy, now: datetime
) -> Charge | None:
    """The fee of a use that is over, made once; nothing while it is not. What is free is paid."""
    if booking.status not in SETTLES:
        return None
    if (made := await of_booking(session, booking.id)) is not None:
        return made
    used = await _used(session, booking, policy)
    found = await _reckoned(session, booking, used)
    free = found.fen == 0
    row = Charge(
        booking_id=booking.id,
        instrument_id=booking.instrument_id,
        organisation_id=booking.organisation_id,
        person_id=booking.person_id,
        employer_id=booking.employer_id,
        status=S.PAID if free else S.RECKONED,
        reckoned_fen=found.fen,
        lines=list(found.rows.get("lines", [])),
        used={"minutes": used.minutes, "samples": used.samples},
        fen=0 if free else None,
        voucher_fen=0 if free else booking.voucher_fen,
        settled_at=now if free else None,
        paid_at=now if free else None,
        policy_id=await policies.in_force(session, policy, now),
        version=1,
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    await _tell(session, row, "free" if free else "reckon", None, now)
    if free:
        await bookings.move(session, booking, "settle", frozenset({KEEPER}), None, now)
    return row


async def _used(session: AsyncSession, booking: Booking, policy: Policy) -> Used:
    """What was really used; what was booked where nobody wrote it down."""
    query = select(Usage).where(Usage.booking_id == booking.id)
    usage = (await session.scalars(query)).one_or_none()
    if booking.mode is Mode.SAMPLE:
        counted = usage.samples if usage and usage.samples else booking.samples
        return Used(Mode.SAMPLE, samples=counted)
    start, end = _span(booking, usage, policy)
    if start is None or end is None:
        return Used(Mode.SELF)
    seconds = Decimal(str(max(end - start, timedelta()).total_seconds()))
    return Used(Mode.SELF, int((seconds / 60).to_integral_value(ROUND_CEILING)))


def _span(
    booking: Booking, usage: Usage | None, policy: Policy
) -> tuple[datetime | None, datetime | None]:
    """From when to when one pays: what policy lets one come early and leave late is free."""
    start, end = booking.starts_at, booking.ends_at
    if usage is None or usage.ends_at is None:
        return start, end
    if start is None or end is None:
        return usage.starts_at, usage.ends_at
    early, late = policy.check_in_early.value, policy.check_out_late.value
    begun = start if start - early <= usage.starts_at < start else usage.starts_at
    over = end if end < usage.ends_at <= end + late else usage.ends_at
    return begun, over


async def _reckoned(session: AsyncSession, booking: Booking, used: Used) -> Estimate:
    """By the prices of the day of booking; a price that was agreed for this booking stands."""
    on = booking.requested_at.astimezone(HERE).date()
    kept = booking.price.get("prices")
    if kept is None:
        key, mine = of_group(await in_force(session, booking.instrument_id, on), booking.group)
    else:
        key, mine = booking.price["group"], [from_json(each) for each in kept]
    found = reckon(mine, used, key, on)
    if found.fen is None and booking.estimate_fen is not None:
        return Estimate(booking.estimate_fen, {}, found.words)
    return found


async def confirm(
    session: AsyncSession, by: Account, fen: int, reason: str, policy: Policy, now: datetime
) -> Charge:
    """The keeper says what it costs; the user may object from then on for policy's days.

    Raises NotYours, NotNow, AmountUnfit, ReasonNeeded.
    """
    charge, said = by.charge, " ".join(reason.split())[:LONGEST]
    verb = "confirm" if charge.status is S.RECKONED else "correct"
    move = LIFECYCLE.move(verb, charge.status, by.hats)
    if not 0 <= fen <= HIGHEST:
        raise AmountUnfit
    if charge.reckoned_fen not in (None, fen) and not said:
        raise ReasonNeeded(charge.reckoned_fen or 0)
    charge = await swap(
        session,
        charge,
        verb,
        status=S(move.new),
        fen=fen,
        reason=said or None,
        confirmed_at=now,
        confirmed_by=by.person_id,
        object_until=due(now, policy.objection.value),
        changed_at=now,
    )
    await _tell(session, charge, verb, by.person_id, now)
    return charge


async def object_to(session: AsyncSession, by: Account, words: str, now: datetime) -> Charge:
    """The user objects: nothing is settled until it is decided.

    Raises NotYours, NotNow, ObjectionEmpty, ObjectionOver.
    """
    said, until = " ".join(words.split())[:LONGEST], by.charge.object_until
    move = LIFECYCLE.move("object", by.charge.status, by.hats)
    if not said:
        raise ObjectionEmpty
    if until is not None and until <= now:
        raise ObjectionOver(until)
    values = {"status": S(move.new), "objection": said, "changed_at": now}
    charge = await swap(session, by.charge, "object", **values)
    await _tell(session, charge, "object", by.person_id, now)
    return charge


async def accept(session: AsyncSession, by: Account, now: datetime) -> Charge:
    """The user agrees, or takes an objection back: it is settled. Raises NotYours, NotNow."""
    return await _settle(session, by.charge, by.booking, "accept", by.hats, by.person_id, now)


async def decide(session: AsyncSession, by: Account, fen: int, now: datetime) -> Charge:
    """The bureau decides an objection, with the amount that stands. Raises NotYours, NotNow."""
    if not 0 <= fen <= HIGHEST:
        raise AmountUnfit
    hats = by.hats & {BUREAU}
    return await _settle(session, by.charge, by.booking, "decide", hats, by.person_id, now, fen=fen)


async def pay(session: AsyncSession, by: Account, now: datetime) -> Charge:
    """The keeper notes that it was paid. What the user did not object to stands by that.

    Raises NotYours, NotNow, StillObjected.
    """
    charge, keeper = by.charge, by.hats & {KEEPER}
    if charge.status is S.OBJECTED:
        raise StillObjected(f"YY{by.booking.number}")
    if charge.status is S.CONFIRMED and keeper:
        clock = frozenset({"clock"})
        charge = await _settle(session, charge, by.booking, "settle", clock, by.person_id, now)
    move = LIFECYCLE.move("pay", charge.status, keeper)
    values = {"status": S(move.new), "paid_at": now, "changed_at": now}
    charge = await swap(session, charge, "pay", **values)
    await _tell(session, charge, "pay", by.person_id, now)
    return charge


async def sweep(session: AsyncSession, policy: Policy, now: datetime, limit: int = 200) -> int:
    """Settle what nobody objected to in time; how many."""
    del policy
    over = (Charge.status == S.CONFIRMED) & (Charge.object_until <= now)
    query = select(Charge).where(over).order_by(Charge.id).limit(limit)
    rows = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    for charge in rows:
        booking = await session.get_one(Booking, charge.booking_id)
        clock = frozenset({"clock"})
        await _settle(session, charge, booking, "settle", clock, None, now)
    return len(rows)


async def _settle(  # noqa: PLR0913, PLR0917 - who, what and when
    session: AsyncSession,
    charge: Charge,
    booking: Booking,
    verb: str,
    hats: frozenset[str],
    actor: int | None,
    now: datetime,
    **more: int,
) -> Charge:
    """It stands: the booking is settled with it; what costs nothing is paid."""
    move = LIFECYCLE.move(verb, charge.status, hats)
    values: dict[str, Any] = {"status": S(move.new), "settled_at": now, "changed_at": now} | more
    charge = await swap(session, charge, verb, **values)
    await _tell(session, charge, verb, actor, now)
    await bookings.move(session, booking, "settle", frozenset({KEEPER}), actor, now)
    return charge


async def spend(  # noqa: PLR0913, PLR0917 - who, what and when
    session: AsyncSession,
    organisation_id: int,
    kind: str,
    fen: int,
    by: tuple[int, Collection[Grant]],
    policy: Policy,
    now: datetime,
) -> IncomeUse:
    """Write down what income was used for. Raises NotYours, UseUnfit, AmountUnfit."""
    person_id, grants = by
    if organisation_id not in units(grants):
        raise NotYours(verb="spend")
    if kind not in kinds(policy):
        raise UseUnfit(policy.income_uses.value, policy.income_uses.cite)
    if not 0 < fen <= HIGHEST:
        raise AmountUnfit
    year = now.astimezone(HERE).year
    row = IncomeUse(
        organisation_id=organisation_id, year=year, kind=kind, fen=fen, by=person_id, at=now
    )
    session.add(row)
    await session.flush()
    return row


async def _tell(
    session: AsyncSession, charge: Charge, verb: str, actor: int | None, now: datetime
) -> None:
    facts = {"booking": charge.booking_id}
    await record(session, Event("charge", charge.id, verb, charge.version, now, actor, facts))
