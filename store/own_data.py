"""Everything that the account holds about one person, for that person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, personal
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
from store.person import Person, RoleGrant
from store.strike import Strike
from store.usage import Usage

Rows: TypeAlias = list[dict[str, Any]]
HIDDEN = {"key", "personal", "phone_hash", "hash", "digest", "scope", "name", "text_hash"}
"""Keys and hashes: nothing a person could read, and nothing to carry about."""


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
        "notices": Outbox,
        "addresses": SignedLink,
    }
    sections = {
        "person": [{**_row(person), "name": told.name, "phone": told.phone, "email": told.email}]
    }
    for name, table in tables.items():
        sections[name] = await _of(session, select(table).filter_by(person_id=person_id))
    sections["files"] = await _of(session, select(StoredFile).filter_by(owner_id=person_id))
    sections["codes"] = await _of(session, select(Invitation).filter_by(used_by=person_id))
    sections["trail"] = _rows(await audit.about(session, person_id))
    for row in sections["addresses"]:
        del row["id"]
    await _name(session, sections)
    return sections


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
