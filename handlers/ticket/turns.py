"""What is done with a ticket: looked at, added to, answered, taken to the bureau, ended."""

from bot.kit.heard import Heard
from bot.kit.moments import show_moment
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.ticket import card
from store import ticket
from store.context import Context
from store.ticket import By, Kind, Side, Ticket, serving

router = Router("ticket")


@router.words("{number:XQ}")
@router.words("{number:GD}")
async def show(context: Context, heard: Heard, number: int) -> Say:
    """One matter, with what was said and what can be done."""
    row, sides = await card.seen(context, number, heard.words)
    return await card.whole(context, row, sides)


@router.words("补充 {number:GD} {said}", "补充 {number:XQ} {said}", changes=True)
async def add(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Say more; who had an answer already asks again with it."""
    row, sides = await card.seen(context, number, heard.words)
    side = next(side for side in Side if side in sides)
    by = By(context.person.id, side, await serving(context.session, row, context.person.grants))
    if side is Side.USER and row.status is ticket.Status.ANSWERED:
        return await _moved(context, row, "ask", by, said)
    await ticket.add_words(card.here(context), row, by, said)
    return Say("ticket.added", {"number": row.number})


@router.words("答复 {number:GD} {said}", "答复 {number:XQ} {said}", changes=True)
@router.words("能做 {number:XQ} {said}", "回复 {number:GD} {said}", changes=True)
async def answer(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Answer as whom it waits for: the organisation, or the bureau."""
    row, sides = await card.seen(context, number, heard.words)
    bureau = row.status is ticket.Status.AT_BUREAU and Side.BUREAU in sides
    if not bureau and Side.ANSWERER not in sides:
        return Say("ticket.not_waiting", await card.brief(context, row))
    whom = await serving(context.session, row, context.person.grants)
    by = By(context.person.id, Side.BUREAU if bureau else Side.ANSWERER, whom)
    if row.kind is Kind.DEMAND and row.status is ticket.Status.ANSWERED and not bureau:
        await ticket.add_words(card.here(context), row, by, said, verb="offer")
        return Say("ticket.answered", {"number": row.number})
    return await _moved(context, row, "rule" if bureau else "answer", by, said)


@router.words("满意 {number:GD}", "满意 {number:XQ}", changes=True)
@router.words("满意 {number:GD} {n:int}", "满意 {number:XQ} {n:int}", changes=True)
async def accept(context: Context, heard: Heard, number: int, n: int = 5) -> Say:
    """The user is content, to so many of five."""
    row = await _own(context, number, heard.words)
    score = min(max(n, 1), 5)
    return await _moved(context, row, "accept", By(context.person.id, Side.USER), score=score)


@router.words("不满意 {number:GD} {said}", "不满意 {number:XQ} {said}", changes=True)
@router.words("转局里 {number:GD} {said}", "转局里 {number:XQ} {said}", changes=True)
async def escalate(context: Context, heard: Heard, number: int, said: str) -> Say:
    """The user wants the bureau's word."""
    row = await _own(context, number, heard.words)
    return await _moved(context, row, "escalate", By(context.person.id, Side.USER), said)


@router.words(
    "不满意 {number:GD}", "不满意 {number:XQ}", "转局里 {number:GD}", "转局里 {number:XQ}"
)
async def why(context: Context, heard: Heard, number: int) -> Say:
    """Why, is to be said with it."""
    row = await _own(context, number, heard.words)
    return Say("ticket.why", {"number": row.number})


@router.words("撤回 {number:GD}", "撤回 {number:XQ}", changes=True)
async def withdraw(context: Context, heard: Heard, number: int) -> Say:
    """The user wants nothing any more."""
    row = await _own(context, number, heard.words)
    return await _moved(context, row, "withdraw", By(context.person.id, Side.USER))


async def _own(context: Context, number: int, typed: str) -> Ticket:
    row, sides = await card.seen(context, number, typed)
    if Side.USER not in sides:
        raise ticket.NoSuchTicket(number=row.number)
    return row


async def _moved(
    context: Context,
    row: Ticket,
    verb: str,
    by: By,
    text: str | None = None,
    *,
    score: int | None = None,
) -> Say:
    await ticket.move(card.here(context), row, verb, by, text=text, score=score)
    return Say(
        f"ticket.moved.{verb}",
        {
            "number": row.number,
            "by": show_moment(row.answer_by),
            "bureau": context.policy.names.bureau,
            "cite": context.policy.disputes_settled.cite,
        },
    )
