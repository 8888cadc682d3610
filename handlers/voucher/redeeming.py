"""Redeeming a voucher: which service, its invoice, and the papers that the programme wants."""

from datetime import datetime
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import Kind
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.amounts import AMOUNT
from handlers.voucher import rules
from handlers.voucher.holding import own
from handlers.voucher.papers import wanted
from store.context import Context
from store.money import yuan
from store.voucher import code, programme, reading, using
from store.voucher.by import By
from store.voucher.code import InvoiceWrong
from store.voucher.table import UseStatus, VoucherUse
from store.voucher.using import Invoice, InvoiceTooSmall

router = Router("voucher")

REDEEMABLE = (UseStatus.USED, UseStatus.RETURNED)


def _invoice(said: str, _now: datetime) -> str:
    try:
        return code.read_invoice(said)
    except InvoiceWrong:
        raise Unreadable from None


INVOICE: Kind[str] = Kind("invoice", _invoice)


async def _uses(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """Services of one's firms that are settled and not redeemed."""
    found = []
    for held in await reading.of_firms(context.session, await rules.firms(context)):
        for one in await reading.uses(context.session, held.voucher.id):
            label = f"YY{one.booking_number}"
            if one.status in REDEEMABLE and said in ("", label, f"CXQ{held.voucher.id}"):
                facts = {"fen": yuan(one.fen), "voucher": f"CXQ{held.voucher.id}"}
                found.append(Option(one.id, label, facts))
    return found


async def _large_enough(fen: int, context: Context, so_far: "Redeem") -> None:
    """The invoice is of at least what the voucher pays; raises InvoiceTooSmall."""
    row = await context.session.get(VoucherUse, so_far.service)
    if row is not None and fen < row.fen:
        raise InvoiceTooSmall(invoice=yuan(fen), paid=yuan(row.fen))


class Redeem(Flow, name="voucher.redeem"):
    """Ask what a redemption needs."""

    service: int = pick(_uses)
    invoice: str = ask(INVOICE)
    amount: int = ask(AMOUNT, check=_large_enough)

    async def summary(self, context: Context) -> Facts:
        """What will be paid to whom, and which papers are wanted."""
        row = await context.session.get_one(VoucherUse, self.service)
        found = programme.load((await own(context, row.voucher_id)).programme)
        papers = "、".join(found.papers.value)
        whom = {"key": f"voucher.whom.{found.beneficiary.value}"}
        return {"paid": yuan(row.fen), "papers": papers or None, "whom": whom}

    async def finish(self, context: Context) -> Say:
        """Ask for it, and for the papers."""
        row = await context.session.get_one(VoucherUse, self.service)
        voucher = await own(context, row.voucher_id)
        found = programme.load(voucher.programme)
        by = By(context.person.id, frozenset({"user"}), context.now)
        paper = Invoice(self.invoice, self.amount)
        await using.submit(context.session, found, row, paper, by)
        facts = {"number": f"CXQ{voucher.id}", "fen": yuan(row.fen)}
        papers = "、".join(found.papers.value) or None
        return await wanted(context, Say("voucher.submitted", {**facts, "papers": papers}), voucher)


@router.words("兑付", "兑付 {number:CXQ}")
async def begin(context: Context, heard: Heard, number: int = 0) -> Begin | Say:
    """Begin, where there is something to redeem; else say where each redemption stands."""
    del heard
    if number:
        await own(context, number)
    options = await _uses(context, f"CXQ{number}" if number else "", None)
    if options:
        return Begin(Redeem, {"service": options[0].value} if len(options) == 1 else {})
    under_way = await _under_way(context)
    return Say("voucher.redeeming" if under_way else "voucher.nothing_to_redeem", items=under_way)


async def _under_way(context: Context) -> tuple[Facts, ...]:
    lines = []
    for held in await reading.of_firms(context.session, await rules.firms(context)):
        for one in await reading.uses(context.session, held.voucher.id):
            if one.submitted_at is not None:
                status = {"key": f"voucher.use.{one.status}"}
                lines.append(
                    {"booking": f"YY{one.booking_number}", "fen": yuan(one.fen), "status": status}
                )
    return tuple(lines[:8])
