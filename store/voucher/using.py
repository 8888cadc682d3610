"""What a voucher pays for: reserved at the request, used when settled, redeemed after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, event
from store.errors import Refused
from store.event import Event
from store.lifecycle import NotNow
from store.money import yuan
from store.voucher.apply import let_go
from store.voucher.by import By
from store.voucher.ledger import Account, Amount, transfer
from store.voucher.programme import Programme, load
from store.voucher.table import USE_LIFECYCLE, Status, UseStatus, Voucher, VoucherUse
from store.workdays import HERE


@dataclass(eq=False)
class NotUsable(Refused):
    """The voucher is not granted, or it has ended."""

    number: str


@dataclass(eq=False)
class RelatedParty(Refused):
    """The firm keeps the instrument itself."""

    cite: str


@dataclass(eq=False)
class NotOnPlatform(Refused):
    """The instrument is not on the provincial platform."""

    cite: str


@dataclass(eq=False)
class AlreadySubsidised(Refused):
    """Another voucher pays for the same service."""

    number: str


@dataclass(eq=False)
class WindowShut(Refused):
    """Vouchers are not redeemed now."""

    cite: str


@dataclass(eq=False)
class StillPublic(Refused):
    """The days in which anybody may object to the list are not over."""

    days: int
    until: datetime


@dataclass(eq=False)
class InvoiceTooSmall(Refused):
    """The invoice is of less than the voucher would pay."""

    invoice: str
    paid: str


@dataclass(eq=False)
class InvoiceUsed(Refused):
    """The invoice was handed in before."""


@dataclass(eq=False)
class NoSuchRedemption(Refused):
    """The number is no redemption's."""

    number: str


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be paid for: a booking by its number, who provides it, its price."""

    booking_number: int
    provider_id: int
    price_fen: int
    on_platform: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """The papers' figures, read already."""

    number: str
    fen: int
    contract_id: int | None = None


