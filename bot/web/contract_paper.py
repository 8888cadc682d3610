"""A contract as a file: what stands in it, whoever typesets it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from store import contract, organisation, person
from store.contract import Answer, Contract, NoSuchContract, Side, Signature, Status
from store.contract.compose import HEADING
from store.link import LinkUnknown, SignedLink
from store.policies import Policy

HERE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract as it stands, ready to be set."""

    number: str
    title: str
    head: Sequence[str]
    """Numbers and parties, a line each."""
    clauses: Sequence[tuple[str, Sequence[str]]]
    """Each heading with its paragraphs."""
    state: str
    """Why it does not hold yet, or not any more; empty where it does."""
    blocks: Sequence[Sequence[str]]
    """What each side signed, a line each."""
    hash: str


@cache
def words() -> Mapping[str, Any]:
    """What stands around the text."""
    return tomllib.loads(Path(__file__).with_name("contract.toml").read_text("utf-8"))


async def gather(session: AsyncSession, policy: Policy, secret: bytes, row: SignedLink) -> Paper:
    """The contract that an address is for. Raises LinkUnknown for whoever is no party any more."""
    held = await person.grants(session, row.person_id)
    try:
        made = (await contract.party(session, row.subject_id, row.person_id, held)).contract
    except NoSuchContract:
        raise LinkUnknown from None
    if made.text_hash is None:
        raise LinkUnknown
    text = await contract.text_of(session, made.text_hash)
    signed = await contract.signatures(session, secret, made)
    names = await _parties(session, made)
    blocks = [_block(side, names[side], signed, policy.names.account) for side in Side]
    return paper(made, text, blocks)


def paper(made: Contract, text: str, blocks: Sequence[Sequence[str]]) -> Paper:
    """A text taken apart again."""
    head, *parts = text.split(f"\n{HEADING}")
    title, *lines = head.split("\n")
    clauses = [(first, rest) for first, *rest in (part.split("\n") for part in parts)]
    state = "" if made.status is Status.AGREED else words()["status"][made.status]
    return Paper(f"HT{made.id}", title, lines, clauses, state, blocks, made.text_hash or "")


async def _parties(session: AsyncSession, made: Contract) -> dict[Side, str]:
    employer = [made.employer_id] if made.employer_id else []
    names = await organisation.names(session, [made.organisation_id, *employer])
    alone = str(words()["side"]["person"])
    return {
        Side.UNIT: names[made.organisation_id],
        Side.USER: names.get(made.employer_id or 0, alone),
    }


def _block(side: Side, party: str, signed: Sequence[Signature], account: str) -> list[str]:
    say = words()["block"]
    first = say["party"].format(side=words()["side"][side], party=party)
    word = next((each for each in signed if each.side is side and each.current), None)
    if word is None or word.answer is not Answer.AGREE:
        return [first, say["waits"]]
    return [
        first,
        say["name"].format(name=word.name or say["gone"]),
        say["time"].format(at=moment(word.at)),
        say["how"].format(account=account),
    ]


def moment(at: datetime) -> str:
    """To the second: who agreed when."""
    here = at.astimezone(HERE)
    parts = ("year", "month", "day", "hour", "minute", "second")
    return str(words()["block"]["moment"].format(**{part: getattr(here, part) for part in parts}))
