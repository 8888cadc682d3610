"""A party's word on a contract: agreed, declined, shared; and the contract as files."""

from dataclasses import dataclass, replace
from typing import Any

from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import words
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.contract.card import card, facts, line, party
from handlers.person import addressed
from store import contract
from store.context import Context
from store.contract import Signer, Status
from store.errors import Refused
from store.link import Errand, Purpose

router = Router("contract")

SHORTEST_SHARE = 2
"""Letters that say whose the results are: `共有`."""
WAITING = (Status.SHARING, Status.OPEN)
"""While words of either side can still change it."""
SHARED = (*WAITING, Status.DECLINED)
"""While another share makes another text of it."""
FILES = {"pdf": Purpose.CONTRACT_PDF, "word": Purpose.CONTRACT_WORD}


@router.words("同意 {number:HT}", "同意合同 {number:HT}", changes=True)
async def agree(context: Context, heard: Heard, number: int) -> Say:
    """Agree to the text as it stands. Raises NoSuchContract, ShareMissing, SignerUnnamed."""
    del heard
    by = await party(context, number)
    if by.contract.status is Status.AGREED:
        return await card(context, by)
    row = await contract.agree(
        context.session, Signer(context.secret, by), context.policy, context.now
    )
    key = "concluded" if row.status is Status.AGREED else "agreed"
    shown = await facts(context, replace(by, contract=row))
    return Say(f"contract.{key}", {**shown, "hash": (row.text_hash or "")[:8]})


async def _open(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """The contracts that wait for a word."""
    person = context.person
    rows = await contract.mine(context.session, person.id, person.grants, waiting=True)
    return [Option(row.id, f"HT{row.id}", await line(context, row)) for row in rows]


async def _shared(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    """The contracts whose share can be said, or said otherwise."""
    person = context.person
    rows = await contract.mine(context.session, person.id, person.grants)
    open_ = [row for row in rows if row.status in SHARED]
    return [Option(row.id, f"HT{row.id}", await line(context, row)) for row in open_]


class Decline(Flow, name="contract.decline", confirm=False):
    """Not to agree, and say why."""

    contract: int = pick(_open)
    reason: str = ask(words(200))

    async def finish(self, context: Context) -> Say:
        """Keep the reason; the other side hears it."""
        by = await party(context, self.contract)
        signer = Signer(context.secret, by)
        await contract.decline(context.session, signer, self.reason, context.now)
        return Say("contract.declined", {"number": f"HT{self.contract}"})


@router.words(
    "拒绝 {number:HT}", "拒绝 {number:HT} {said}", "不同意 {number:HT}", "不同意 {number:HT} {said}"
)
async def decline(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Not to agree; the reason is asked for where the line has none."""
    del heard
    by = await party(context, number)
    if by.contract.status not in WAITING:
        return await card(context, by)
    return Begin(Decline, {"contract": number, **({"reason": said} if said else {})})


@dataclass(eq=False)
class ShareUnsaid(Refused):
    """A number alone does not say whose the results are."""


async def _says_whose(said: str, _context: Context, _so_far: Any) -> None:  # noqa: ANN401
    """Raises ShareUnsaid."""
    if len("".join(filter(str.isalpha, said))) < SHORTEST_SHARE:
        raise ShareUnsaid


class Share(Flow, name="contract.share"):
    """Say who owns what comes of joint work."""

    contract: int = pick(_shared)
    share: str = ask(words(200), check=_says_whose)

    async def summary(self, context: Context) -> Facts:
        """The article that asks for it."""
        return {"cite": context.policy.joint_ip.cite or None}

    async def finish(self, context: Context) -> Say:
        """A new text, to be agreed to by both."""
        by = await party(context, self.contract)
        row = await contract.share(context.session, by, self.share, context.policy, context.now)
        return await card(context, replace(by, contract=row), "shared")


@router.words("合作 {number:HT}", "合作 {number:HT} {said}")
async def share(context: Context, heard: Heard, number: int, said: str = "") -> Say | Begin:
    """Begin to name the share; in one line where it is said."""
    del heard
    by = await party(context, number)
    if by.contract.status not in SHARED:
        return await card(context, by)
    return Begin(Share, {"contract": number, **({"share": said} if said else {})})


# As files


@router.words("合同文件 {number:HT}", "下载合同 {number:HT}", changes=True)
async def files(context: Context, heard: Heard, number: int) -> Say:
    """One-time addresses of the contract as PDF and as Word."""
    del heard
    by = await party(context, number)
    if by.contract.text_hash is None:
        raise contract.ShareMissing(f"HT{number}", context.policy.joint_ip.cite)
    says = []
    for kind, purpose in FILES.items():
        errand = Errand(purpose, context.person.id, f"contract:{number}")
        say = Say(f"contract.file.{kind}", {"number": f"HT{number}"})
        says.append(await addressed(context, say, f"contract.file.{kind}.link", errand))
    return below(*says)
