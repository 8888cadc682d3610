"""The vouchers' ledger: transfers from account to account, in whole fen, never changed.

A transfer takes from one account what it gives to another, so nothing is ever lost or made.
Triggers keep each account's balance beside it and refuse one below zero (`voucher_transfer_books`)
and a firm above its caps; `differences` proves that balances are the sums of the transfers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.errors import Refused
from store.person import inserting
from store.voucher.by import By


class Account(StrEnum):
    """Where money of a programme is."""

    SOURCE = "source"  #: where the budget comes from; the only one that may be below zero
    BUDGET = "budget"
    GRANTED = "granted"  #: a voucher's, free to be used
    RESERVED = "reserved"
    USED = "used"
    REDEEMED = "redeemed"  #: claimed, being looked at
    PAID = "paid"


OF_PROGRAMME = frozenset({Account.SOURCE, Account.BUDGET})
"""Accounts that belong to the programme, not to a voucher."""
NOBODY = 0
"""The voucher of a programme's own accounts."""


@dataclass(eq=False)
class BudgetSpent(Refused):
    """The programme has not so much left."""


@dataclass(eq=False)
class NotEnough(Refused):
    """The voucher has not so much left."""


class Transfer(Base):
    """So much from one account to another."""

    __tablename__ = "voucher_transfer"
    __table_args__ = (
        CheckConstraint("fen > 0", name="something_moved"),
        CheckConstraint("from_account <> to_account", name="somewhere_else"),
        UniqueConstraint("key"),
        Index("ix_voucher_transfer_voucher", "voucher_id", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str]
    """What it is for, once: `grant/12`, `reserve/31`."""
    programme: Mapped[str]
    voucher_id: Mapped[int] = mapped_column(Key)
    """0 for the programme's own."""
    use_id: Mapped[int | None] = mapped_column(Key, ForeignKey("voucher_use.id"))
    from_account: Mapped[Account]
    to_account: Mapped[Account]
    fen: Mapped[int] = mapped_column(Key)
    actor_id: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime]


class Balance(Base):
    """What an account holds: written by the triggers of `voucher_transfer` alone."""

    __tablename__ = "voucher_balance"
    __table_args__ = (CheckConstraint("fen >= 0 OR account = 'source'", name="not_below_zero"),)

    programme: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[Account] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    fen: Mapped[int] = mapped_column(Key)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a voucher's (or of a programme's own, where it is NOBODY's)."""

    programme: str
    voucher_id: int
    fen: int
    use_id: int | None = None


async def transfer(
    session: AsyncSession,
    key: str,
    amount: Amount,
    way: tuple[Account, Account],
    by: By,
) -> bool:
    """Move an amount, once for its key; False when that was done before.

    Raises BudgetSpent, NotEnough.
    """
    source, target = way
    row = {
        "key": key,
        "programme": amount.programme,
        "voucher_id": amount.voucher_id,
        "use_id": amount.use_id,
        "from_account": source,
        "to_account": target,
        "fen": amount.fen,
        "actor_id": by.actor_id,
        "at": by.now,
    }
    adding = inserting(session, Transfer).values(**row).on_conflict_do_nothing()
    try:
        async with session.begin_nested():
            moved = await session.scalar(adding.returning(Transfer.id))
    except IntegrityError as why:
        raise (BudgetSpent if source is Account.BUDGET else NotEnough) from why
    return moved is not None


async def balance(
    session: AsyncSession, programme: str, account: Account, voucher_id: int = NOBODY
) -> int:
    """What an account holds, in fen."""
    found = await session.scalar(
        select(Balance.fen).where(
            Balance.programme == programme,
            Balance.account == account,
            Balance.voucher_id == voucher_id,
        )
    )
    return found or 0


async def balances(session: AsyncSession, voucher_id: int) -> dict[Account, int]:
    """All that a voucher holds, by account."""
    rows = await session.execute(
        select(Balance.account, Balance.fen).where(Balance.voucher_id == voucher_id)
    )
    return {row.account: row.fen for row in rows}


async def totals(session: AsyncSession, programme: str) -> dict[Account, int]:
    """All that a programme's accounts hold together, by account."""
    rows = await session.execute(
        select(Balance.account, func.sum(Balance.fen).label("fen"))
        .where(Balance.programme == programme)
        .group_by(Balance.account)
    )
    return {row.account: int(row.fen) for row in rows}


async def transfers(session: AsyncSession, voucher_id: int) -> Sequence[Transfer]:
    """A voucher's history, oldest first."""
    its = Transfer.voucher_id == voucher_id
    return (await session.scalars(select(Transfer).where(its).order_by(Transfer.id))).all()


async def differences(session: AsyncSession) -> list[str]:
    """Accounts whose balance is not the sum of its transfers, and programmes that do not add up."""
    kept = await _kept(session)
    summed = await _summed(session)
    wrong = [
        f"{programme} {account} {voucher}: {kept.get(at, 0)} kept, {summed.get(at, 0)} moved"
        for at in sorted(kept.keys() | summed.keys())
        if kept.get(at, 0) != summed.get(at, 0)
        for programme, account, voucher in [at]
    ]
    if total := sum(kept.values()):
        wrong.append(f"all accounts together hold {total}")
    return wrong


At = tuple[str, str, int]


async def _kept(session: AsyncSession) -> dict[At, int]:
    rows = await session.scalars(select(Balance))
    return {(row.programme, str(row.account), row.voucher_id): row.fen for row in rows}


async def _summed(session: AsyncSession) -> dict[At, int]:
    summed: dict[At, int] = {}
    for side, sign in ((Transfer.to_account, 1), (Transfer.from_account, -1)):
        rows = await session.execute(
            select(Transfer.programme, side, Transfer.voucher_id, func.sum(Transfer.fen)).group_by(
                Transfer.programme, side, Transfer.voucher_id
            )
        )
        for programme, account, voucher, fen in rows:
            owner = NOBODY if account in OF_PROGRAMME else voucher
            at = (programme, str(account), owner)
            summed[at] = summed.get(at, 0) + sign * int(fen)
    return summed
