"""The customs' approval of a supervised import, put on file by who keeps the instrument."""

from bot.kit.heard import Heard
from bot.kit.moments import HERE, show_date
from bot.kit.route import Router
from bot.kit.say import Say
from store import customs, instrument, listing
from store.context import Context
from store.listing import By, NoSuchInstrument
from store.person import Role

router = Router("customs")

KEEPS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})


@router.words("海关批准 {number:YQ}", roles=KEEPS)
async def show(context: Context, heard: Heard, number: int) -> Say:
    """What is on file. Raises NoSuchInstrument, NotSupervised."""
    del heard
    found = await instrument.load(context.session, number)
    if found is None or "keeper" not in listing.hats(found[0], context.person.grants):
        raise NoSuchInstrument(f"YQ{number}")
    if not found[0].customs_supervised:
        raise customs.NotSupervised
    until = customs.until(found[0], context.policy)
    facts = {
        "number": f"YQ{number}",
        "approval": await customs.number(context.session, number) or {"key": "customs.none"},
        "until": show_date(until) if until else {"key": "customs.unknown"},
        "kinds": context.policy.customs_kinds.value,
        "cite": context.policy.customs_approval.cite or None,
    }
    over = not customs.supervised(found[0], context.policy, context.now.astimezone(HERE).date())
    return Say("customs.over" if over else "customs.show", facts)


@router.words("海关批准 {number:YQ} {said}", changes=True, roles=KEEPS)
async def approve(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Put a number on file. Raises NoSuchInstrument, NotYours, NotSupervised, ApprovalUnfit."""
    del heard
    by = By(context.person.id, context.person.grants)
    kept = await customs.approve(context.session, number, said, by, context.now)
    kinds = context.policy.customs_kinds.value
    return Say("customs.kept", {"number": f"YQ{number}", "approval": kept, "kinds": kinds})
