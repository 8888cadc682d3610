"""Who is kept from beginning by the other side is not reproached; what is over asks for nothing."""

from datetime import datetime

import pytest

from store import contract, personal, visit
from store.booking import Booking, Status
from store.consequence import follow
from store.contract import Contract, Party, Side, Signer
from store.contract import Status as Agreed
from store.database import Database
from store.event import Event
from tests.store.people import SECRET
from tests.store.visiting import HOUR, POLICY, Room, start


@pytest.fixture
async def room(database: Database, now: datetime) -> Room:
    return await Room.open(database, now)


async def approved(room: Room) -> tuple[Booking, int]:
    """A booking that stands, with its contract's number."""
    her = await room.user()
    row = await room.booked(her, room.now + 3 * HOUR)
    async with room.database.begin() as session:
        await personal.tell(session, SECRET, her, name="李强")
        made = await contract.make(session, row, POLICY, room.now)
        assert made is not None
        return row, made.id


async def agree(room: Room, number: int, row: Booking) -> None:
    """The user's word."""
    async with room.database.begin() as session:
        mine = await session.get_one(Contract, number)
        signer = Signer(SECRET, Party(mine, Side.USER, row.person_id))
        await contract.agree(session, signer, POLICY, room.now)


async def swept(room: Room, row: Booking) -> Booking:
    async with room.database.begin() as session:
        await visit.sweep(session, POLICY, start(row) + HOUR)
    return await room.fresh(row)


async def test_a_unit_that_did_not_agree_gives_nobody_a_strike(room: Room) -> None:
    row, number = await approved(room)
    await agree(room, number, row)
    assert (await swept(room, row)).status is Status.ABORTED
    assert await room.events("strike") == []
    assert ("excuse", {"by": "clock", "unsigned": True}) in await room.events("booking")


async def test_who_did_not_agree_either_is_a_no_show(room: Room) -> None:
    row, _ = await approved(room)
    assert (await swept(room, row)).status is Status.NO_SHOW


@pytest.mark.parametrize("verb", ["miss", "excuse"])
async def test_the_contract_of_what_came_to_nothing_waits_for_nobody(room: Room, verb: str) -> None:
    row, number = await approved(room)
    async with room.database.begin() as session:
        event = Event("booking", row.id, verb, 3, room.now)
        await follow(session, [event], POLICY)
        assert (await session.get_one(Contract, number)).status is Agreed.VOID
        recorded = Event("booking", row.id, "record", 4, room.now)
        if verb == "miss":
            await follow(session, [recorded], POLICY)
            assert (await session.get_one(Contract, number)).status is Agreed.OPEN
