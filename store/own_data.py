"""Everything that the account holds about one person, for that person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, personal, rating, ticket
from store.affiliation import Affiliation
from store.base import Base
from store.booking import Booking
from store.charge import Charge
from store.contract import Contract, ContractWord
from store.conversation import Conversation
from store.file import StoredFile
from store.invitation import Invitation
from store.link import SignedLink
from store.operating import RulesRead
from store.organisation import Organisation
from store.outbox import Outbox
from store.outcome import Outcome
from store.person import Person, RoleGrant
from store.rating import Rating
from store.reach import Silence
from store.strike import Strike
from store.ticket import Ticket
from store.ticket.table import TicketWord
from store.usage import Usage
from store.voucher.table import Voucher
from store.watch import Watch

Rows: TypeAlias = list[dict[str, Any]]
HIDDEN = {"key", "personal", "phone_hash", "hash", "digest", "scope", "name", "text_hash", "sealed"}
"""Keys, hashes, what is sealed: nothing a person could read, and nothing to carry about."""


async def gather(session: AsyncSession, secret: bytes, person_id: int) -> dict[str, Rows]:
    """Sections of rows; instants in ISO 8601, UTC."""
    person = await session.get_one(Person, person_id)
    told = personal.opened(secret, person)
    tables: dict[str, type[Base]] = {
        "roles": RoleGrant,
        "affiliations": Affiliation,
        "conversation": Conversation,
        "bookings": Booking,
        "usage": Usage,
        "strikes": Strike,
        "contracts": Contract,
        "signatures": ContractWord,
        "fees": Charge,
        "rules_read": RulesRead,
        "tickets": Ticket,
        "vouchers": Voucher,
        "watches": Watch,
        "silences": Silence,
        "notices": Outbox,
        "addresses": SignedLink,
    }
    sections = {
        "person": [{**_row(person), "name": told.name, "phone": told.phone, "email": told.email}]
    }
    for name, table in tables.items():
        sections[name] = await _of(session, select(table).filter_by(person_id=person_id))
    sections |= await _after(session, secret, person_id)
    sections["files"] = await _of(session, select(StoredFile).filter_by(owner_id=person_id))
    sections["codes"] = await _of(session, select(Invitation).filter_by(used_by=person_id))
    sections["trail"] = _rows(await audit.about(session, person_id))
    for row in sections["addresses"]:
        del row["id"]
    await _name(session, sections)
    return sections


async def _after(session: AsyncSession, secret: bytes, person_id: int) -> dict[str, Rows]:
    """What they said of their matters, how they rated their bookings, what came of these."""
    key = await personal.key_if_any(session, secret, person_id)
    said = select(TicketWord).where(TicketWord.author_id == person_id).order_by(TicketWord.id)
    words = (await session.scalars(said)).all() if key else []
    mine = select(Booking).where(Booking.person_id == person_id)
    booked = {row.id: row for row in await session.scalars(mine)}
    theirs = select(Booking.id).where(Booking.person_id == person_id)
    came = select(Outcome).where(Outcome.booking_id.in_(theirs))
    rated = (await session.scalars(select(Rating).where(Rating.booking_id.in_(theirs)))).all()
    return {
        "ticket_words": [{**_row(row), "text": ticket.unsealed(key or b"", row)} for row in words],
        "ratings": [
            {**_row(row), "text": await rating.words(session, secret, booked[row.booking_id])}
            for row in rated
        ],
        "outcomes": [{"work": row.pop("title"), **row} for row in await _of(session, came)],
    }


async def _name(session: AsyncSession, sections: dict[str, Rows]) -> None:
    """Put an organisation's name beside its number."""
    rows = [row for rows in sections.values() for row in rows if row.get("organisation_id")]
    wanted = {row["organisation_id"] for row in rows}
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    names = {row.id: row.name for row in await session.execute(found)} if wanted else {}
    for row in rows:
        row["organisation"] = names.get(row["organisation_id"], "")


async def _of(session: AsyncSession, query: Select[Any]) -> Rows:
    return _rows((await session.scalars(query)).all())


def _rows(found: Iterable[Base]) -> Rows:
    return [_row(row) for row in found]


def _row(row: Base) -> dict[str, Any]:
    names = [each.key for each in inspect(type(row)).column_attrs if each.key not in HIDDEN]
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return value.isoformat() if isinstance(value, datetime) else value
