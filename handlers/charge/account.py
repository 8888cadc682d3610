"""Fees as statements and lists, for both sides; no payment is taken here."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.kit.flow import Option
from bot.kit.heard import Heard
from bot.kit.moments import show_length, show_moment
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from store import charge, instrument
from store.booking.table import Booking
from store.charge import Account, Charge, Status
from store.context import Context
from store.money import yuan
from store.tariff.estimate import from_json
from store.tariff.words import priced, say

router = Router("charge")

LIST = "charge.more"
SHOWN = 8
LONGEST = 300
"""Characters of a reason."""


async def account(context: Context, number: int) -> Account:
    """The fee of a booking that concerns the asker. Raises NoSuchCharge."""
    person = context.person
    return await charge.find(context.session, number, person.id, person.grants)


# The statement


@router.words("结算单 {number:YY}", "账单 {number:YY}", "结算 {number:YY}", "对账单 {number:YY}")
async def statement(context: Context, heard: Heard, number: int) -> Say:
    """What was used, at what price, what it comes to, where it stands."""
    del heard
    return await told(context, await account(context, number))


async def told(context: Context, by: Account, key: str = "statement") -> Say:
    """The statement, or what was just done, with all of its facts."""
    return Say(f"charge.{key}", await facts(context, by))


async def facts(context: Context, by: Account) -> dict[str, Any]:
    """All that is said of one fee."""
    row, booked = by.charge, by.booking
    found = await instrument.load(context.session, row.instrument_id)
    number = f"YY{booked.number}"
    until = show_moment(row.object_until) if row.object_until else None
    return {
        "number": number,
        "instrument": found[0].name if found else None,
        "unit": found[1].name if found else None,
        "used": _used(row),
        "lines": [_sum(each) for each in row.lines] or None,
        "reckoned": money(row.reckoned_fen),
        "fee": money(row.fen),
        "voucher": money(row.voucher_fen or None),
        "due": money(row.due_fen if row.fen is not None and row.voucher_fen else None),
        "reason": row.reason,
        "objection": row.objection,
        "status": {"key": f"charge.status.{row.status}"},
        "next": {"key": f"charge.next.{_next(by)}", "args": {"number": number, "until": until}},
    }


def _next(by: Account) -> str:
    """What this side can do now."""
    if charge.USER in by.hats:
        return f"user.{by.charge.status}"
    unknown = by.charge.status is Status.RECKONED and by.charge.reckoned_fen is None
    return "keeper.unknown" if unknown else f"keeper.{by.charge.status}"


def _used(row: Charge) -> Facts | str | None:
    """How long, or how many samples."""
    minutes, samples = row.used.get("minutes"), row.used.get("samples")
    if minutes is not None:
        return show_length(timedelta(minutes=minutes))
    return None if samples is None else {"key": "charge.samples", "args": {"count": samples}}


def _sum(kept: Facts) -> Facts:
    """One price times an amount."""
    price = from_json(kept)
    times = Decimal(kept["times"])
    args = {
        "price": priced(price.fen, None, price.per, price.label),
        "times": _times(times, price.per),
        "sum": yuan(kept["sum_fen"]),
    }
    return {"key": "charge.line" if times != 1 else "charge.line.once", "args": args}


def _times(times: Decimal, per: str) -> str:
    """How often; of hours that are no round number how long, so that the sum can be checked."""
    short = times.quantize(Decimal("0.01"))
    if per != "hour" or short == times:
        return f"{short.normalize():f}"
    return show_length(timedelta(minutes=round(times * 60)))


def money(fen: int | None) -> Facts | None:
    """An amount in words; nothing where none is known."""
    return None if fen is None else {"key": "charge.yuan", "args": {"yuan": yuan(fen)}}


# What is still open


@router.words("未结清", "未结清的", "欠费")
async def unsettled(context: Context, heard: Heard) -> Say:
    """What one has still to pay, to confirm or to be paid."""
    del heard
    return await _list(context, 0)


@router.words("怎么付款")
async def payment(context: Context, heard: Heard) -> Say:
    """Nothing is paid here; what is still open, where anything is."""
    del heard
    person = context.person
    rows = await charge.unsettled(context.session, person.id, person.grants)
    return await _list(context, 0) if rows else Say("charge.payment")


@router.more(LIST)
async def more(context: Context, facts: Facts) -> Say:
    """The next eight."""
    return await _list(context, int(facts["next"]))


async def _list(context: Context, begin: int) -> Say:
    person = context.person
    rows = await charge.unsettled(context.session, person.id, person.grants)
    if not rows:
        return Say("charge.none")
    shown, rest = rows[begin : begin + SHOWN], max(0, len(rows) - begin - SHOWN)
    numbers = [f"YY{booked.number}" for _, booked in rows]
    named = sum(row.due_fen for row, _ in rows if row.fen is not None)
    return Say(
        "charge.unsettled",
        {
            "count": len(rows),
            "sum": money(named),
            "rest": {"key": "charge.rest", "args": {"rest": rest}} if rest else None,
        },
        items=tuple([await line(context, row, booked) for row, booked in shown]),
        first=begin + 1,
        choices=tuple(f"结算单 {number}" for number in numbers),
        more=(LIST, {"next": begin + SHOWN}) if rest else None,
    )


async def line(context: Context, row: Charge, booked: Booking) -> Facts:
    """One fee as a numbered line."""
    found = await instrument.load(context.session, row.instrument_id)
    fen = row.due_fen if row.fen is not None else row.reckoned_fen
    side = "mine" if row.person_id == context.person.id else "ours"
    return {
        "number": f"YY{booked.number}",
        "instrument": found[0].name if found else None,
        "fee": money(fen),
        "status": {"key": f"charge.status.{row.status}"},
        "side": {"key": f"charge.side.{side}"},
    }


# As options


@dataclass(frozen=True, slots=True)
class Named:
    """A fee by the number of its booking, with what was reckoned: what a flow keeps."""

    number: int
    reckoned: int | None

    @classmethod
    def of(cls, kept: str) -> "Named":
        """Back from what was kept."""
        number, _, reckoned = kept.partition(":")
        return cls(int(number), int(reckoned) if reckoned else None)


async def option(context: Context, row: Charge, booked: Booking) -> Option[str]:
    """One fee to choose, with what was reckoned in its value."""
    reckoned = row.reckoned_fen
    value = f"{booked.number}:{'' if reckoned is None else reckoned}"
    number = f"YY{booked.number}"
    label = number if reckoned is None else say("reckoned", number=number, amount=yuan(reckoned))
    return Option(value, label, await line(context, row, booked))
