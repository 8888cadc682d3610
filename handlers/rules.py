"""What the rules are (规则), those of one instrument, and why something was said (为什么)."""

import tomllib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.kit.heard import Heard
from bot.kit.moments import show_length
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.free import meant
from store import terms
from store.context import Context
from store.policies import Deadline, Policy, Rule
from store.terms import Terms

router = Router("rules")
PAGE = 7
MORE = "rules.more"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@router.words("规则", "有什么规则")
async def rules(context: Context, heard: Heard) -> Say:
    """The rules that stand in a document, each with its article."""
    del heard
    return _page(context.policy, 0)


@router.more(MORE)
async def more(context: Context, facts: Facts) -> Say:
    """The next of them."""
    return _page(context.policy, int(facts["next"]))


def _page(policy: Policy, begin: int) -> Say:
    known = [name for name in _table()["told"]["rules"] if stands(getattr(policy, name))]
    items = _grouped(policy, known[begin : begin + PAGE])
    rest = len(known) - begin - PAGE
    facts = {"region": policy.names.region, "rest": rest if rest > 0 else None}
    goes_on = (MORE, {"next": begin + PAGE}) if rest > 0 else None
    return Say("rules.all", facts, items=items, more=goes_on)


def stands(rule: Rule[Any]) -> bool:
    """Whether a document says it."""
    return bool(rule.cite) and rule.value not in (None, "")


def _grouped(policy: Policy, names: Iterable[str]) -> tuple[Facts, ...]:
    """Rules under the documents in which they stand."""
    items, document = list[Facts](), ""
    for name in sorted(names, key=lambda name: _order(policy, name)):
        rule = getattr(policy, name)
        heading = rule.document if rule.document != document else None
        document = rule.document
        items.append({"document": heading, "what": _what(name, rule), "article": rule.article})
    return tuple(items)


def _order(policy: Policy, name: str) -> int:
    """Documents in the order in which they are first cited."""
    known = [getattr(policy, each).document for each in _table()["told"]["rules"]]
    return known.index(getattr(policy, name).document)


def _what(name: str, rule: Rule[Any]) -> Facts:
    """A rule in words."""
    no = rule.value is False
    return {"key": f"rules.{name}.no" if no else f"rules.{name}", "args": {"value": _shown(rule)}}


def _shown(rule: Rule[Any]) -> str | int | Facts | None:
    value = rule.value
    if isinstance(value, bool):
        return None
    if isinstance(value, timedelta):
        return show_length(value, in_days=True) or None
    if isinstance(value, Deadline):
        return _days(value)
    return int(value) // 10_000 if isinstance(value, int) and value >= 10_000 else value


def _days(value: Deadline) -> Facts:
    kind = "working" if value.working else "plain"
    return {"key": f"rules.days.{kind}", "args": {"days": value.days}}


@router.words("规则 {number:YQ}")
async def of_instrument(context: Context, heard: Heard, number: int) -> Say:
    """How one instrument is booked: its own terms over its unit's over policy. NoSuchInstrument."""
    del heard
    row = await meant.row(context, number)
    held = await terms.of(context.session, number, context.policy)
    facts = {**meant.titled(row), **told(held), **_signed(context.policy)}
    return Say("rules.instrument", facts, about={"instrument": number})


def told(held: Terms) -> Facts:
    """Terms in words."""
    opening = held.opening
    lengths = {
        name: show_length(getattr(held, name), in_days=True) or None
        for name in ("horizon", "shortest", "longest", "before", "after", "time_per_week")
    }
    free = {name: show_length(getattr(held, name)) or None for name in ("late_after",)}
    return {
        **lengths,
        **free,
        "notice": _notice(held),
        "cancel_free": show_length(held.cancel_free, in_days=False) or None,
        "words": opening.words or {"key": "rules.unsaid"},
        "asks": {"key": "rules.asks"} if opening.asks else None,
        "grid": held.grid or None,
        "per_week": held.per_week or None,
        "answer": _answered(held),
    }


def _notice(held: Terms) -> str | Facts | None:
    if held.notice_working:
        return {"key": "rules.days.working", "args": {"days": held.notice.days}}
    return show_length(held.notice, in_days=True) or None


def _answered(held: Terms) -> Facts:
    if not held.approval:
        return {"key": "rules.approval.no"}
    asked = {"answer": _days(held.answer), "hold": _days(held.hold)}
    return {"key": "rules.approval.yes", "args": asked}


def _signed(policy: Policy) -> Facts:
    rule = policy.contract_required
    return (
        {"contract": {"key": "rules.signed", "args": {"cite": rule.cite or None}}}
        if rule.value
        else {}
    )


@router.words("为什么", "为啥", "依据是什么")
async def why(context: Context, heard: Heard) -> Say:
    """What stands behind the refusal or the summary last told."""
    del heard
    said: Sequence[str] = context.about.get("said", ())
    names = [key.rpartition(".")[2] for key in said]
    wanted = list(dict.fromkeys(rule for name in names for rule in _table()["why"].get(name, ())))
    held = await _held(context)
    items = tuple(_explained(context.policy, held, name) for name in wanted)
    by_unit = any(name in _table()["unit"]["keys"] for name in names)
    if not items and not by_unit:
        return Say("rules.why.known" if said else "rules.why.nothing")
    unit = {"key": "rules.why.unit"} if by_unit else None
    return Say("rules.why", {"unit": unit, "number": _number(context)}, items=items)


async def _held(context: Context) -> Terms | None:
    number = context.about.get("instrument")
    return await terms.of(context.session, int(number), context.policy) if number else None


def _number(context: Context) -> str | None:
    number = context.about.get("instrument")
    return f"YQ{number}" if number else None


def _explained(policy: Policy, held: Terms | None, name: str) -> Facts:
    """A rule with its article; without one, who set it."""
    rule: Rule[Any] = getattr(policy, name)
    own = held is not None and name in held.own
    source = "unit" if own else "cited" if rule.cite else "ours"
    by = {"key": f"rules.by.{source}", "args": {"cite": rule.cite or None}}
    if own and held is not None:
        return {"what": _what(name, Rule(_own_value(held, name))), "by": by}
    return {"what": _what(name, rule), "by": by}


def _own_value(held: Terms, name: str) -> Any:  # noqa: ANN401 - whatever a term is
    return getattr(held, next(term for term, key in terms.RULES.items() if key == name))
