"""Vouchers and redemptions as people ask for them: one's own, queues, figures, draws."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import Refused
from store.voucher.ledger import Account, balance, totals
from store.voucher.programme import Programme
from store.voucher.table import ASKED, Status, UseStatus, Voucher, VoucherUse

ALARM = 80
"""Per cent of the budget granted at which the bureau is told."""


@dataclass(eq=False)
class NoSuchVoucher(Refused):
    """The number is no voucher's, or not one the asker may see."""

    number: str


@dataclass(frozen=True, slots=True)
class Held:
    """One voucher, and what is left of it in fen."""

    voucher: Voucher
    free_fen: int
    reserved_fen: int


async def find(session: AsyncSession, number: int) -> Voucher | None:
    """`CXQ12`, as it stands now."""
    return await session.get(Voucher, number, populate_existing=True)


async def of_firms(session: AsyncSession, firms: Collection[int]) -> list[Held]:
    """What firms hold or asked for, those that end first on top."""
    if not firms:
        return []
    query = select(Voucher).where(Voucher.firm_id.in_(firms))
    ordered = query.order_by(Voucher.valid_until.is_(None), Voucher.valid_until, Voucher.id)
    rows = (await session.scalars(ordered)).all()
    return [await _held(session, row) for row in rows]


async def _held(session: AsyncSession, row: Voucher) -> Held:
    free = await balance(session, row.programme, Account.GRANTED, row.id)
    return Held(row, free, await balance(session, row.programme, Account.RESERVED, row.id))


async def held(session: AsyncSession, voucher: Voucher) -> Held:
    """A voucher with what is left of it."""
    return await _held(session, voucher)


async def usable(session: AsyncSession, firms: Collection[int], now: datetime) -> list[Held]:
    """What firms may use now, the one that ends first on top."""
    held = await of_firms(session, firms)
    return [
        one
        for one in held
        if one.voucher.status is Status.GRANTED
        and one.free_fen > 0
        and one.voucher.valid_until is not None
        and one.voucher.valid_until > now
    ]


async def uses(session: AsyncSession, voucher_id: int) -> Sequence[VoucherUse]:
    """What a voucher pays or paid for, oldest first."""
    its = VoucherUse.voucher_id == voucher_id
    return (await session.scalars(select(VoucherUse).where(its).order_by(VoucherUse.id))).all()


async def asking(
    session: AsyncSession, stages: Collection[Status], counties: Collection[int | None]
) -> Sequence[Voucher]:
    """Applications that wait at these stages, oldest first; None among counties is everywhere."""
    query = select(Voucher).where(Voucher.status.in_(stages))
    if None not in counties:
        query = query.where(Voucher.county_id.in_([one for one in counties if one is not None]))
    return (await session.scalars(query.order_by(Voucher.id))).all()


async def redeeming(
    session: AsyncSession, stages: Collection[UseStatus]
) -> Sequence[tuple[VoucherUse, Voucher]]:
    """Redemptions that stand so, oldest first."""
    query = (
        select(VoucherUse, Voucher)
        .join(Voucher, Voucher.id == VoucherUse.voucher_id)
        .where(VoucherUse.status.in_(stages))
        .order_by(VoucherUse.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class Figures:
    """A programme in sum, in fen and in numbers: each is the ledger's own."""

    funded: int
    left: int
    granted: int
    reserved: int
    used: int
    redeemed: int
    paid: int
    asked: int
    """Applications that wait."""
    firms: int
    """Firms that hold or held one."""

    @property
    def spent_percent(self) -> int:
        """How much of the budget is granted."""
        return 100 * (self.funded - self.left) // self.funded if self.funded else 0


async def figures(session: AsyncSession, programme: Programme) -> Figures:
    """The programme in sum."""
    held = await totals(session, programme.code)
    own = Voucher.programme == programme.code
    waiting = select(func.count()).where(own, Voucher.status.in_(ASKED))
    firms = select(func.count(Voucher.firm_id.distinct())).where(own, Voucher.granted_fen > 0)
    return Figures(
        funded=-held.get(Account.SOURCE, 0),
        left=held.get(Account.BUDGET, 0),
        granted=held.get(Account.GRANTED, 0),
        reserved=held.get(Account.RESERVED, 0),
        used=held.get(Account.USED, 0),
        redeemed=held.get(Account.REDEEMED, 0),
        paid=held.get(Account.PAID, 0),
        asked=await session.scalar(waiting) or 0,
        firms=await session.scalar(firms) or 0,
    )


async def expiring(session: AsyncSession, now: datetime, limit: int = 200) -> Sequence[Voucher]:
    """Granted ones whose time is over, to be ended here and by nobody else meanwhile."""
    over = (Voucher.status == Status.GRANTED) & (Voucher.valid_until <= now)
    query = select(Voucher).where(over).order_by(Voucher.id).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


def drawn(numbers: Collection[int], percent: int, seed: str) -> list[int]:
    """At least so many per cent of these, by a draw that anybody can repeat.

    Numbers are put in the order of the SHA-256 of `seed:number`; the first are drawn.
    """
    count = -(-len(numbers) * percent // 100)
    return sorted(
        sorted(numbers, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())[:count]
    )
