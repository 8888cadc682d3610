"""Contracts as their parties see them: listed, in short, and word for word."""

from collections.abc import Sequence
from typing import Any

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties, search
from handlers.duties import Duty
from store import contract, instrument, organisation
from store.booking.table import Cooperation
from store.context import Context
from store.contract import Answer, Contract, Party, Side, Status
from store.contract.compose import HEADING
from store.money import yuan
from store.person import Role

router = Router("contract")

READ = "contract.read"
LIST = "contract.more"
SHOWN = 8
PAGE = 420
"""Characters of a page of the whole text: about a phone's screen."""
ASKED = (Status.OPEN, Status.DECLINED)
"""While both sides may agree."""
UNLIKE = frozenset({"search.head.some", "search.head.without"})
"""The heads of lists of what is only like the question."""


async def party(context: Context, number: int) -> Party:
    """The contract as the asker's side sees it. Raises NoSuchContract."""
    person = context.person
    return await contract.party(context.session, number, person.id, person.grants)


# What one is a party to


@router.words("合同", "我的合同")
async def listed(context: Context, heard: Heard) -> Say:
    """All contracts that one is a party to, the newest first."""
    del heard
    return await _list(context, 0)


@router.more(LIST)
async def more(context: Context, facts: Facts) -> Say:
    """The next eight."""
    return await _list(context, int(facts["next"]))


async def _list(context: Context, begin: int) -> Say:
    person = context.person
    rows = await contract.mine(context.session, person.id, person.grants)
    if not rows:
        return Say("contract.none")
    shown = rows[begin : begin + SHOWN]
    rest = max(0, len(rows) - begin - SHOWN)
    return Say(
        "contract.list",
        {
            "count": len(rows),
            "rest": {"key": "contract.rest", "args": {"rest": rest}} if rest else None,
        },
        items=tuple([await line(context, row) for row in shown]),
        first=begin + 1,
        choices=tuple(f"HT{row.id}" for row in rows),
        more=(LIST, {"next": begin + SHOWN}) if rest else None,
    )


async def line(context: Context, row: Contract) -> Facts:
    """One contract as a numbered line."""
    found = await instrument.load(context.session, row.instrument_id)
    names = await organisation.names(context.session, [row.organisation_id])
    return {
        "number": f"HT{row.id}",
        "instrument": found[0].name if found else None,
        "unit": names.get(row.organisation_id),
        "status": {"key": f"contract.status.{row.status}"},
    }


# One of them


@router.words("{number:HT}", "合同 {number:HT}")
async def show(context: Context, heard: Heard, number: int) -> Say:
    """In short: who, what, how much, whose results, and who agreed; the whole text follows.

    Raises NoSuchContract; the number of none may be a model's name.
    """
    try:
        return await card(context, await party(context, number))
    except contract.NoSuchContract:
        listed = search.answer(context, heard.words)
        if listed.choices and listed.args["head"]["key"] not in UNLIKE:
            return listed
        raise


async def card(context: Context, by: Party, key: str = "card") -> Say:
    """In short, or what was just done; `下一页` reads the whole text."""
    row = by.contract
    shown = await facts(context, by)
    more = (READ, {"number": row.id, "hash": row.text_hash, "page": 0}) if row.text_hash else None
    return Say(f"contract.{key}", shown, more=more)


async def facts(context: Context, by: Party) -> dict[str, Any]:
    """All that is said of one contract."""
    row, session = by.contract, context.session
    found = await instrument.load(session, row.instrument_id)
    booked = await contract.booking_of(session, row)
    employer = [row.employer_id] if row.employer_id else []
    names = await organisation.names(session, [row.organisation_id, *employer])
    said = [
        each for each in await contract.signatures(session, context.secret, row) if each.current
    ]
    agreed = {each.side for each in said if each.answer is Answer.AGREE}
    why = [each.reason for each in said if each.answer is Answer.DECLINE]
    fen = booked.estimate_fen
    return {
        "number": f"HT{row.id}",
        "booking": f"YY{booked.number}",
        "status": {"key": f"contract.status.{row.status}"},
        "instrument": found[0].name if found else None,
        "unit": names.get(row.organisation_id),
        "user": names.get(row.employer_id or 0) or {"key": "contract.person"},
        "why": why[0] if why and row.status is Status.DECLINED else None,
        "unit_said": _said(Side.UNIT in agreed),
        "user_said": _said(Side.USER in agreed),
        "fee": {"key": "contract.fee", "args": {"yuan": yuan(fen)}}
        if fen is not None
        else {"key": "contract.fee.open"},
        "ip": _ip(row, context),
        "next": {
            "key": f"contract.next.{_next(row, by, agreed)}",
            "args": {"number": f"HT{row.id}"},
        },
    }


def _said(agreed: bool) -> Facts:  # noqa: FBT001 - it is the fact
    return {"key": f"contract.said.{'yes' if agreed else 'no'}"}


def _ip(row: Contract, context: Context) -> Facts:
    """Whose the results are, with the article."""
    if row.cooperation is Cooperation.OWN:
        return _cited("contract.ip.own", context.policy.independent_ip.cite)
    if row.share is None:
        return _cited("contract.ip.unsaid", context.policy.joint_ip.cite)
    return {"key": "contract.ip.joint", "args": {"share": row.share}}


def _cited(key: str, cite: str) -> Facts:
    """With the article, where a document has it."""
    return {"key": f"{key}.cited", "args": {"cite": cite}} if cite else {"key": key}


def _next(row: Contract, by: Party, agreed: set[Side]) -> str:
    if row.status is Status.SHARING:
        return "share"
    if row.status in (Status.OPEN, Status.DECLINED):
        joint = "joint" if row.cooperation is Cooperation.JOINT else "own"
        return "wait" if by.side in agreed else joint
    return "agreed" if row.status is Status.AGREED else "void"


@router.more(READ)
async def read(context: Context, facts: Facts) -> Say:
    """The whole text, page by page, as it stood when reading began."""
    by = await party(context, int(facts["number"]))
    pages = paged(await contract.text_of(context.session, facts["hash"]))
    at, number = int(facts["page"]), f"HT{by.contract.id}"
    if at >= len(pages):
        return Say("contract.end", {"number": number})
    last = at + 1 == len(pages)
    key = "more" if not last else "last" if by.contract.status in ASKED else "over"
    tail = {"key": f"contract.page.{key}", "args": {"number": number}}
    told = {"text": pages[at], "page": at + 1, "pages": len(pages), "number": number, "tail": tail}
    return Say("contract.page", told, more=(READ, {**facts, "page": at + 1}))


def paged(text: str) -> list[str]:
    """A text in pages: clauses whole, as many to a page as a screen holds."""
    parts = [part.strip() for part in text.split(f"\n{HEADING}")]
    pages = [parts[0]]
    for part in parts[1:]:
        if len(pages) > 1 and len(pages[-1]) + len(part) <= PAGE:
            pages[-1] += f"\n{part}"
        else:
            pages.append(part)
    return pages


# What waits for one's word


@duties.source(Role.KEEPER, Role.REPRESENTATIVE)
async def waiting(context: Context) -> Sequence[Duty]:
    """Contracts that the unit has not agreed to yet."""
    person, found = context.person, []
    for row in await contract.mine(context.session, person.id, person.grants, waiting=True):
        if Side.UNIT in await contract.agreed_sides(context.session, row):
            continue
        if row.person_id == person.id:
            continue
        about = await line(context, row)
        found.append(Duty({"key": "contract.duty", "args": about}, f"HT{row.id}"))
    return found
