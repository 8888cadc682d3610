"""Samples sent in: the keeper tells each step, the user hears of it and fetches the report."""

from datetime import datetime
from typing import Any

from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.moments import HERE, show_day
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.duties import Duty
from handlers.person import addressed
from handlers.visit import BOOKING, KEEPS
from store import booking as bookings
from store import file, instrument, sample
from store.booking import Booking, Mode
from store.booking.reading import NoSuchBooking
from store.context import Context
from store.link import Errand, Purpose
from store.listing import By, hats
from store.person import Role

router = Router("sample")

LISTED = 30
"""Samples that `待办` gathers at most."""
SHOWN = 3
"""Files of a report whose addresses one answer gives."""


@duties.source(Role.KEEPER, Role.REPRESENTATIVE)
async def _in_hand(context: Context) -> list[Duty]:
    """Samples that wait for one's next step."""
    found = await sample.in_hand(context.session, context.person.grants, LISTED)
    return [Duty(_line(row, name), f"处理 {_number(row)}") for row, name in found]


def _number(row: Booking) -> str:
    return f"YY{row.number}"


def _line(row: Booking, name: str) -> Facts:
    state = {"key": f"bookings.status.{row.status}"}
    facts = {"number": row.number, "instrument": name, "samples": row.samples, "state": state}
    return {"key": "sample.duty", "args": facts | {"since": _day(row.changed_at)}}


def _by(context: Context) -> By:
    return By(context.person.id, context.person.grants)


async def _step(context: Context, verb: str, number: int) -> Say:
    row = await sample.step(
        context.session, context.policy, verb, number, _by(context), now=context.now
    )
    return Say(f"sample.{verb}", {"number": number, "samples": row.samples})


@router.words("收样 {number:YY}", "收到样品 {number:YY}", roles=KEEPS, changes=True)
async def receive(context: Context, heard: Heard, number: int) -> Say:
    """The samples came."""
    del heard
    return await _step(context, "receive", number)


@router.words("检测 {number:YY}", roles=KEEPS, changes=True)
@router.words("开始检测 {number:YY}", "开始测样 {number:YY}", roles=KEEPS, changes=True)
async def test(context: Context, heard: Heard, number: int) -> Say:
    """The samples are being tested."""
    del heard
    return await _step(context, "test", number)


@router.words("报告好了 {number:YY}", "出报告 {number:YY}", roles=KEEPS, changes=True)
async def report(context: Context, heard: Heard, number: int) -> Say:
    """The report is ready; it can be handed up, and be handed up again."""
    del heard
    row = await sample.kept(context.session, number, _by(context))
    if sample.AFTER.get(row.status) != "deliver":
        await _step(context, "report", number)
    errand = Errand(Purpose.REPORT, context.person.id, f"booking:{number}")
    return await addressed(
        context, Say("sample.report", {"number": number}), "sample.report.link", errand
    )


@router.words("交付 {number:YY}", "已交付 {number:YY}", roles=KEEPS, changes=True)
async def deliver(context: Context, heard: Heard, number: int) -> Say:
    """The user has the report."""
    del heard
    return await _step(context, "deliver", number)


class Lack(Flow, name="sample.lack"):
    """Report samples as lost or too few."""

    booking: int = ask(BOOKING)
    reason: str = ask(words(sample.LONGEST_REASON))

    async def finish(self, context: Context) -> Say:
        """Tell the user, who sends more."""
        return await _lack(context, self.booking, self.reason)


async def _lack(context: Context, number: int, reason: str) -> Say:
    await sample.lack(context.session, number, reason, _by(context), context.now)
    return Say("sample.lacking", {"number": number})


@router.words(
    "样品不足 {number:YY} {said}", "样品丢失 {number:YY} {said}", roles=KEEPS, changes=True
)
@router.words("样品有问题 {number:YY} {said}", roles=KEEPS, changes=True)
async def lack(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Samples are lost, too few or unfit: in one line."""
    del heard
    return await _lack(context, number, said)


@router.words("样品不足 {number:YY}", "样品丢失 {number:YY}", "样品有问题 {number:YY}", roles=KEEPS)
async def lack_why(context: Context, heard: Heard, number: int) -> Begin:
    """The same; the reason is asked for."""
    del heard
    await sample.kept(context.session, number, _by(context))
    return Begin(Lack, {"booking": number})


@router.words("报告 {number:YY}", "下载报告 {number:YY}", "取报告 {number:YY}", changes=True)
async def fetch(context: Context, heard: Heard, number: int) -> Say:
    """Addresses from which the report's files can be fetched. Raises NoSuchBooking."""
    del heard
    row = await bookings.present(context.session, number)
    if row is None or not await _may_read(context, row):
        raise NoSuchBooking(f"YY{number}")
    papers = await file.about(context.session, f"booking:{number}")
    if not papers:
        return Say("sample.no_report", {"number": number, "yq": row.instrument_id})
    says = []
    for paper in papers[:SHOWN]:
        errand = Errand(Purpose.FILE, context.person.id, f"file:{paper.id}")
        say = Say("sample.fetch", {"number": number, "day": _day(paper.handed_at)})
        says.append(await addressed(context, say, "sample.fetch.link", errand))
    return below(*says)


async def _may_read(context: Context, row: Booking) -> bool:
    if row.person_id == context.person.id:
        return True
    found = await instrument.load(context.session, row.instrument_id)
    return found is not None and "keeper" in hats(found[0], context.person.grants)


async def progress(context: Context, row: Booking) -> Facts | None:
    """For the card of a booking: how far its samples are, as a text; nothing for time."""
    if row.mode is not Mode.SAMPLE:
        return None
    reached = await sample.progress(context.session, row)
    done: dict[str, Any] = {
        each.step: {"key": f"sample.step.{each.step}", "args": {"day": _day(each.at)}}
        for each in reached
    }
    coming = sample.AFTER.get(row.status)
    told = {"next": coming and {"key": f"sample.next.{coming}"}}
    return {"key": "sample.progress" if done else "sample.waiting", "args": {**done, **told}}


def _day(at: datetime) -> str:
    return show_day(at.astimezone(HERE).date())
