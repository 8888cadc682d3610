"""Contracts: shown, agreed or declined, their share of joint work named, handed out as files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties, search
from handlers.duties import Duty
from handlers.person import addressed
from store import contract, instrument, organisation
from store.booking.table import Cooperation
from store.context import Context
from store.contract import Contract, Party, Side, Signer, Status
from store.contract.compose import HEADING
from store.link import Errand, Purpose
from store.money import yuan
from store.person import Role

router = Router("contract")

READ = "contract.read"
LIST = "contract.more"
SHOWN = 8
PAGE = 420
"""Characters of a page of the whole text: about a phone's screen."""
UNLIKE = frozenset({"search.head.some", "search.head.without"})
"""The heads of lists of what is only like the question."""
FILES = {"pdf": Purpose.CONTRACT_PDF, "word": Purpose.CONTRACT_WORD}


async def _party(context: Context, number: int) -> Party:
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
        items=tuple([await _line(context, row) for row in shown]),
        first=begin + 1,
        choices=tuple(f"HT{row.id}" for row in rows),
        more=(LIST, {"next": begin + SHOWN}) if rest else None,
    )


async def _line(context: Context, row: Contract) -> Facts:
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
        return await _card(context, await _party(context, number))
    except contract.NoSuchContract:
        listed = search.answer(context, heard.words)
        if listed.choices and listed.args["head"]["key"] not in UNLIKE:
            return listed
        raise


async def _card(context: Context, by: Party, key: str = "card") -> Say:
    row = by.contract
    facts = await _facts(context, by)
    more = (READ, {"number": row.id, "hash": row.text_hash, "page": 0}) if row.text_hash else None
    return Say(f"contract.{key}", facts, more=more)


async def _facts(context: Context, by: Party) -> dict[str, Any]:
    row, session = by.contract, context.session
    found = await instrument.load(session, row.instrument_id)
    booked = await contract.booking_of(session, row)
    employer = [row.employer_id] if row.employer_id else []
    names = await organisation.names(session, [row.organisation_id, *employer])
    signed = {
        each.side
        for each in await contract.signatures(session, context.secret, row)
        if each.current
    }
    agreed = signed & await contract.agreed_sides(session, row)
    fen = booked.estimate_fen
    return {
        "number": f"HT{row.id}",
        "booking": f"YY{booked.number}",
        "status": {"key": f"contract.status.{row.status}"},
        "instrument": found[0].name if found else None,
        "unit": names.get(row.organisation_id),
        "user": names.get(row.employer_id or 0) or {"key": "contract.person"},
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
        cite = context.policy.independent_ip.cite or None
        return {"key": "contract.ip.own", "args": {"cite": cite}}
    if row.share is None:
        cite = context.policy.joint_ip.cite or None
        return {"key": "contract.ip.unsaid", "args": {"cite": cite}}
    return {"key": "contract.ip.joint", "args": {"share": row.share}}


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
    by = await _party(context, int(facts["number"]))
    pages = paged(await contract.text_of(context.session, facts["hash"]))
    at, number = int(facts["page"]), f"HT{by.contract.id}"
    if at >= len(pages):
        return Say("contract.end", {"number": number})
    last = at + 1 == len(pages)
    tail = {"key": f"contract.page.{'last' if last else 'more'}", "args": {"number": number}}
    told = {"text": pages[at], "page": at + 1, "pages": len(pages), "number": number, "tail": tail}
    return Say("contract.page", told, more=None if last else (READ, {**facts, "page": at + 1}))


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


# A side's word


@router.words("同意 {number:HT}", "同意合同 {number:HT}", changes=True)
async def agree(context: Context, heard: Heard, number: int) -> Say:
    """Agree to the text as it stands. Raises NoSuchContract, ShareMissing, SignerUnnamed."""
    del heard
    by = await _party(context, number)
    if by.contract.status is Status.AGREED:
        return await _card(context, by)
    row = await contract.agree(
        context.session, Signer(context.secret, by), context.policy, context.now
    )
    key = "concluded" if row.status is Status.AGREED else "agreed"
    facts = await _facts(context, replace(by, contract=row))
    return Say(f"contract.{key}", {**facts, "hash": (row.text_hash or "")[:8]})


async def _open(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """The contracts that wait for a word."""
    person = context.person
    rows = await contract.mine(context.session, person.id, person.grants, waiting=True)
    return [Option(row.id, f"HT{row.id}", await _line(context, row)) for row in rows]


class Decline(Flow, name="contract.decline", confirm=False):
    """Not to agree, and say why."""

    contract: int = pick(_open)
    reason: str = ask(words(200))

    async def finish(self, context: Context) -> Say:
        """Keep the reason; the other side hears it."""
        by = await _party(context, self.contract)
        signer = Signer(context.secret, by)
        await contract.decline(context.session, signer, self.reason, context.now)
        return Say("contract.declined", {"number": f"HT{self.contract}"})


@router.words(
    "拒绝 {number:HT}", "拒绝 {number:HT} {said}", "不同意 {number:HT}", "不同意 {number:HT} {said}"
)
async def decline(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Not to agree; the reason is asked for where the line has none."""
    del heard
    await _party(context, number)
    return Begin(Decline, {"contract": number, **({"reason": said} if said else {})})


class Share(Flow, name="contract.share"):
    """Say who owns what comes of joint work."""

    contract: int = pick(_open)
    share: str = ask(words(200))

    async def summary(self, context: Context) -> Facts:
        """The article that asks for it."""
        return {"cite": context.policy.joint_ip.cite or None}

    async def finish(self, context: Context) -> Say:
        """A new text, to be agreed to by both."""
        by = await _party(context, self.contract)
        row = await contract.share(context.session, by, self.share, context.policy, context.now)
        return await _card(context, replace(by, contract=row), "shared")


@router.words("合作 {number:HT}", "合作 {number:HT} {said}")
async def share(context: Context, heard: Heard, number: int, said: str = "") -> Begin:
    """Begin to name the share; in one line where it is said."""
    del heard
    await _party(context, number)
    return Begin(Share, {"contract": number, **({"share": said} if said else {})})


# As files


@router.words("合同文件 {number:HT}", "下载合同 {number:HT}", changes=True)
async def files(context: Context, heard: Heard, number: int) -> Say:
    """One-time addresses of the contract as PDF and as Word."""
    del heard
    by = await _party(context, number)
    if by.contract.text_hash is None:
        raise contract.ShareMissing(f"HT{number}", context.policy.joint_ip.cite)
    says = []
    for kind, purpose in FILES.items():
        errand = Errand(purpose, context.person.id, f"contract:{number}")
        say = Say(f"contract.file.{kind}", {"number": f"HT{number}"})
        says.append(await addressed(context, say, f"contract.file.{kind}.link", errand))
    return below(*says)


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
        line = await _line(context, row)
        found.append(Duty({"key": "contract.duty", "args": line}, f"HT{row.id}"))
    return found
