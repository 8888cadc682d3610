"""Opening a ticket in one line or step by step; lists of them."""

from bot.kit import intents
from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.moments import show_moment
from bot.kit.reading import plain
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import search
from handlers.duties import Duty, source
from handlers.search import NUMBER
from handlers.ticket import card
from store import booking, instrument, ticket
from store.booking import Booking
from store.context import Context
from store.person import Role
from store.ticket import Kind, Matter, Ticket
from store.ticket.deeds import LONGEST

router = Router("ticket")
LINE = 40
"""Characters of somebody's words that a tap types again."""
CANDIDATES = 20
"""Instruments whose organisations are told of a demand."""
ANSWERERS = frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU, Role.SECRETARIAT})


# Opening one


async def opened(context: Context, kind: Kind, text: str, number: int | None = None) -> Say:
    """Keep a matter and say its number; a demand with what may serve it below."""
    matter = await _matter(context, kind, text, number)
    row = await ticket.open_ticket(card.here(context), matter)
    facts = {
        "number": row.number,
        "text": text,
        "by": show_moment(row.answer_by),
        "to": await card.answerer(context, row),
        "found": len(matter.matches) or None,
        "helped": None if matter.matches else _helped(context),
    }
    say = Say(f"ticket.opened.{kind}", facts)
    if kind is not Kind.DEMAND:
        return say
    listed = search.answer(context, text)
    return below(say, listed) if listed.choices else say


def _helped(context: Context) -> Facts:
    """Who looks for it where nothing in the ledger fits."""
    return {"key": "ticket.helped", "args": {"bureau": context.policy.names.bureau}}


async def _matter(context: Context, kind: Kind, text: str, number: int | None) -> Matter:
    """What it is about, as far as the words name an instrument or a booking of one's own."""
    if kind is Kind.DEMAND:
        return Matter(kind, text, context.person.id, matches=await _who_may(context, text))
    of = await _booking(context, text)
    named = NUMBER.search(plain(text))
    machine = number or (of.instrument_id if of else None) or (int(named[1]) if named else None)
    homes = await instrument.homes(context.session, [machine] if machine else [])
    at = machine if machine in homes else None
    return Matter(
        kind,
        text,
        context.person.id,
        organisation_id=homes[at] if at else None,
        instrument_id=at,
        booking_id=of.id if of else None,
    )


async def _booking(context: Context, text: str) -> Booking | None:
    named = card.BOOKING.search(plain(text))
    row = await booking.present(context.session, int(named[1])) if named else None
    return row if row is not None and row.person_id == context.person.id else None


async def _who_may(context: Context, text: str) -> list[tuple[int, int]]:
    """Organisations whose instruments fit the words, each by its best, in the index's order."""
    hits = list(context.catalogue.find(text, limit=CANDIDATES).ids)
    homes = await instrument.homes(context.session, hits)
    best: dict[int, int] = {}
    for number in hits:
        if number in homes:
            best.setdefault(homes[number], number)
    return list(best.items())


class Demand(Flow, name="ticket.demand", confirm=False):
    """Ask what is to be tested, made or repaired."""

    text: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        return await opened(context, Kind.DEMAND, self.text)


class Complain(Flow, name="ticket.complain", confirm=False):
    """Ask what went wrong."""

    text: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        return await opened(context, Kind.COMPLAINT, self.text)


class Suggest(Flow, name="ticket.suggest", confirm=False):
    """Ask what could be better."""

    text: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        return await opened(context, Kind.SUGGESTION, self.text)


class Leave(Flow, name="ticket.leave", confirm=False):
    """Ask what a person is to answer."""

    text: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        return await opened(context, Kind.HELP, self.text)


