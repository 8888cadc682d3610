"""What would be booked: reckoned for the summary, made at its confirmation, and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.kit.moments import Period, show_moment, show_period
from bot.kit.say import Facts, Say
from handlers.booking import instruments, reading, times
from handlers.voucher import cover
from store import booking, card, operating, tariff
from store import terms as terms_of
from store.availability import Unfit
from store.booking import Booking, Cooperation, Group, Mode, Status, Wish
from store.context import Context
from store.instrument import Row
from store.tariff import Estimate
from store.terms import Terms

if TYPE_CHECKING:
    from handlers.booking.request import Book

LONGEST_RULES = 60
"""Characters of an instrument's rules that a summary shows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A wish with all that follows from it."""

    wished: Book
    row: Row
    terms: Terms
    group: Group
    employer_id: int | None
    estimate: Estimate
    context: Context
    voucher: Facts | None = None
    """What the asker's vouchers would pay of it."""

    @property
    def mode(self) -> Mode:
        """Time or samples."""
        return Mode.SAMPLE if self.wished.sends else Mode.SELF

    @property
    def free_until(self) -> datetime | None:
        """Until when it may be cancelled without consequence."""
        time = self.wished.time
        return time.start - self.terms.cancel_free if time else None

    def facts(self) -> dict[str, Any]:
        """As the summary says it."""
        first, unit, _county = self.row
        wished, policy = self.wished, self.context.policy
        shown = card.facts(*self.row)
        outside = self.group is not Group.OWN
        return {
            "instrument": instruments.label(first),
            "organisation": unit.name,
            "address": shown["address"],
            "when": show_period(wished.time, self.context.now) if wished.time else None,
            "how": {"key": f"booking.how.{wished.used}"},
            "samples": wished.samples if wished.sends else None,
            "what": wished.what if wished.sends else None,
            "purpose": wished.purpose,
            "cost": self.estimate.words,
            "voucher": self.voucher,
            "until": self._until(),
            "rules": short(first.rules),
            "contract": _cited("contract", policy.contract_required) if outside else None,
            "joint": _cited("joint", policy.joint_ip) if wished.used == "joint" else None,
            "answered": {"key": f"booking.answered.{self._answered()}"},
        }

    def _until(self) -> Facts | None:
        until = self.free_until
        if until is None:
            return {"key": "booking.until.samples"}
        if until <= self.context.now:
            hours = int(self.terms.cancel_free.total_seconds()) // 3600
            return {"key": "booking.until.late", "args": {"hours": hours}}
        return {"key": "booking.until.free", "args": {"at": show_moment(until)}}

    def _answered(self) -> str:
        if self.estimate.quote:
            return "quote"
        return "keeper" if self.terms.approval else "once"

    def wish(self, token: str) -> Wish:
        """As the store takes it."""
        wished, time = self.wished, self.wished.time
        joint = wished.used == "joint"
        return Wish(
            instrument_id=wished.number,
            person_id=self.context.person.id,
            mode=self.mode,
            token=token,
            starts_at=time.start if time else None,
            ends_at=time.end if time else None,
            samples=wished.samples if wished.sends else None,
            sample_words=wished.what if wished.sends else None,
            purpose=wished.purpose,
            group=self.group,
            employer_id=self.employer_id,
            cooperation=Cooperation.JOINT if joint else Cooperation.OWN,
            estimate_fen=self.estimate.fen,
            price=self.estimate.rows,
        )


async def made(context: Context, wished: Book) -> Plan:
    """Reckon everything as it stands now."""
    row = await instruments.one(context, wished.number)
    read = partial(terms_of.of, context.session, wished.number, context.policy)
    terms = await context.once(("terms", wished.number), read)
    group, employer_id = await instruments.belongs(context, row[0])
    cost = await costs(context, wished.number, group, wished.time, wished.samples)
    paid = await cover.facts(context, row[0], cost.fen)
    return Plan(wished, row, terms, group, employer_id, cost, context, paid)


async def costs(
    context: Context, number: int, group: Group, time: Period | None, samples: int | None
) -> Estimate:
    """What it would cost by the prices of its day."""
    on = times.day_of(time.start if time else context.now)
    mode = Mode.SELF if time else Mode.SAMPLE
    minutes = reading.minutes(time) if time else None
    session = context.session
    read = partial(tariff.estimate, session, number, group, mode, minutes, samples, on)
    return await context.once(("cost", number, group, mode, minutes, samples, on), read)


async def request(context: Context, ready: Plan) -> Booking:
    """Put it in place. Raises CantBe where somebody was quicker."""
    number, me = ready.wished.number, context.person.id
    try:
        row = await booking.request(
            context.session,
            ready.wish(context.new_id()),
            ready.terms,
            context.policy,
            context.now,
        )
    except Unfit as why:
        raise times.cant_be(
            ready.wished.number, ready.wished.time, why.reasons, why.nearest
        ) from why
    await operating.accept(context.session, me, number, context.now)  # the summary showed them
    return row


def told(ready: Plan, row: Booking) -> Say:
    """What was made, as the row has it: asked for, or booked."""
    when = reading.of(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else None
    key = "booked" if row.status is Status.APPROVED else "asked"
    by = [at for at in (row.answer_by, row.hold_until) if at is not None]
    facts: dict[str, Any] = {
        "number": f"YY{row.number}",
        "instrument": instruments.label(ready.row[0]),
        "when": show_period(when, ready.context.now) if when else None,
        "samples": row.samples,
        "organisation": ready.row[1].name,
        "held": row.hold_until and show_moment(row.hold_until),
        "answer": show_moment(min(by)) if by else None,
        "address": card.facts(*ready.row)["address"],
        "contract": {"key": "booking.sign"} if ready.group is not Group.OWN else None,
    }
    return Say(f"booking.{key}.{row.mode}", facts)


def short(words: str | None) -> str | None:
    """A long field in one line."""
    line = " ".join((words or "").split())
    return (line if len(line) <= LONGEST_RULES else f"{line[:LONGEST_RULES]}…") or None


def _cited(key: str, rule: Any) -> Facts | None:  # noqa: ANN401 - a rule of yes or no
    """A rule that holds, with its article where a document has it."""
    return (
        {"key": f"booking.rule.{key}", "args": {"cite": rule.cite or None}} if rule.value else None
    )
