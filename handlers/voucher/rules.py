"""Which programme holds here, for whom one speaks, and what may be said of the rules."""

from typing import Any

from bot.kit.say import Facts
from store import affiliation, organisation
from store.context import Context
from store.money import yuan
from store.voucher import programme
from store.voucher.programme import Programme, Tier


def in_force(context: Context) -> Programme | None:
    """The region's programme, if it has one."""
    code = context.policy.voucher_programme.value
    return programme.load(code) if code else None


async def firms(context: Context) -> dict[int, str]:
    """The firms for which the asker may speak, by number: where they are confirmed to work."""
    rows = await affiliation.works_for(context.session, context.person.id, context.now)
    return await organisation.names(context.session, {row.organisation_id for row in rows})


def told(rules: Programme) -> dict[str, Any]:
    """The rules in short; what is left open is not said."""
    return {
        "programme": rules.name,
        "region": rules.region,
        "example": {"key": "voucher.example"} if rules.example else None,
        "most": _yuan(rules.application_fen.value),
        "held": _yuan(rules.held_fen.value),
        "year": _yuan(rules.year_fen.value),
        "months": rules.valid_months.value,
        "tiers": _tiers(rules.tiers.value),
        "services": "、".join(rules.services.value) or None,
        "excluded": "、".join(rules.excluded.value) or None,
        "platform": _rule(rules.platform_only.value, "platform", rules.platform_only.cite),
        "unrelated": _rule(rules.unrelated.value, "unrelated", rules.unrelated.cite),
        "cite": rules.application_fen.cite or None,
    }


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


def _rule(holds: bool, key: str, cite: str) -> Facts | None:  # noqa: FBT001 - it is the rule's value
    return {"key": f"voucher.rule.{key}", "args": {"cite": cite or None}} if holds else None


def _tiers(tiers: tuple[Tier, ...]) -> Facts | None:
    """All of the first so much, a part of what is above; at most two are put in words."""
    if not tiers:
        return None
    if len(tiers) == 1:
        return {"key": "voucher.tiers.one", "args": {"percent": tiers[0].percent}}
    first, rest = tiers[0], tiers[1]
    args = {"top": _yuan(first.up_to_fen), "percent": first.percent, "rest": rest.percent}
    return {"key": "voucher.tiers.two", "args": args}
