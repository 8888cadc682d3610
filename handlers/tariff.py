"""What instruments cost: shown to all with what it is made of, set by keepers from a day on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.kit import intents
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import day
from bot.kit.moments import HERE, show_date
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import search
from handlers.amounts import RATE, rate, read_rate
from store import instrument, listing, tariff
from store.booking.table import Group
from store.context import Context
from store.instrument import Instrument
from store.listing import By, NoSuchInstrument
from store.person import Role
from store.tariff import Change, Part, PriceUnfit
from store.tariff.sheet import Priced, costs, of_group
from store.tariff.table import ALL, COSTS
from store.tariff.words import cost_label, group_label, priced

router = Router("tariff")

KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})
ORDER = (ALL, *Group)


@router.words("怎么收费")
@router.words("怎么收费 {said}", apart=True)
async def among(context: Context, heard: Heard, said: str = "") -> Say:
    """Whose prices they are, and the instruments that the words speak of."""
    del heard
    thing = intents.reader().parts(said).thing or said
    listed = search.answer(context, thing) if thing else None
    if listed is None or not listed.choices:
        return Say("tariff.among")
    head = {"key": "tariff.found", "args": {"head": listed.args["head"]}}
    return replace(listed, args={**listed.args, "head": head})


@router.words("怎么收费 {number:YQ}", "怎么收费 {number:YQ} {said}", "收费 {number:YQ}")
async def show(context: Context, heard: Heard, number: int, said: str = "") -> Say:
    """The prices of today by group, one's own, and what they are made of."""
    del heard, said
    row = await instrument.load(context.session, number)
    if row is None:
        raise NoSuchInstrument(f"YQ{number}")
    today, me = _today(context), context.person.id
    prices = await tariff.in_force(context.session, number, today)
    where = row[0].organisation_id
    group, employer = await tariff.group_of(context.session, me, where, context.now)
    key, mine = of_group(prices, group)
    policy = context.policy
    facts: dict[str, Any] = {
        "number": f"YQ{number}",
        "instrument": _title(row[0]),
        "groups": [
            _group(key, prices) for key in ORDER if any(_charged(each, key) for each in prices)
        ]
        or None,
        "unsaid": None if prices else {"key": "tariff.unsaid"},
        "group": {"key": "tariff.yours", "args": {"group": {"key": f"tariff.group.{group}"}}}
        if mine and key != ALL
        else None,
        "claim": None if employer or group is Group.OWN else {"key": "tariff.claim"},
        "costs": [_cost(each) for each in costs(prices)] or None,
        "basis": policy.fee_basis.value or None,
        "cite": policy.fee_basis.cite or None,
        "later": await _later(context, number),
    }
    return Say("tariff.show", facts)


def _today(context: Context) -> date:
    return context.now.astimezone(HERE).date()


def _title(row: Instrument) -> str:
    return " ".join(filter(None, (row.name, row.model)))


def _charged(each: Priced, key: str) -> bool:
    return each.group == key and each.part not in COSTS


def _group(key: str, prices: Iterable[Priced]) -> Facts:
    said = [_said(each) for each in prices if _charged(each, key)]
    named = "all" if key == ALL else "one"
    return {"key": f"tariff.line.{named}", "args": {"group": group_label(key), "prices": said}}


def _said(each: Priced) -> Facts | str:
    words = priced(each.fen, each.to_fen, each.per, each.label)
    return (
        words
        if each.part is Part.USE
        else {"key": f"tariff.part.{each.part}", "args": {"price": words}}
    )


def _cost(each: Priced) -> Facts:
    return {
        "key": "tariff.cost",
        "args": {"label": cost_label(each.part), "price": priced(each.fen, None, each.per)},
    }


async def _later(context: Context, number: int) -> Facts | None:
    """When other prices begin, where some are set."""
    days = await tariff.next_change(context.session, number, _today(context))
    return None if days is None else {"key": "tariff.later", "args": {"day": show_date(days)}}


# Setting them


async def _instruments(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """The instrument that a number names, if one may set its prices."""
    digits = "".join(filter(str.isdecimal, said))
    row = (
        await instrument.load(context.session, int(digits)) if digits and len(digits) < 10 else None
    )
    if row is None or "keeper" not in listing.hats(row[0], context.person.grants):
        return []
    return [Option(row[0].id, f"YQ{row[0].id}", {"title": _title(row[0])})]


async def _whats(context: Context, said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    """What may be set: the price of a group, or a component of the cost."""
    del context
    named = {key: group_label(key) or tariff.everybody() for key in ORDER}
    named |= {str(part): cost_label(part) for part in COSTS}
    return [Option(key, label) for key, label in named.items() if not said or said in (label, key)]


def _from_today(value: date, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    if not _today(context) <= value <= _today(context) + timedelta(days=1096):
        raise PriceUnfit


class Reprice(Flow, name="tariff.reprice"):
    """Set a price from a day on."""

    instrument: int = pick(_instruments)
    what: str = pick(_whats)
    price: str = ask(RATE)
    start: date = ask(day, check=_from_today)

    async def summary(self, context: Context) -> Facts:
        """What holds today."""
        prices = await tariff.in_force(context.session, self.instrument, _today(context))
        now = [
            priced(each.fen, each.to_fen, each.per, each.label)
            for each in prices
            if self._same(each)
        ]
        return {"now": now or {"key": "tariff.nothing"}, "start": show_date(self.start)}

    def _same(self, each: Priced) -> bool:
        if self.what in COSTS:
            return each.part == self.what
        return each.group == self.what and each.part not in COSTS

    async def finish(self, context: Context) -> Say:
        """Keep it; the old one stays for what was booked before."""
        fen, per = rate(self.price)
        part, group = (Part(self.what), ALL) if self.what in COSTS else (Part.USE, self.what)
        if part is not Part.USE and fen is None:
            raise PriceUnfit
        wanted = Change((Priced(part, group, per, fen),), self.start)
        by = By(context.person.id, context.person.grants)
        await tariff.change(context.session, self.instrument, wanted, by, context.now)
        said = {
            "number": f"YQ{self.instrument}",
            "price": priced(fen, None, per),
            "start": show_date(self.start),
        }
        return Say("tariff.changed", said)


@router.words("调价 {number:YQ}", "调价 {number:YQ} {said}", roles=KEEPS)
async def reprice(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Begin to set a price. Raises NoSuchInstrument for those who do not keep it."""
    del heard
    if not await _instruments(context, str(number), None):
        raise NoSuchInstrument(f"YQ{number}")
    known: dict[str, Any] = {"instrument": number}
    if said:
        known["price"] = read_rate(said, context.now)
    return Begin(Reprice, known)
