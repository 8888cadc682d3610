"""Applying for a voucher: the firm, its codes, what for, how much, its licence as a picture."""

from datetime import datetime
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import Kind, words
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.amounts import AMOUNT
from handlers.voucher import rules
from handlers.voucher.holding import own
from handlers.voucher.papers import wanted
from store import affiliation, organisation
from store.context import Context
from store.money import yuan
from store.voucher import apply, code
from store.voucher.apply import Application, ProgrammeOpen, TooMuchAsked
from store.voucher.by import By
from store.voucher.code import CreditCodeWrong, EvaluationWrong

router = Router("voucher")
LONGEST_PURPOSE = 200


def _credit_code(said: str, _now: datetime) -> str:
    try:
        return code.read_credit_code(said)
    except CreditCodeWrong:
        raise Unreadable from None


def _evaluation(said: str, _now: datetime) -> str:
    try:
        return code.read_evaluation(said)
    except EvaluationWrong:
        raise Unreadable from None


CREDIT_CODE: Kind[str] = Kind("credit_code", _credit_code)
EVALUATION: Kind[str] = Kind("evaluation", _evaluation)


async def _firms(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    names = await rules.firms(context)
    return [Option(number, name) for number, name in names.items() if said in name]


async def _within(fen: int, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """No more than one application may ask for; raises ProgrammeOpen, TooMuchAsked."""
    found = rules.in_force(context)
    most = found.application_fen.value if found else None
    if found is None or most is None or not found.complete:
        raise ProgrammeOpen(region=context.policy.names.region)
    if not 0 < fen <= most:
        raise TooMuchAsked(most=yuan(most), cite=found.application_fen.cite)


class Apply(Flow, name="voucher.apply"):
    """Ask for what an application needs."""

    firm: int = pick(_firms)
    credit_code: str = ask(CREDIT_CODE)
    evaluation: str = ask(EVALUATION)
    purpose: str = ask(words(LONGEST_PURPOSE))
    amount: int = ask(AMOUNT, check=_within)

    async def summary(self, context: Context) -> Facts:
        """Under which rules."""
        found = rules.in_force(context)
        return rules.told(found) if found else {}

    async def finish(self, context: Context) -> Say:
        """Keep the application, and ask for the licence."""
        found = rules.in_force(context)
        if found is None:
            raise ProgrammeOpen(region=context.policy.names.region)
        county = await organisation.county_of(context.session, self.firm)
        told = Application(
            self.firm,
            context.person.id,
            county,
            self.credit_code,
            self.evaluation,
            self.purpose,
            self.amount,
        )
        row = await apply.apply(context.session, found, told, context.now)
        say = Say("voucher.applied", {"number": f"CXQ{row.id}", "fen": yuan(row.asked_fen)})
        return await wanted(context, say, row)


@router.words("申领创新券", "申请创新券")
async def begin(context: Context, heard: Heard) -> Begin | Say:
    """Begin, where there is a programme and a firm to apply for."""
    del heard
    found = rules.in_force(context)
    if found is None or not found.complete:
        facts = rules.told(found) if found else {}
        key = "voucher.left_open" if found else "voucher.no_programme"
        return Say(key, {**facts, "bureau": context.policy.names.bureau})
    firms = await rules.firms(context)
    if not firms:
        waiting = await affiliation.open_of(context.session, context.person.id, context.now)
        return Say("voucher.no_firm_yet" if waiting else "voucher.no_firm", rules.told(found))
    return Begin(Apply, {"firm": next(iter(firms))} if len(firms) == 1 else {})


@router.words("撤回 {number:CXQ}", changes=True)
async def withdraw(context: Context, heard: Heard, number: int) -> Say:
    """Want it no more, before it is decided."""
    del heard
    row = await own(context, number)
    by = By(context.person.id, frozenset({"user"}), context.now)
    await apply.move(context.session, row, "withdraw", by)
    return Say("voucher.withdrawn", {"number": f"CXQ{number}"})
