"""Applying for a voucher, and what county and city decide."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import audit, event
from store.base import Base, Key
from store.errors import Refused
from store.event import Event
from store.lifecycle import NotNow
from store.money import yuan
from store.person import inserting
from store.policies.version import keep_text
from store.voucher.by import By
from store.voucher.ledger import NOBODY, Account, Amount, balance, transfer
from store.voucher.programme import Programme
from store.voucher.table import VOUCHER_LIFECYCLE, Status, Voucher
from store.workdays import HERE


@dataclass(eq=False)
class ProgrammeOpen(Refused):
    """The region has not said yet how much it grants to whom."""

    region: str


@dataclass(eq=False)
class TooMuchAsked(Refused):
    """More than one application may ask for."""

    most: str
    """In yuan, as people read it."""
    cite: str


@dataclass(eq=False)
class HoldsTooMuch(Refused):
    """The firm would hold more at once, or be granted more in a year, than it may."""

    held: str
    year: str
    cite: str


class FirmCap(Base):
    """What one firm holds and was granted in one programme, and how much it may."""

    __tablename__ = "voucher_firm"
    __table_args__ = (
        CheckConstraint("held_fen BETWEEN 0 AND held_cap_fen", name="held_within"),
        CheckConstraint("year_fen BETWEEN 0 AND year_cap_fen", name="year_within"),
    )

    programme: Mapped[str] = mapped_column(primary_key=True)
    firm_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"), primary_key=True)
    held_fen: Mapped[int] = mapped_column(Key)
    held_cap_fen: Mapped[int] = mapped_column(Key)
    year_fen: Mapped[int] = mapped_column(Key)
    year_cap_fen: Mapped[int] = mapped_column(Key)


@dataclass(frozen=True, slots=True)
class Application:
    """What a firm asks for, its codes read already."""

    firm_id: int
    person_id: int
    county_id: int | None
    credit_code: str
    evaluation: str
    purpose: str
    asked_fen: int


async def apply(
    session: AsyncSession, programme: Programme, asked: Application, now: datetime
) -> Voucher:
    """Keep an application; raises ProgrammeOpen, TooMuchAsked."""
    most = programme.application_fen
    if not programme.complete or most.value is None:
        raise ProgrammeOpen(region=programme.region)
    if asked.asked_fen > most.value:
        raise TooMuchAsked(most=yuan(most.value), cite=most.cite)
    voucher = Voucher(
        programme=programme.code,
        policy_id=await keep_text(
            session, f"voucher/{programme.code}", programme.hash, programme.text, now
        ),
        firm_id=asked.firm_id,
        person_id=asked.person_id,
        county_id=asked.county_id,
        credit_code=asked.credit_code,
        evaluation=asked.evaluation,
        purpose=asked.purpose,
        asked_fen=asked.asked_fen,
        granted_fen=0,
        status=Status.APPLIED if programme.two_stages.value else Status.COUNTY_OK,
        applied_at=now,
        version=1,
        changed_at=now,
    )
    session.add(voucher)
    await session.flush()
    by = By(asked.person_id, frozenset({"user"}), now)
    await happened(session, voucher, "apply", by)
    return voucher


async def grant(
    session: AsyncSession, programme: Programme, voucher: Voucher, fen: int, by: By
) -> Voucher:
    """Grant all or a part; raises NotNow, NotYours, HoldsTooMuch, BudgetSpent."""
    fen = min(fen, voucher.asked_fen)
    ends = _end(by.now, programme.valid_months.value or 0)
    values = {"granted_fen": fen, "granted_at": by.now, "valid_until": ends}
    await move(session, voucher, "grant", by, **values)
    await _hold(session, programme, voucher.firm_id, fen)
    await fund(session, programme, by)
    amount = Amount(programme.code, voucher.id, fen)
    way = (Account.BUDGET, Account.GRANTED)
    await transfer(session, f"grant/{voucher.id}", amount, way, by)
    return voucher


async def fund(session: AsyncSession, programme: Programme, by: By) -> None:
    """Bring the year's budget into the ledger, as far as it is not there yet."""
    there = -await balance(session, programme.code, Account.SOURCE)
    budget = programme.budget_fen.value or 0
    if budget > there:
        amount = Amount(programme.code, NOBODY, budget - there)
        key, way = f"fund/{programme.code}/{budget}", (Account.SOURCE, Account.BUDGET)
        await transfer(session, key, amount, way, by)


