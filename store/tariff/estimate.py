"""An amount out of prices and how much is used; the same for the estimate and for the fee."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from store.booking.table import Group, Mode
from store.money import share, yuan
from store.tariff.sheet import Priced, in_force, of_group
from store.tariff.table import Part
from store.tariff.words import data, priced, say

HUNDREDTH = Decimal("0.01")
FINE = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a use is expected to cost."""

    fen: int | None
    """Nothing where only the keeper, or the use itself, can tell."""
    rows: Mapping[str, Any]
    """JSON for `Booking.price`: day, group, prices, and what each comes to."""
    words: str
    """`约 400 元（200 元/小时 × 2）`."""
    quote: bool = False
    """Whether the keeper must name the price before the booking is agreed (按项目议价)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One price times an amount."""

    price: Priced
    times: Decimal

    @property
    def fen(self) -> int:
        """What it comes to, to the nearest fen."""
        return share(self.price.fen or 0, self.times)

    def to_json(self) -> dict[str, Any]:
        """As the booking keeps it."""
        return {**to_json(self.price), "times": str(self.times), "sum_fen": self.fen}


@dataclass(frozen=True, slots=True)
class Used:
    """How much is, or was, used; what is not known is nothing."""

    mode: Mode
    minutes: int | None = None
    samples: int | None = None
    counts: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """Known amounts of other units: elements, runs, points."""


async def estimate(  # noqa: PLR0913, PLR0917 - what an amount hangs on
    session: AsyncSession,
    instrument_id: int,
    group: Group,
    mode: Mode,
    minutes: int | None,
    samples: int | None,
    on: date,
) -> Estimate:
    """What a booking would cost by the prices of a day."""
    prices = await in_force(session, instrument_id, on)
    key, mine = of_group(prices, group)
    return reckon(mine, Used(mode, minutes, samples), key, on)


def reckon(prices: Sequence[Priced], used: Used, group: str, on: date) -> Estimate:
    """The amount of a use by the prices of one group."""
    kept = {"on": on.isoformat(), "group": group, "prices": [to_json(each) for each in prices]}
    options = [each for each in prices if each.part is Part.OPTION]
    rates = [each for each in prices if each.part is Part.USE]
    if not rates:
        return Estimate(None, kept, say("unsaid"), quote=True)
    if all(each.fen is None for each in rates):
        return Estimate(None, kept, say("quote"), quote=True)
    chosen = _cheapest(rates, used)
    if chosen is None:
        return Estimate(None, kept, say("open", prices=_listed(rates)))
    starts = [Line(each, Decimal(1)) for each in prices if _plain_start(each)]
    lines = [chosen, *starts]
    fen = sum(line.fen for line in lines)
    kept |= {"lines": [line.to_json() for line in lines]}
    return Estimate(fen, kept, _words(fen, lines, options))


def _plain_start(each: Priced) -> bool:
    return each.part is Part.START and each.fen is not None and each.to_fen is None


def _cheapest(rates: Iterable[Priced], used: Used) -> Line | None:
    """Of several ways to be charged the cheapest; nothing where they are for different things."""
    lines = []
    for each in rates:
        free = each.fen == 0 and not each.per
        times = Decimal(1) if free else amount_of(each.per, used)
        if times is not None and each.fen is not None and each.to_fen is None:
            lines.append(Line(each, times))
    if len({line.price.label for line in lines}) != 1:
        return None
    by_unit = {line.price.per for line in lines}
    return min(lines, key=lambda line: line.fen) if len(by_unit) == len(lines) else None


def amount_of(per: str, used: Used) -> Decimal | None:
    """How many of a unit a use is; nothing where that is known only afterwards."""
    if per in used.counts:
        return used.counts[per]
    rule = data()["units"].get(per, {}).get(str(used.mode), {})
    if rule.get("once"):
        return Decimal(1)
    if rule.get("each"):
        return None if used.samples is None else Decimal(used.samples)
    if "minutes" not in rule or used.minutes is None:
        return None
    times = Decimal(used.minutes) / rule["minutes"]
    return times.quantize(Decimal(1), ROUND_CEILING) if rule.get("whole") else _short(times)


def _short(times: Decimal) -> Decimal:
    """Twenty minutes are a third of an hour: the fraction is kept fine enough for every fen."""
    return times.quantize(FINE, ROUND_HALF_UP).normalize()


def _words(fen: int, lines: Sequence[Line], options: Sequence[Priced]) -> str:
    if fen == 0:
        return say("free")
    factors = say("plus").join(_factor(line) for line in lines)
    text = say("about", amount=yuan(fen), factors=factors)
    more = [say("optional", label=each.label, price=_price(each)) for each in options]
    return say("between").join([text, *more])


def _factor(line: Line) -> str:
    price = priced(line.price.fen, None, line.price.per, line.price.label)
    if line.times == 1:
        return price
    times = line.times.quantize(HUNDREDTH, ROUND_HALF_UP).normalize()
    return say("factor", price=price, amount=f"{times:f}")


def _listed(rates: Iterable[Priced]) -> str:
    shown = [priced(each.fen, each.to_fen, each.per, each.label) for each in rates]
    return say("between").join(shown)


def _price(each: Priced) -> str:
    return priced(each.fen, each.to_fen, each.per)


def to_json(price: Priced) -> dict[str, Any]:
    """One price as the booking keeps it."""
    return {
        "part": str(price.part),
        "group": price.group,
        "per": price.per,
        "fen": price.fen,
        "to_fen": price.to_fen,
        "label": price.label,
    }


def from_json(kept: Mapping[str, Any]) -> Priced:
    """Back from what a booking keeps."""
    fields = {name: kept[name] for name in ("group", "per", "fen", "to_fen", "label")}
    return Priced(part=Part(kept["part"]), **fields)
