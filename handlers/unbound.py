"""Organisations that nobody is bound to: the bureau phones them, or invites them in two taps."""

from typing import Any

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.answering.facts import by
from handlers.duties import Duty
from store import unbound
from store.context import Context
from store.invitation import Offer
from store.person import Role
from store.unbound import Unbound

router = Router("unbound")

BUREAU = frozenset({Role.BUREAU})
PAGE = 8
MORE = "unbound.more"
GUESTS = {"keeper": "邀请机主", "representative": "邀请代表"}


@duties.source(Role.BUREAU)
async def _unbound(context: Context) -> list[Duty]:
    """One line for all of them."""
    found = await unbound.unbound(context.session, context.person.grants)
    if not found:
        return []
    waiting = sum(one.requests for one in found) or None
    args = {
        "count": len(found),
        "waiting": waiting and {"key": "unbound.waiting", "args": {"count": waiting}},
    }
    return [Duty({"key": "unbound.duty", "args": args}, "还没有人绑定的单位")]


@router.words("还没有人绑定的单位", "没有人绑定的单位", "没绑定的单位", roles=BUREAU)
async def listed(context: Context, heard: Heard) -> Say:
    """All of them; a number opens one."""
    del heard
    found = await unbound.unbound(context.session, context.person.grants)
    return _page(found, 0) if found else Say("unbound.none")


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next eight, as things stand now."""
    found, begin = await unbound.unbound(context.session, context.person.grants), int(facts["next"])
    return _page(found, begin) if begin < len(found) else Say("duties.end")


def _page(found: list[Unbound], begin: int) -> Say:
    left = max(0, len(found) - begin - PAGE)
    return Say(
        "unbound.list",
        {
            "count": len(found),
            "rest": {"key": "unbound.rest", "args": {"left": left}} if left else None,
        },
        items=tuple(_line(one) for one in found[begin : begin + PAGE]),
        first=begin + 1,
        choices=tuple(f"单位 {one.id}" for one in found),
        more=(MORE, {"next": begin + PAGE}) if left else None,
    )


def _line(one: Unbound) -> dict[str, Any]:
    waiting = {"key": "unbound.waiting", "args": {"count": one.requests}}
    return {
        "name": one.name,
        "instruments": one.instruments,
        "waiting": waiting if one.requests else None,
    }


@router.words("单位 {n:int}", roles=BUREAU)
async def card(context: Context, heard: Heard, n: int) -> Say:
    """One of them: what it has, its public phone, and whom to invite. Raises NotUnbound."""
    del heard
    one = await unbound.find(context.session, n, context.person.grants)
    facts = {**_line(one), "contact": one.contact, "phone": one.phone}
    return Say(
        "unbound.card",
        {
            **facts,
            "reach": {"key": f"unbound.{'phone' if one.phone else 'no_phone'}", "args": facts},
        },
        items=tuple({"label": {"key": f"unbound.invite.{guest}"}} for guest in GUESTS),
        choices=tuple(f"{typed} {n}" for typed in GUESTS.values()),
    )


@router.words("邀请机主 {n:int}", roles=BUREAU, changes=True)
async def invite_keeper(context: Context, heard: Heard, n: int) -> Say:
    """A code for who looks after its instruments. Raises NotUnbound."""
    del heard
    return await _invited(context, n, Role.KEEPER)


@router.words("邀请代表 {n:int}", roles=BUREAU, changes=True)
async def invite_representative(context: Context, heard: Heard, n: int) -> Say:
    """A code for who speaks for it. Raises NotUnbound."""
    del heard
    return await _invited(context, n, Role.REPRESENTATIVE)


async def _invited(context: Context, number: int, role: Role) -> Say:
    one = await unbound.find(context.session, number, context.person.grants)
    made = (context.session, context.policy, context.secret, Offer(role, number), by(context))
    code = await unbound.invite(*made, context.now)
    days = context.policy.invitation_valid.value.days
    return Say(
        "unbound.invited",
        {
            "code": code,
            "days": days,
            "name": one.name,
            "phone": one.phone,
            "role": {"key": f"person.role.{role}"},
        },
    )
