"""What is looked for and not found, for those who look after the tables."""

from bot.kit.asking import below
from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from store.context import Context
from store.person import Role
from store.search.statistics import Line, statistics

router = Router("search_statistics")

DAYS = 30
MOST_DAYS = 366
READERS = frozenset({Role.BUREAU, Role.OPERATOR})


@router.words("搜索统计", roles=READERS)
async def month(context: Context, heard: Heard) -> Say:
    """The last thirty days."""
    return await days(context, heard, DAYS)


@router.words("搜索统计 {n:int}", roles=READERS)
async def days(context: Context, heard: Heard, n: int) -> Say:
    """The last so many days."""
    del heard
    span = min(max(n, 1), MOST_DAYS)
    found = await statistics(context.session, span, context.now)
    if not found.asked:
        return Say("search_statistics.none", {"days": span})
    head = {"days": span, "asked": found.asked, "missed": found.missed}
    parts = [Say("search_statistics.head", head)]
    if found.missed:
        parts.append(
            Say("search_statistics.missed", {"unsaid": found.unsaid or None}, _lines(found.lost))
        )
    parts.append(Say("search_statistics.most", {}, _lines(found.most)))
    parts.append(Say("search_statistics.opened", {}, _lines(found.opened)))
    return below(*[part for part in parts if part.items or part.args])


def _lines(lines: tuple[Line, ...]) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "words": line.words,
            "times": line.times,
            "number": f"YQ{line.number}" if line.number else None,
            "name": line.name or None,
        }
        for line in lines
    )
