"""The papers of a voucher: handed up, and looked at by who decides, by one-time addresses."""

from bot.kit.asking import below
from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.person import addressed
from handlers.voucher.holding import looks, seen
from store import audit, file
from store.context import Context
from store.link import Errand, Purpose
from store.voucher.table import Voucher

router = Router("voucher")


def about(row: Voucher) -> str:
    """What its papers are kept under."""
    return f"voucher:{row.id}"


async def wanted(context: Context, say: Say, row: Voucher) -> Say:
    """The answer with an address below at which one paper is handed up."""
    errand = Errand(Purpose.VOUCHER, context.person.id, about(row))
    return await addressed(context, say, "voucher.up.link", errand)


@router.words("材料 {number:CXQ}", changes=True)
async def papers(context: Context, heard: Heard, number: int) -> Say:
    """To the firm one more address to hand up at; to who decides, what was handed up."""
    del heard
    row = await seen(context, number)
    if not looks(context, row):
        return await wanted(context, Say("voucher.up", {"number": f"CXQ{number}"}), row)
    says = []
    for paper in await file.about(context.session, about(row)):
        errand = Errand(Purpose.FILE, context.person.id, f"file:{paper.id}")
        says.append(await addressed(context, Say("voucher.paper"), "voucher.paper.link", errand))
        facts = {"about": about(row)}
        audit.record(
            context.session, context.person.id, "look", f"file:{paper.id}", facts, context.now
        )
    return below(*says) if says else Say("voucher.no_paper", {"number": f"CXQ{number}"})
