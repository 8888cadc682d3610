"""Files that are made when they are asked for, by the purpose of their address."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.discretion import Discretion
from bot.web import contract_paper
from store import own_data
from store.database import Database
from store.link import Purpose, SignedLink
from store.policies import Policy
from store.sniff import FORMS, Kind

OWN_DATA = "yixiang-my-data"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Stock:
    """What files are made of."""

    database: Database
    policy: Policy
    secret: bytes
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Made:
    """One kind of file that is made."""

    name: str
    """In ASCII, with its ending."""
    media: str
    make: Callable[[Stock, SignedLink], Awaitable[bytes]]


async def _own_data(stock: Stock, row: SignedLink) -> bytes:
    async with stock.database.read() as session:
        data = await own_data.gather(session, stock.secret, row.person_id)
    for talk in data["conversation"]:
        talk["state"] = Discretion(stock.secret).opened(talk["state"], row.person_id)
    return await asyncio.to_thread(_archive, data)


def _archive(data: Mapping[str, own_data.Rows]) -> bytes:
    from bot.web.own_data import archive

    return archive(data, OWN_DATA)


async def _usage(stock: Stock, row: SignedLink) -> bytes:
    from bot.web import usage_sheet

    async with stock.database.read() as session:
        table = await usage_sheet.gather(session, stock.policy, row, stock.clock())
    return await asyncio.to_thread(usage_sheet.sheet, table)


async def _contract_pdf(stock: Stock, row: SignedLink) -> bytes:
    return await asyncio.to_thread(_pdf, await _contract(stock, row))


def _pdf(paper: contract_paper.Paper) -> bytes:
    from bot.web.contract_pdf import pdf

    return pdf(paper)


async def _contract_word(stock: Stock, row: SignedLink) -> bytes:
    return await asyncio.to_thread(_word, await _contract(stock, row))


def _word(paper: contract_paper.Paper) -> bytes:
    from bot.web.contract_word import word

    return word(paper)


async def _contract(stock: Stock, row: SignedLink) -> contract_paper.Paper:
    async with stock.database.read() as session:
        return await contract_paper.gather(session, stock.policy, stock.secret, row)


MADE: Mapping[Purpose, Made] = {
    Purpose.OWN_DATA: Made(f"{OWN_DATA}.zip", "application/zip", _own_data),
    Purpose.USAGE: Made("yixiang-usage.xlsx", FORMS[Kind.XLSX].media, _usage),
    Purpose.CONTRACT_PDF: Made("yixiang-contract.pdf", FORMS[Kind.PDF].media, _contract_pdf),
    Purpose.CONTRACT_WORD: Made("yixiang-contract.docx", WORD, _contract_word),
}
"""All of them, by purpose."""
