"""What a unit's instruments brought in, by year, and what it used that for."""

from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.moments import HERE
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.amounts import AMOUNT
from handlers.charge.account import money
from store import charge, organisation
from store.charge import Income
from store.context import Context
from store.contract import units
from store.person import Role

router = Router("charge")

SPEAKS = frozenset({Role.REPRESENTATIVE, Role.KEEPER})


@router.words("收入", "收入 {n:int}", roles=SPEAKS)
async def income(context: Context, heard: Heard, n: int = 0) -> Say:
    """What was settled and paid in a year, and its uses by the policy's kinds."""
    del heard
    this = context.now.astimezone(HERE).year
    year = n if 2000 <= n <= this else this
    mine = sorted(units(context.person.grants))
    names = await organisation.names(context.session, mine)
    found = [await charge.income(context.session, each, year, context.policy) for each in mine]
    policy = context.policy
    facts: dict[str, Any] = {
        "year": year,
        "cite": policy.income_uses.cite or None,
        "uses": policy.income_uses.value or None,
        "spend": {"key": "charge.income.spend"} if charge.kinds(policy) else None,
    }
    return Say("charge.income", facts, items=tuple(_line(each, names) for each in found))


def _line(one: Income, names: dict[int, str]) -> Facts:
    spent = {kind: fen for kind, fen in one.uses.items() if fen}
    return {
        "unit": names.get(one.organisation_id),
        "count": one.charges,
        "settled": money(one.settled_fen),
        "paid": money(one.paid_fen),
        "spent": _uses(spent) if spent else None,
    }


def _uses(spent: dict[str, int]) -> Facts:
    uses = [
        {"key": "charge.income.use", "args": {"kind": kind, "fee": money(fen)}}
        for kind, fen in spent.items()
    ]
    return {"key": "charge.income.spent", "args": {"uses": uses, "sum": money(sum(spent.values()))}}


async def _units(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    mine = units(context.person.grants)
    names = await organisation.names(context.session, mine)
    return [Option(number, name) for number, name in sorted(names.items())]


async def _kinds(context: Context, _said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    return [Option(kind, kind) for kind in charge.kinds(context.policy)]


class Spend(Flow, name="charge.spend"):
    """Write down what income was used for."""

    organisation: int = pick(_units)
    kind: str = pick(_kinds)
    amount: int = ask(AMOUNT)

    async def summary(self, context: Context) -> Facts:
        """The article that names the uses."""
        return {"cite": context.policy.income_uses.cite or None}

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        by, policy = (context.person.id, context.person.grants), context.policy
        spent = (self.organisation, self.kind, self.amount)
        row = await charge.spend(context.session, *spent, by, policy, context.now)
        return Say("charge.spent", {"kind": row.kind, "fee": money(row.fen), "year": row.year})


@router.words("登记支出", roles=SPEAKS)
async def spend(context: Context, heard: Heard) -> Say | Begin:
    """Begin to write a use down, where policy names the uses."""
    del heard
    if not charge.kinds(context.policy):
        return Say("charge.income.free")
    mine = await _units(context, "", None)
    return Begin(Spend, {"organisation": mine[0].value} if len(mine) == 1 else {})