async def reserve(
    session: AsyncSession,
    programme: Programme,
    voucher: Voucher,
    service: Service,
    by: By,
) -> VoucherUse:
    """Set aside what the voucher pays of a service.

    Raises NotUsable, RelatedParty, NotOnPlatform, NotEnough, AlreadySubsidised.
    """
    fits(programme, voucher, service, by.now)
    fen = programme.covers(service.price_fen)
    row = VoucherUse(
        voucher_id=voucher.id,
        booking_number=service.booking_number,
        provider_id=service.provider_id,
        fen=fen,
        status=UseStatus.RESERVED,
        version=1,
        changed_at=by.now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as why:
        raise AlreadySubsidised(number=f"YY{service.booking_number}") from why
    await _paid(session, voucher, row, "reserve", (Account.GRANTED, Account.RESERVED), by)
    await _happened(session, row, "reserve", by)
    return row


def fits(programme: Programme, voucher: Voucher, service: Service, now: datetime) -> None:
    """Whether the voucher may pay for a service at all; raises the rule that says no."""
    ended = voucher.valid_until is None or now >= voucher.valid_until
    if voucher.status is not Status.GRANTED or ended:
        raise NotUsable(number=f"CXQ{voucher.id}")
    if programme.unrelated.value and service.provider_id == voucher.firm_id:
        raise RelatedParty(cite=programme.unrelated.cite)
    if programme.platform_only.value and not service.on_platform:
        raise NotOnPlatform(cite=programme.platform_only.cite)


async def release(session: AsyncSession, voucher: Voucher, row: VoucherUse, by: By) -> None:
    """The service will not take place: the voucher has its money again, or the budget has."""
    await _move(session, row, "release", by)
    await _paid(session, voucher, row, "release", (Account.RESERVED, Account.GRANTED), by)
    await _if_ended(session, voucher, row.fen, f"late/{row.id}", by)


async def use(session: AsyncSession, voucher: Voucher, row: VoucherUse, fen: int, by: By) -> None:
    """The service is settled: so much of what was reserved is used, the rest goes back."""
    rest = row.fen - min(fen, row.fen)
    await _move(session, row, "use", by, fen=row.fen - rest)
    way = (Account.RESERVED, Account.USED)
    await _paid(session, voucher, row, "use", way, by)
    await let_go(session, voucher.programme, voucher.firm_id, row.fen)
    if rest:
        amount = Amount(voucher.programme, voucher.id, rest, row.id)
        back = (Account.RESERVED, Account.GRANTED)
        await transfer(session, f"rest/{row.id}", amount, back, by)
        await _if_ended(session, voucher, rest, f"late/{row.id}", by)


async def _if_ended(session: AsyncSession, voucher: Voucher, fen: int, key: str, by: By) -> None:
    """What comes back to a voucher that has ended goes on to the budget."""
    if voucher.status is Status.GRANTED:
        return
    amount = Amount(voucher.programme, voucher.id, fen)
    await transfer(session, key, amount, (Account.GRANTED, Account.BUDGET), by)
    await let_go(session, voucher.programme, voucher.firm_id, fen)


async def submit(
    session: AsyncSession,
    programme: Programme,
    row: VoucherUse,
    invoice: Invoice,
    by: By,
) -> None:
    """Ask for it to be redeemed; raises WindowShut, InvoiceTooSmall, InvoiceUsed."""
    if not programme.redeemable(by.now.astimezone(HERE).date()):
        raise WindowShut(cite=programme.windows.cite)
    if invoice.fen < row.fen:
        raise InvoiceTooSmall(invoice=yuan(invoice.fen), paid=yuan(row.fen))
    papers = {"invoice": invoice.number, "invoice_fen": invoice.fen, "submitted_at": by.now}
    try:
        async with session.begin_nested():
            await _move(session, row, "submit", by, contract_id=invoice.contract_id, **papers)
    except IntegrityError as why:
        raise InvoiceUsed from why
    voucher = await session.get_one(Voucher, row.voucher_id)
    verb = f"submit-{row.version}"
    await _paid(session, voucher, row, verb, (Account.USED, Account.REDEEMED), by)


WAYS = {
    "return": (Account.REDEEMED, Account.USED),
    "refuse": (Account.REDEEMED, Account.BUDGET),
    "pay": (Account.REDEEMED, Account.PAID),
}
"""Where the money goes when a redemption is decided; other moves leave it where it is."""


async def decide(
    session: AsyncSession,
    row: VoucherUse,
    verb: str,
    by: By,
    *,
    reason: str | None = None,
) -> None:
    """Move a redemption on; raises NotNow, NotYours."""
    voucher = await session.get_one(Voucher, row.voucher_id)
    if verb == "pay" and row.published_at is not None:
        shown_long_enough(load(voucher.programme), row.published_at, by.now)
    at = {"publish": {"published_at": by.now}, "pay": {"paid_at": by.now}}.get(verb, {})
    await _move(session, row, verb, by, reason=reason, **at)
    if verb in WAYS:
        await _paid(session, voucher, row, f"{verb}-{row.version}", WAYS[verb], by)


def shown_long_enough(rules: Programme, since: datetime, now: datetime) -> None:
    """Whether nobody may object to what is on the list any more; raises StillPublic."""
    days = rules.publicity_days.value or 0
    if now < (until := since + timedelta(days=days)):
        raise StillPublic(days, until)


async def of_booking(session: AsyncSession, booking_number: int) -> VoucherUse | None:
    """What pays for a booking, if a voucher does."""
    live = VoucherUse.status.not_in((UseStatus.RELEASED, UseStatus.REFUSED))
    its = select(VoucherUse).where(VoucherUse.booking_number == booking_number, live)
    return (await session.scalars(its)).one_or_none()


async def _paid(
    session: AsyncSession,
    voucher: Voucher,
    row: VoucherUse,
    verb: str,
    way: tuple[Account, Account],
    by: By,
) -> None:
    amount = Amount(voucher.programme, voucher.id, row.fen, row.id)
    await transfer(session, f"{verb}/{row.id}", amount, way, by)


async def _move(
    session: AsyncSession, row: VoucherUse, verb: str, by: By, **values: object
) -> None:
    arrow = USE_LIFECYCLE.move(verb, row.status, by.hats)
    same = (VoucherUse.id == row.id) & (VoucherUse.version == row.version)
    changed = {"status": arrow.new, "changed_at": by.now, **values}
    swap = update(VoucherUse).where(same).values(version=VoucherUse.version + 1, **changed)
    if (await session.execute(swap.returning(VoucherUse.id))).first() is None:
        raise NotNow(verb=verb, status=row.status)
    await session.refresh(row)
    await _happened(session, row, verb, by)


async def _happened(session: AsyncSession, row: VoucherUse, verb: str, by: By) -> None:
    facts: dict[str, audit.Fact] = {
        "status": str(row.status),
        "fen": row.fen,
        "voucher": row.voucher_id,
    }
    await event.record(
        session, Event("voucher_use", row.id, verb, row.version, by.now, by.actor_id, facts)
    )
    audit.record(session, by.actor_id, verb, f"voucher_use:{row.id}", facts, by.now)


async def find(session: AsyncSession, number: int) -> VoucherUse | None:
    """A redemption by its number."""
    return await session.get(VoucherUse, number, populate_existing=True)