class Trouble(Flow, name="ticket.trouble", confirm=False):
    """Ask what is wrong with an instrument."""

    number: str = ask(card.INSTRUMENT, check=card.known)
    text: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Keep it."""
        number = card.INSTRUMENT_NUMBER.search(self.number)
        return await opened(context, Kind.TROUBLE, self.text, int(number[1]) if number else None)


router.flow(Demand, "需求", "我有需求", "发布需求")
router.flow(Complain, "投诉", "我要投诉")
router.flow(Suggest, "建议", "提建议")
router.flow(Leave, "留言")


@router.words("需求 {said}", apart=True, changes=True)
async def demand(context: Context, heard: Heard, said: str) -> Say:
    """A demand in one line."""
    del heard
    return await opened(context, Kind.DEMAND, said)


@router.words("找维修", "找维修 {number:YQ}", "找维修 {number:YQ} {said}")
@router.words("找维修 {said}", apart=True)
async def repair(context: Context, heard: Heard, number: int = 0, said: str = "") -> Begin | Say:
    """Units with the like of it often know who mends it; else a demand finds who does."""
    del number
    if not said:
        return Begin(Demand)
    thing = intents.reader().parts(said).thing or said
    listed = search.answer(context, thing)
    say = Say("ticket.repair", {"text": " ".join(heard.words.split())[:LINE]})
    return below(say, listed) if listed.choices else say


@router.words("投诉 {said}", apart=True, changes=True)
async def complain(context: Context, heard: Heard, said: str) -> Say:
    """A complaint in one line."""
    del heard
    return await opened(context, Kind.COMPLAINT, said)


@router.words("建议 {said}", apart=True, changes=True)
async def suggest(context: Context, heard: Heard, said: str) -> Say:
    """A suggestion in one line."""
    del heard
    return await opened(context, Kind.SUGGESTION, said)


@router.words("留言 {said}", apart=True, changes=True)
async def leave(context: Context, heard: Heard, said: str) -> Say:
    """A question to a person in one line."""
    del heard
    return await opened(context, Kind.HELP, said)


@router.words("我要报修", "报修", "我要报修 {number:YQ}", "报修 {number:YQ}")
@router.words("我要报修 {number:YQ} {said}", "报修 {number:YQ} {said}")
async def trouble(context: Context, heard: Heard, number: int = 0, said: str = "") -> Begin:
    """Trouble with an instrument: only what is missing is asked."""
    del context, heard
    known = {"number": f"YQ{number}"} if number else {}
    return Begin(Trouble, known | ({"text": said} if said else {}))


@router.words("我要报修 {said}", "报修 {said}", apart=True)
async def trouble_somewhere(context: Context, heard: Heard, said: str) -> Begin:
    """Trouble with an instrument that is not named by its number."""
    del context, heard
    return Begin(Trouble, {"text": said})


# What waits, for whom


@source(*ANSWERERS)
async def _waiting(context: Context) -> list[Duty]:
    rows = await ticket.owed(context.session, context.person.grants)
    return [await _duty(context, row) for row in rows]


async def _duty(context: Context, row: Ticket) -> Duty:
    args = await card.brief(context, row)
    return Duty({"key": "ticket.duty", "args": args}, row.number, row.answer_by)


@router.words("看需求", "有什么需求", "需求清单", roles=ANSWERERS)
async def board(context: Context, heard: Heard) -> Say:
    """Demands that one's organisation could serve."""
    del heard
    own = {grant.organisation_id for grant in context.person.grants}
    rows = await ticket.board(context.session, {number for number in own if number is not None})
    if not rows:
        return Say("ticket.board.none")
    lines = tuple([await card.brief(context, row) for row in rows[:8]])
    return Say(
        "ticket.board", {"count": len(rows)}, items=lines, choices=tuple(row.number for row in rows)
    )


@router.words("我的工单", "我的需求", "我的投诉", "办到哪一步了")
async def own(context: Context, heard: Heard) -> Say:
    """One's own matters, live ones first."""
    del heard
    rows = await ticket.mine(context.session, context.person.id)
    if not rows:
        return Say("ticket.mine.none")
    lines = tuple([await card.brief(context, row) for row in rows[:8]])
    return Say("ticket.mine", items=lines, choices=tuple(row.number for row in rows))
