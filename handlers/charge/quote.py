"""A price named by the keeper for one booking (按项目议价): an offer that its user agrees to."""

from typing import Any

from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.amounts import AMOUNT, read_amount
from handlers.answering.facts import by, decided, kept
from handlers.answering.word import NUMBER
from handlers.charge.account import money
from store import answering
from store.answering import Decided
from store.context import Context
from store.person import Role

router = Router("charge")

ANSWERS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})
"""Who answers requests; the bureau for units that nobody speaks for yet."""


async def _keeps(number: int, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """Raises NoSuchBooking where the asker does not keep its instrument."""
    await kept(context, number)


class Quote(Flow, name="charge.quote", confirm=False):
    """Name the price of a request."""

    booking: int = ask(NUMBER, check=_keeps)
    amount: int = ask(AMOUNT)

    async def finish(self, context: Context) -> Say:
        """The user has to agree."""
        return await _quoted(context, self.booking, self.amount)


@router.words("报价 {number:YY}", "报价 {number:YY} {said}", roles=ANSWERS, changes=True)
async def quote(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Name the price of a request. Raises NoSuchBooking, AmountUnfit."""
    del heard
    await kept(context, number)
    try:
        return await _quoted(context, number, read_amount(said, context.now))
    except Unreadable:
        return Begin(Quote, {"booking": number})


async def _quoted(context: Context, number: int, fen: int) -> Say:
    try:
        row = await answering.quote(context.session, number, fen, by(context), context.now)
    except Decided as why:
        return await decided(context, why)
    return Say("charge.quoted", {"number": f"YY{number}", "fee": money(row.estimate_fen)})
