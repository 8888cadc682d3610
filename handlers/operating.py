"""A unit's operating rules: shown, and acknowledged by whoever will use the instrument."""

from bot.kit.heard import Heard
from bot.kit.pages import cut
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from store import operating
from store.context import Context

router = Router("operating")

READ = "operating.read"
PAGE = 1_200
"""Bytes of a page."""


@router.words("操作规范 {number:YQ}", "操作规程 {number:YQ}")
async def show(context: Context, heard: Heard, number: int) -> Say:
    """The rules, and how to say that one read them."""
    del heard
    return await _page(context, number, 0)


@router.more(READ)
async def more(context: Context, facts: Facts) -> Say:
    """The next page."""
    return await _page(context, int(facts["number"]), int(facts["page"]))


async def _page(context: Context, number: int, page: int) -> Say:
    rules = await operating.rules_of(context.session, number)
    if rules is None:
        return Say("operating.none", {"number": f"YQ{number}"})
    pages = cut(rules.text, PAGE)
    at = min(page, len(pages) - 1)
    waits = await operating.unread(context.session, context.person.id, number, context.policy)
    last = at + 1 == len(pages)
    key = "more" if not last else "read" if waits is None else "agree"
    facts = {
        "number": f"YQ{number}",
        "code": rules.hash[:6],
        "cite": context.policy.operating_rules.cite or None,
    }
    return Say(
        "operating.page",
        {
            "number": f"YQ{number}",
            "text": pages[at],
            "tail": {"key": f"operating.tail.{key}", "args": facts},
        },
        more=None if last else (READ, {"number": number, "page": at + 1}),
    )


@router.words("已读规范 {number:YQ} {said}", "已读规范 {number:YQ}", changes=True)
async def acknowledge(context: Context, heard: Heard, number: int, said: str = "") -> Say:
    """Keep that one read them; shown again where they are others by now."""
    del heard
    rules = await operating.rules_of(context.session, number)
    if rules is None or not rules.hash.startswith(said.strip().lower() or "-"):
        return await _page(context, number, 0)
    await operating.acknowledge(context.session, context.person.id, number, rules.hash, context.now)
    return Say("operating.kept", {"number": f"YQ{number}"})
