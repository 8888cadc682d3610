"""The user's word on fees: an objection, or agreement."""

from dataclasses import replace
from typing import Any

from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.moments import show_moment
from bot.kit.route import Router
from bot.kit.say import Say
from handlers.charge.account import LONGEST, Named, account, facts, option, told
from store import charge, ticket
from store.charge import Account, Charge, Status
from store.context import Context
from store.ticket import Here, Kind, Matter

router = Router("charge")


async def _objectable(context: Context, _said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    person = context.person
    rows = await charge.unsettled(context.session, person.id, person.grants)
    return [
        await option(context, row, booked)
        for row, booked in rows
        if row.status is Status.CONFIRMED and row.person_id == person.id
    ]


class Object(Flow, name="charge.object", confirm=False):
    """Say what is wrong with a fee."""

    account: str = pick(_objectable)
    why: str = ask(words(LONGEST))

    async def finish(self, context: Context) -> Say:
        """Nothing is settled until it is decided."""
        return await _objected(context, Named.of(self.account).number, self.why)


async def _objected(context: Context, number: int, said: str) -> Say:
    by = await account(context, number)
    if by.charge.status is not Status.CONFIRMED:
        return await told(context, by)
    row = await charge.object_to(context.session, by, said, context.now)
    here = Here(context.session, context.secret, context.policy, context.now)
    opened = await ticket.open_ticket(here, _matter(row, by, said))
    shown = await facts(context, replace(by, charge=row))
    answer = show_moment(opened.answer_by)
    return Say("charge.objected", {**shown, "ticket": opened.number, "answer": answer})


def _matter(row: Charge, by: Account, said: str) -> Matter:
    """What is objected to, for the unit to answer; the bureau where it does not."""
    return Matter(
        Kind.FEE,
        said,
        by.person_id,
        organisation_id=row.organisation_id,
        instrument_id=row.instrument_id,
        booking_id=row.booking_id,
    )


@router.words("异议 {number:YY} {said}", changes=True)
async def object_to(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Object in one line. Raises NoSuchCharge, ObjectionOver, NotNow."""
    del heard
    return await _objected(context, number, said)


@router.words("异议 {number:YY}")
async def begin_objecting(context: Context, heard: Heard, number: int) -> Say | Begin:
    """Object to one fee; where that can't be, its statement says why. Raises NoSuchCharge."""
    del heard
    by = await account(context, number)
    chosen = [
        each
        for each in await _objectable(context, "", None)
        if Named.of(each.value).number == number
    ]
    return Begin(Object, {"account": chosen[0].value}) if chosen else await told(context, by)


@router.words("异议")
@router.words("异议 {said}", apart=True)
async def choose(context: Context, heard: Heard, said: str = "") -> Say | Begin:
    """Choose which fee to object to; the only one where there is one."""
    del heard
    open_to = await _objectable(context, "", None)
    if not open_to:
        return Say("charge.none")
    known = {"account": open_to[0].value} if len(open_to) == 1 else {}
    return Begin(Object, known | ({"why": said[:LONGEST]} if said else {}))


@router.words("认可费用 {number:YY}", "费用无误 {number:YY}", changes=True)
async def accept(context: Context, heard: Heard, number: int) -> Say:
    """Agree to a fee, or take an objection back. Raises NoSuchCharge, NotNow."""
    del heard
    by = await account(context, number)
    if by.charge.status not in (Status.CONFIRMED, Status.OBJECTED):
        return await told(context, by)
    row = await charge.accept(context.session, by, context.now)
    return await told(context, replace(by, charge=row), "accepted")
