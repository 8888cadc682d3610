"""Finding contracts, for those who are a party to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import personal, privacy
from store.booking.table import Booking
from store.contract.table import Answer, Contract, ContractText, ContractWord, Side, Status
from store.errors import Refused
from store.person import Grant, Role

SHOWN = 50
UNIT_ROLES = (Role.KEEPER, Role.REPRESENTATIVE)


@dataclass(eq=False)
class NoSuchContract(Refused):
    """The number is no contract's, or one between others: both are answered alike."""

    number: str


@dataclass(eq=False)
class ContractMissing(Refused):
    """Use begins only once both sides agreed: （十） of Jinzhong."""

    number: str


@dataclass(eq=False)
class SignerUnnamed(Refused):
    """Nobody agrees to a contract without having told a name."""


@dataclass(frozen=True, slots=True)
class Party:
    """One person as a side of one contract."""

    contract: Contract
    side: Side
    person_id: int


@dataclass(frozen=True, slots=True)
class Signature:
    """One side's word, as a document shows it."""

    side: Side
    answer: Answer
    at: datetime
    name: str
    """Empty where they are forgotten."""
    current: bool
    """Whether it is about the text as it stands."""
    reason: str | None = None
    """Why not, in their words."""


async def of_booking(session: AsyncSession, booking_id: int) -> Contract | None:
    """The contract of one row of a booking."""
    query = select(Contract).where(Contract.booking_id == booking_id)
    return (await session.scalars(query)).one_or_none()


async def booking_of(session: AsyncSession, contract: Contract) -> Booking:
    """The booking that a contract is about."""
    return await session.get_one(Booking, contract.booking_id)


async def party(
    session: AsyncSession, number: int, person_id: int, grants: Collection[Grant]
) -> Party:
    """The contract as one side sees it. Raises NoSuchContract for all others."""
    contract = await session.get(Contract, number, populate_existing=True)
    side = None if contract is None else _side(contract, person_id, grants)
    if contract is None or side is None:
        raise NoSuchContract(f"HT{number}")
    return Party(contract, side, person_id)


def _side(contract: Contract, person_id: int, grants: Collection[Grant]) -> Side | None:
    if contract.person_id == person_id:
        return Side.USER
    return Side.UNIT if contract.organisation_id in units(grants) else None


def units(grants: Collection[Grant]) -> set[int]:
    """The units that somebody speaks for or looks after."""
    held = [grant for grant in grants if grant.role in UNIT_ROLES]
    return {each.organisation_id for each in held if each.organisation_id is not None}


async def mine(
    session: AsyncSession, person_id: int, grants: Collection[Grant], *, waiting: bool = False
) -> Sequence[Contract]:
    """The contracts that one is a party to, the newest first; or those that wait for a word."""
    theirs = or_(Contract.person_id == person_id, Contract.organisation_id.in_(units(grants)))
    query = select(Contract).where(theirs, Contract.status != Status.VOID)
    if waiting:
        query = query.where(Contract.status.in_((Status.SHARING, Status.OPEN)))
    return (await session.scalars(query.order_by(Contract.id.desc()).limit(SHOWN))).all()


async def agreed_sides(session: AsyncSession, contract: Contract) -> set[Side]:
    """Who agreed to the text as it stands, and did not say otherwise since."""
    mine = (ContractWord.contract_id == contract.id) & (
        ContractWord.text_hash == contract.text_hash
    )
    query = select(ContractWord.side, ContractWord.answer).where(mine).order_by(ContractWord.id)
    last = {row.side: row.answer for row in await session.execute(query)}
    return {side for side, answer in last.items() if answer is Answer.AGREE}


async def text_of(session: AsyncSession, digest: str) -> str:
    """A text by its hash."""
    query = select(ContractText.text).where(ContractText.hash == digest)
    return (await session.execute(query)).scalar_one()


async def signatures(session: AsyncSession, secret: bytes, contract: Contract) -> list[Signature]:
    """What the sides said so far, each the last word, with the names they had given."""
    mine = ContractWord.contract_id == contract.id
    rows = (await session.scalars(select(ContractWord).where(mine).order_by(ContractWord.id))).all()
    last = {row.side: row for row in rows}
    return [
        await _signature(session, secret, contract, last[side]) for side in Side if side in last
    ]


async def _signature(
    session: AsyncSession, secret: bytes, contract: Contract, row: ContractWord
) -> Signature:
    key = await personal.key_if_any(session, secret, row.person_id)
    name = ""
    if key is not None and row.name is not None:
        about = f"contract:{contract.id}"
        name = privacy.unseal(privacy.derive(key, "contract"), row.name, about).decode()
    current = row.text_hash == contract.text_hash
    return Signature(row.side, row.answer, row.at, name, current, row.reason)


async def missing(session: AsyncSession, booking: Booking) -> ContractMissing | None:
    """Why a booking's use may not begin yet; nothing where it may."""
    contract = await of_booking(session, booking.id)
    if contract is None or contract.status is Status.AGREED:
        return None
    return ContractMissing(f"HT{contract.id}")


async def waits_for_unit(session: AsyncSession, booking: Booking) -> bool:
    """Whether a booking's user agreed to its contract, and the unit has not."""
    contract = await of_booking(session, booking.id)
    if contract is None or contract.status is not Status.OPEN:
        return False
    return await agreed_sides(session, contract) == {Side.USER}