def _end(now: datetime, months: int) -> datetime:
    """The end of the day so many months later, or of that month's last."""
    day = now.astimezone(HERE).date()
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    end = date(day.year + years, month + 1, min(day.day, last)) + timedelta(days=1)
    return datetime.combine(end, time(), HERE)


async def _hold(session: AsyncSession, programme: Programme, firm_id: int, fen: int) -> None:
    """Count what a firm is granted against what it may hold; raises HoldsTooMuch."""
    held, year = programme.held_fen.value or 0, programme.year_fen.value or 0
    row = {"programme": programme.code, "firm_id": firm_id, "held_fen": 0, "year_fen": 0}
    adding = inserting(session, FirmCap).values(**row, held_cap_fen=held, year_cap_fen=year)
    await session.execute(adding.on_conflict_do_nothing())
    try:
        async with session.begin_nested():
            await _count(session, programme.code, firm_id, fen, year=fen)
    except IntegrityError as why:
        cite = programme.held_fen.cite
        raise HoldsTooMuch(held=yuan(held), year=yuan(year), cite=cite) from why


async def let_go(session: AsyncSession, programme: str, firm_id: int, fen: int) -> None:
    """A firm holds so much less: it was used, or it ended."""
    await _count(session, programme, firm_id, -fen, year=0)


async def _count(
    session: AsyncSession, programme: str, firm_id: int, held: int, *, year: int
) -> None:
    its = (FirmCap.programme == programme) & (FirmCap.firm_id == firm_id)
    counted = {"held_fen": FirmCap.held_fen + held, "year_fen": FirmCap.year_fen + year}
    await session.execute(
        update(FirmCap).where(its).values(counted).execution_options(synchronize_session=False)
    )


async def end(session: AsyncSession, voucher: Voucher, verb: str, by: By, left: int) -> Voucher:
    """Expire or revoke a voucher: what is left of it goes back to the budget."""
    await move(session, voucher, verb, by)
    if left:
        amount = Amount(voucher.programme, voucher.id, left)
        way = (Account.GRANTED, Account.BUDGET)
        await transfer(session, f"{verb}/{voucher.id}", amount, way, by)
        await let_go(session, voucher.programme, voucher.firm_id, left)
    return voucher


async def move(
    session: AsyncSession,
    voucher: Voucher,
    verb: str,
    by: By,
    **values: object,
) -> Voucher:
    """Move an application or a voucher by compare-and-swap; raises NotNow, NotYours."""
    arrow = VOUCHER_LIFECYCLE.move(verb, voucher.status, by.hats)
    same = (Voucher.id == voucher.id) & (Voucher.version == voucher.version)
    changed = {"status": arrow.new, "changed_at": by.now, **values}
    swap = update(Voucher).where(same).values(version=Voucher.version + 1, **changed)
    if (await session.execute(swap.returning(Voucher.id))).first() is None:
        raise NotNow(verb=verb, status=voucher.status)
    await session.refresh(voucher)
    await happened(session, voucher, verb, by)
    return voucher


async def happened(session: AsyncSession, voucher: Voucher, verb: str, by: By) -> None:
    """Record what was done, for notices and for the audit trail."""
    facts: dict[str, audit.Fact] = {"status": str(voucher.status), "fen": voucher.granted_fen}
    told = Event("voucher", voucher.id, verb, voucher.version, by.now, by.actor_id, facts)
    await event.record(session, told)
    audit.record(session, by.actor_id, verb, f"voucher:{voucher.id}", facts, by.now)
