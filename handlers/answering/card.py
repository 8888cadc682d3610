"""One request for who keeps the instrument, and all that wait (`待办`)."""

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.answering.facts import kept, told
from handlers.duties import Duty
from store import answering, organisation, routing, unbound
from store.answering import Seen, Waiting, last_moment
from store.booking import Mode, Status
from store.context import Context
from store.instrument import Instrument
from store.person import Role

router = Router("answering")

LISTED = 60
"""Requests that `待办` gathers at most."""
LONGEST_PURPOSE = 24
"""Characters of a purpose that a line of a list shows."""
ACTIONS = {
    Status.REQUESTED: ("agree", "decline", "propose"),
    Status.OFFERED: ("propose", "decline"),
    Status.APPROVED: ("propose", "call_off"),
    Status.NO_SHOW: ("record", "excuse"),
}
"""What a keeper can do about a booking, in the order of its numbers."""
IN_HAND = {
    Status.APPROVED: ("receive", "lack", "call_off"),
    Status.LACKING: ("receive",),
    Status.RECEIVED: ("test", "lack"),
    Status.TESTING: ("report", "lack"),
    Status.REPORTED: ("deliver", "report"),
}
"""The same of samples that were agreed to."""
TYPED = {
    "agree": "同意",
    "quote": "报价",
    "decline": "拒绝",
    "propose": "改时间",
    "call_off": "叫停预约",
    "record": "登记使用",
    "excuse": "撤销爽约",
    "receive": "收样",
    "lack": "样品不足",
    "test": "开始检测",
    "report": "报告好了",
    "deliver": "交付",
}


@duties.source(Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU)
async def _requests(context: Context) -> list[Duty]:
    """Requests that wait for one's answer."""
    mine = context.person.grants
    found = await answering.waiting(context.session, mine, context.now, limit=LISTED)
    return [await _duty(context, each) for each in found]


async def _duty(context: Context, one: Waiting) -> Duty:
    row = one.booking
    facts = await told(context, row, one.instrument)
    late = row.answer_by is not None and row.answer_by <= context.now
    facts["purpose"] = (row.purpose or "")[:LONGEST_PURPOSE]
    facts["late"] = {"key": "answering.late"} if late else None
    if not _own(context, one.instrument):
        facts |= await _unit(context, one.instrument)
    line = {"key": "answering.duty", "args": facts}
    return Duty(line, f"处理 {facts['number']}", last_moment(row))


@router.words("处理 {number:YY}")
async def card(context: Context, heard: Heard, number: int) -> Say:
    """A booking for who keeps its instrument, with what can be done about it now.

    Raises NoSuchBooking for whoever does not.
    """
    del heard
    seen = await kept(context, number)
    facts, actions = await told(context, seen.booking, seen.instrument), _actions(seen)
    if not _own(context, seen.instrument):
        facts["unit"] = {"key": "answering.unit", "args": await _unit(context, seen.instrument)}
        actions += ["unit"] if await _unbound(context, seen.instrument) else []
    waits = seen.booking.status is Status.REQUESTED
    state = "answering.state.offered" if seen.booking.status is Status.OFFERED else None
    return Say(
        "answering.card" if waits else "answering.known",
        {
            **facts,
            "state": {"key": state or f"bookings.status.{seen.booking.status}"},
            "or": {"key": "answering.or", "args": facts} if "propose" in actions else None,
        },
        items=tuple({"label": {"key": f"answering.do.{name}"}} for name in actions),
        choices=tuple(_typed(name, seen) for name in actions),
    )


def _actions(seen: Seen) -> list[str]:
    """Samples have no time that could be another."""
    timed, status = seen.booking.starts_at is not None, seen.booking.status
    if seen.booking.mode is Mode.SAMPLE and status in IN_HAND:
        return list(IN_HAND[status])
    every = list(ACTIONS.get(status, ()))
    if status is Status.REQUESTED and answering.unpriced(seen.booking):
        every[0] = "quote"
    return [name for name in every if timed or name != "propose"]


def _typed(action: str, seen: Seen) -> str:
    if action == "unit":
        return f"单位 {seen.instrument.organisation_id}"
    return f"{TYPED[action]} YY{seen.booking.number}"


def _own(context: Context, instrument: Instrument) -> bool:
    """Whether the asker is of the unit itself; else they are of the bureau."""
    return any(
        grant.organisation_id == instrument.organisation_id for grant in context.person.grants
    )


async def _unit(context: Context, instrument: Instrument) -> Facts:
    """The unit, and its public phone."""
    number = instrument.organisation_id
    names = await organisation.names(context.session, [number])
    _contact, phone = await unbound.reach(context.session, number)
    return {"organisation": names.get(number), "phone": instrument.phone or phone}


async def _unbound(context: Context, instrument: Instrument) -> bool:
    """Whether nobody of the unit is here to answer."""
    asked = await routing.answerers(context.session, instrument.id)
    return asked.role is Role.BUREAU
