"""The keeper's word on fees: what a use costs in the end, and that it was paid."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.amounts import AMOUNT, read_amount
from handlers.charge.account import LONGEST, Named, account, facts, option, told
from handlers.duties import Duty
from store import charge
from store.charge import Status
from store.context import Context
from store.money import yuan
from store.person import Role

router = Router("charge")

KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE})
CHECKED = ("number", "instrument", "used", "lines", "reckoned", "objection")
"""What a summary says of the use."""
TO_CONFIRM = (Status.RECKONED, Status.CONFIRMED, Status.OBJECTED)


async def _to_confirm(context: Context, _said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    person = context.person
    rows = await charge.unsettled(context.session, person.id, person.grants)
    return [
        await option(context, row, booked)
        for row, booked in rows
        if row.status in TO_CONFIRM and row.person_id != person.id
    ]


def _differs(so_far: Any) -> bool:  # noqa: ANN401
    reckoned = Named.of(so_far.account).reckoned
    return reckoned is not None and so_far.amount != reckoned


class Confirm(Flow, name="charge.confirm"):
    """Say what a use costs in the end."""

    account: str = pick(_to_confirm)
    amount: int = ask(AMOUNT)
    reason: str = ask(words(LONGEST), when=_differs)

    async def summary(self, context: Context) -> Facts:
        """What was used, and what it was reckoned to."""
        by = await account(context, Named.of(self.account).number)
        shown = await facts(context, by)
        return {key: shown[key] for key in CHECKED}

    async def finish(self, context: Context) -> Say:
        """The user hears the amount, and may object."""
        by = await account(context, Named.of(self.account).number)
        row = await charge.confirm(
            context.session, by, self.amount, self.reason or "", context.policy, context.now
        )
        return await told(context, replace(by, charge=row), "confirmed")


@router.words("核费", "核定费用", roles=KEEPS)
async def confirm_any(context: Context, heard: Heard) -> Say | Begin:
    """Choose which fee to confirm."""
    del heard
    return Begin(Confirm) if await _to_confirm(context, "", None) else Say("charge.none")


@router.words("照算 {number:YY}", roles=KEEPS)
async def as_reckoned(context: Context, heard: Heard, number: int) -> Say | Begin:
    """Confirm what the use was reckoned to. Raises NoSuchCharge."""
    by = await account(context, number)
    reckoned = by.charge.reckoned_fen
    if reckoned is None or by.charge.status is not Status.RECKONED:
        return await told(context, by)
    return await confirm(context, heard, number, yuan(reckoned))


@router.words("核费 {number:YY}", "核费 {number:YY} {said}", roles=KEEPS)
@router.words("核定 {number:YY}", "核定 {number:YY} {said}", roles=KEEPS)
async def confirm(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Confirm one fee; amount and reason in one line where they are said."""
    del heard
    by = await account(context, number)
    if charge.KEEPER not in by.hats:
        raise charge.NoSuchCharge(f"YY{number}")
    reckoned = by.charge.reckoned_fen
    known: dict[str, Any] = {"account": f"{number}:{'' if reckoned is None else reckoned}"}
    first, _, rest = said.partition(" ")
    try:
        known["amount"] = read_amount(first, context.now)
    except Unreadable:
        return Begin(Confirm, known)
    if rest.strip() and known["amount"] != reckoned and reckoned is not None:
        known["reason"] = rest.strip()[:LONGEST]
    return Begin(Confirm, known)


@router.words(
    "收到付款 {number:YY}", "标记已付 {number:YY}", "已收款 {number:YY}", changes=True, roles=KEEPS
)
@router.words("收款 {number:YY}", changes=True, roles=KEEPS)
async def paid(context: Context, heard: Heard, number: int) -> Say:
    """Note that the unit was paid. Raises NoSuchCharge, StillObjected, NotNow."""
    del heard
    by = await account(context, number)
    if by.charge.status in (Status.RECKONED, Status.PAID):
        return await told(context, by)
    row = await charge.pay(context.session, by, context.now)
    return await told(context, replace(by, charge=row), "paid")


@router.words("裁定 {number:YY} {said}", changes=True, roles={Role.BUREAU})
async def decide(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Decide an objection, with the amount that stands. Raises NoSuchCharge, Unreadable."""
    del heard
    by = await account(context, number)
    if charge.BUREAU not in by.hats:
        raise charge.NoSuchCharge(f"YY{number}")
    fen = read_amount(said, context.now)
    row = await charge.decide(context.session, by, fen, context.now)
    return await told(context, replace(by, charge=row), "decided")


@duties.source(Role.KEEPER, Role.REPRESENTATIVE)
async def waiting(context: Context) -> Sequence[Duty]:
    """Fees that the keeper has not confirmed, and those objected to."""
    return [
        Duty({"key": "charge.duty", "args": each.facts}, f"结算单 {each.facts['number']}")
        for each in await _to_confirm(context, "", None)
        if each.facts["status"] != {"key": f"charge.status.{Status.CONFIRMED}"}
    ]
