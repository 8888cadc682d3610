"""What bookings and fees do to the vouchers that pay for them, in their own transactions."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.table import Booking
from store.charge.table import Charge
from store.event import Event
from store.policies import Policy
from store.voucher import programme, using
from store.voucher.apply import end, fund
from store.voucher.by import By
from store.voucher.ledger import Account, balance
from store.voucher.programme import Programme
from store.voucher.reading import expiring
from store.voucher.table import UseStatus, Voucher, VoucherUse
from store.voucher.using import Service

NOTHING = frozenset({"cancel", "reject", "expire", "abort", "miss", "excuse"})
"""A booking that does not take place gives its voucher back what was set aside."""
SETTLED = frozenset({"accept", "settle", "decide", "free"})


async def pay_with(
    session: AsyncSession,
    rules: Programme,
    voucher: Voucher,
    booking: Booking,
    *,
    on_platform: bool,
    by: By,
) -> VoucherUse:
    """Set a voucher aside for a booking whose price is known; raises what `using.reserve` does."""
    service = Service(
        booking.number, booking.organisation_id, booking.estimate_fen or 0, on_platform
    )
    await session.refresh(voucher, with_for_update=True)
    row = await using.reserve(session, rules, voucher, service, by)
    await _note(session, booking.id, voucher.id, row.fen)
    return row


async def take_back(session: AsyncSession, booking: Booking, by: By) -> VoucherUse | None:
    """Pay for a booking without a voucher after all."""
    row = await using.of_booking(session, booking.number)
    if row is None or row.status is not UseStatus.RESERVED:
        return None
    voucher = await _held(session, row)
    await using.release(session, voucher, row, by)
    await _note(session, booking.id, None, 0)
    return row


async def _held(session: AsyncSession, row: VoucherUse) -> Voucher:
    """The voucher as it stands, which ends neither before nor while its money moves."""
    return await session.get_one(
        Voucher, row.voucher_id, with_for_update=True, populate_existing=True
    )


async def _note(session: AsyncSession, booking_id: int, voucher_id: int | None, fen: int) -> None:
    """On the booking, and on its fee where there is one already."""
    its = update(Booking).where(Booking.id == booking_id)
    await session.execute(its.values(voucher_id=voucher_id, voucher_fen=fen))
    fee = update(Charge).where(Charge.booking_id == booking_id)
    await session.execute(fee.values(voucher_fen=fen))


async def follow(session: AsyncSession, event: Event) -> None:
    """Release what will not be used; use what is settled, as far as it covers the fee."""
    if event.subject == "booking" and event.verb in NOTHING:
        booking = await session.get_one(Booking, event.id, populate_existing=True)
        await take_back(session, booking, By(event.actor_id, frozenset({"user"}), event.at))
    elif event.subject == "charge" and event.verb in SETTLED:
        charge = await session.get_one(Charge, event.id, populate_existing=True)
        await _settled(session, charge, By(event.actor_id, frozenset({"keeper"}), event.at))


async def _settled(session: AsyncSession, charge: Charge, by: By) -> None:
    booking = await session.get_one(Booking, charge.booking_id)
    row = await using.of_booking(session, booking.number)
    if row is None or row.status is not UseStatus.RESERVED:
        return
    voucher = await _held(session, row)
    fen = min(row.fen, programme.load(voucher.programme).covers(charge.fen or 0))
    if fen == 0:
        await using.release(session, voucher, row, By(by.actor_id, frozenset({"user"}), by.now))
    else:
        await using.use(session, voucher, row, fen, by)
    its = update(Charge).where(Charge.id == charge.id)
    await session.execute(its.values(voucher_fen=fen))


async def sweep(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """Bring in the year's budget; end vouchers whose time is over, back to the budget."""
    by, code = By(None, frozenset({"clock"}), now), policy.voucher_programme.value
    if code:
        await fund(session, programme.load(code), by)
    rows = await expiring(session, now)
    for voucher in rows:
        left = await balance(session, voucher.programme, Account.GRANTED, voucher.id)
        await end(session, voucher, "expire", by, left)
    return len(rows)
