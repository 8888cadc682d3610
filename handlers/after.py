"""After the visit: how it was, what papers are to say of it, what came of it."""

import re

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import one_of, whole, words, yes_or_no
from bot.kit.moments import HERE, show_date
from bot.kit.reading import count, plain
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.ticket.card import here
from store import booking, instrument, outcome, rating
from store.booking import Booking
from store.context import Context
from store.outcome import Found, Kind

router = Router("after")

KINDS = {
    "paper": ("论文", "文章"),
    "patent": "专利",
    "product": ("产品", "新产品"),
    "other": "其他",
}
STARS = re.compile(r"\s*([1-5一二三四五])\s*(?:分|星|颗星)?(?![0-9])[,，。、;；:：\s]*")
"""How many of five, at the head of what is said."""
CONTENT = 3
"""A score under this one is met with a way to complain."""


async def _served(context: Context, _said: str, _so_far: object) -> list[Option[int]]:
    """One's own bookings that were served, newest first."""
    return [
        Option(row.number, f"YY{row.number}", await _facts(context, row))
        for row in await _all(context)
        if row.status in rating.SERVED
    ]


async def _all(context: Context) -> list[Booking]:
    """One's own bookings, those that ended first."""
    session, me = context.session, context.person.id
    past = await booking.mine(session, me, context.now, past=True)
    return [*past, *await booking.mine(session, me, context.now)]


async def _facts(context: Context, row: Booking) -> dict[str, str]:
    loaded = await instrument.load(context.session, row.instrument_id)
    day = (row.starts_at or row.requested_at).astimezone(HERE).date()
    return {"instrument": loaded[0].name if loaded else "", "day": show_date(day)}


async def own(context: Context, number: int) -> Booking:
    """A booking of one's own by its number; raises NoSuchBooking."""
    row = await booking.present(context.session, number)
    if row is None or row.person_id != context.person.id:
        raise booking.NoSuchBooking(number=f"YY{number}")
    return row


# How it was


class Rate(Flow, name="after.rate", confirm=False):
    """Ask which booking, how many of five, and maybe for words."""

    number: int = pick(_served)
    score: int = ask(whole(rating.LOW, rating.HIGH))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        return await _rated(context, self.number, self.score, "")


@router.words("评价 {number:YY} {said}", changes=True)
async def rate(context: Context, heard: Heard, number: int, said: str) -> Say | Begin:
    """A rating in one line: score, then words; without a score, it is asked for."""
    del heard
    stars = STARS.match(plain(said))
    score = count(stars[1]) if stars else None
    if stars is None or score is None:
        return Begin(Rate, {"number": (await own(context, number)).number})
    return await _rated(context, number, score, said[stars.end() :])


@router.words("评价", "评价 {number:YY}")
@router.words("评价 {said}", apart=True)
async def rate_which(
    context: Context, heard: Heard, number: int = 0, said: str = ""
) -> Begin | Say:
    """A rating of which the booking or the score is missing."""
    del heard, said
    if not number and not await _served(context, "", None):
        return Say("after.nothing_to_rate")
    return Begin(Rate, {"number": number} if number else {})


async def _rated(context: Context, number: int, score: int, text: str) -> Say:
    row = await own(context, number)
    given = await rating.rate(here(context), row, score, text)
    facts = {"number": f"YY{number}", "score": given.score}
    return Say("after.rated.badly" if given.score < CONTENT else "after.rated", facts)


# What papers are to say, and what came of it


@router.words("致谢 {number:YY}", "标注 {number:YY}")
async def acknowledge(context: Context, heard: Heard, number: int) -> Say:
    """The words by which a paper names the instrument and its unit."""
    del heard
    row = await own(context, number)
    return Say("after.acknowledge", await marking(context, row))


async def marking(context: Context, row: Booking) -> dict[str, object]:
    """What a paper's acknowledgement holds, and whether a rule asks for one."""
    loaded = await instrument.load(context.session, row.instrument_id)
    rule = context.policy.results_marked
    must = {"key": "after.must", "args": {"cite": rule.cite}} if rule.value else None
    if loaded is None:
        raise booking.NoSuchBooking(number=f"YY{row.number}")
    machine, organisation, _county = loaded
    return {
        "number": f"YY{row.number}",
        "organisation": organisation.name,
        "instrument": machine.name,
        "model": machine.model,
        "code": f"YQ{machine.id}",
        "must": must or {"key": "after.wish"},
    }


class Report(Flow, name="after.report"):
    """Ask what came of a booking."""

    number: int = pick(_served)
    sort: str = ask(one_of(KINDS))
    work: str = ask(words(outcome.LONGEST))
    marked: bool = ask(yes_or_no, when=lambda so_far: so_far.sort == "paper")

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        row = await own(context, self.number)
        found = Found(Kind(self.sort), self.work, bool(self.marked))
        await outcome.report(context.session, row, found, context.now)
        return Say("after.reported", {"number": f"YY{self.number}", "kind": KINDS_SHOWN[self.sort]})


KINDS_SHOWN = {key: said if isinstance(said, str) else said[0] for key, said in KINDS.items()}


@router.words("成果", "上报成果", "登记成果", "成果 {number:YY}", "上报成果 {number:YY}")
async def report(context: Context, heard: Heard, number: int = 0) -> Begin:
    """What came of it: only what is missing is asked."""
    del context, heard
    return Begin(Report, {"number": number} if number else {})


@router.words("我的成果")
async def reported(context: Context, heard: Heard) -> Say:
    """What one has reported."""
    del heard
    rows = await _all(context)
    found = [(row, each) for row in rows for each in await outcome.of(context.session, row.id)]
    if not found:
        return Say("after.reported.none")
    lines = tuple(
        {"number": f"YY{row.number}", "kind": KINDS_SHOWN[each.kind], "title": each.title}
        for row, each in found[:8]
    )
    return Say("after.reported.list", items=lines)
