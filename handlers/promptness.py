"""How fast requests are answered (`答复情况`): numbers only, and what policy asks for."""

from datetime import timedelta
from typing import Any

from bot.kit.heard import Heard
from bot.kit.moments import show_length
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.duties import Duty
from store import promptness
from store.context import Context
from store.person import Role
from store.policies.rule import Deadline
from store.promptness import Pace

router = Router("promptness")

KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})
PAGE = 8
MORE = "promptness.more"
DAYS = timedelta(days=2)
"""From so long on, a time is told in days."""


@duties.source(Role.BUREAU)
async def _overdue(context: Context) -> list[Duty]:
    """Requests past their time in what one looks after, in one line."""
    count = await promptness.overdue(context.session, context.person.grants, context.now)
    line = {"key": "promptness.duty", "args": {"count": count}}
    return [Duty(line, "答复情况", context.now)] if count else []


@router.words("答复情况", "答复统计", roles=KEEPS)
async def paces(context: Context, heard: Heard) -> Say:
    """How the units that one may see answer, overdue and late ones first."""
    del heard
    return await _page(context, 0)


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next eight, as things stand now."""
    return await _page(context, int(facts["next"]))


async def _page(context: Context, begin: int) -> Say:
    policy = context.policy
    found = await promptness.paces(context.session, context.person.grants, policy, context.now)
    days = policy.answer_window.value.days
    if not found:
        return Say("promptness.none", {"days": days})
    asked, answered, late, overdue = promptness.total(found)
    left = max(0, len(found) - begin - PAGE)
    rest = {"key": "duties.rest", "args": {"left": left}} if left else None
    args = {"days": days, "asked": asked, "answered": answered, "rest": rest}
    trouble = {
        "key": "promptness.trouble",
        "args": {"late": late or None, "overdue": overdue or None},
    }
    return Say(
        "promptness.list",
        args | {"trouble": trouble if late or overdue else None, "rule": _rule(context)},
        items=tuple(map(_line, found[begin : begin + PAGE])),
        first=begin + 1,
        more=(MORE, {"next": begin + PAGE}) if left else None,
    )


def _rule(context: Context) -> Facts:
    """By when policy wants an answer, and which document does."""
    policy = context.policy
    answer: Deadline = policy.answer.value
    unit = {"key": f"promptness.{'working' if answer.working else 'plain'}_days"}
    args = {"days": answer.days, "unit": unit, "cite": policy.prompt_answer.cite or None}
    return {"key": "promptness.rule", "args": args}


def _line(pace: Pace) -> dict[str, Any]:
    return {
        "name": pace.name,
        "asked": pace.asked,
        "usual": {"key": "promptness.usual", "args": {"span": _span(pace.usual)}}
        if pace.usual is not None
        else None,
        "late": {"key": "promptness.late", "args": {"count": pace.late}} if pace.late else None,
        "overdue": {"key": "promptness.overdue", "args": {"count": pace.overdue}}
        if pace.overdue
        else None,
    }


def _span(usual: timedelta) -> str:
    """Minutes while it is short, then hours, then days."""
    minutes = max(1, round(usual.total_seconds() / 60))
    if usual >= DAYS:
        return show_length(timedelta(days=round(usual / timedelta(days=1))), in_days=True)
    return show_length(timedelta(minutes=minutes if minutes < 60 else round(minutes / 60) * 60))
