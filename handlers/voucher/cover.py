"""What a voucher would pay of a booking that is being asked for."""

from bot.kit.say import Facts
from handlers.voucher import rules
from store.context import Context
from store.instrument import Instrument
from store.money import yuan
from store.voucher import reading


async def facts(context: Context, machine: Instrument, fen: int | None) -> Facts | None:
    """`可用创新券抵 400 元`; nothing where none of the asker's would pay."""
    code = rules.in_force(context)
    if code is None or not fen or (code.platform_only.value and not machine.on_provincial_platform):
        return None
    firms = set(await rules.firms(context))
    if code.unrelated.value:
        firms -= {machine.organisation_id}
    covered = code.covers(fen)
    usable = await reading.usable(context.session, firms, context.now)
    enough = any(one.free_fen >= covered > 0 for one in usable)
    return {"key": "voucher.cover", "args": {"fen": yuan(covered)}} if enough else None
