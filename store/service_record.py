"""The national service record (服务记录): uses as rows with all that it asks for.

Whoever used an instrument is a number here, never a name: the record goes on to others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from store.booking import Booking
from store.charge.table import Charge
from store.instrument import Instrument
from store.organisation import Organisation
from store.person import Grant, Role
from store.rating import Rating
from store.usage import Usage

MOST = 50_000
"""Rows of one table: a region's year is a few thousand."""
COPIED = (
    *("starts_at", "ends_at", "content", "project", "funds", "field", "tax_record", "inside"),
    *("moved_to", "customs_code", "agreement", "source", "late", "forgotten", "recorded_by"),
)
"""What a row has as the use itself has it."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which uses: those that began in a time, on one instrument or on all that grants open."""

    start: datetime
    end: datetime
    grants: frozenset[Grant]
    instrument_id: int | None = None


async def rows(session: AsyncSession, scope: Scope) -> list[Row]:
    """Uses that began within the scope's time, oldest first."""
    keeper, employer = aliased(Organisation), aliased(Organisation)
    query = (
        select(Usage, Instrument, keeper.name, employer.name, Booking, Rating.score, Charge.fen)
        .join(Instrument, Instrument.id == Usage.instrument_id)
        .join(keeper, keeper.id == Usage.organisation_id)
        .outerjoin(employer, employer.id == Usage.employer_id)
        .outerjoin(Booking, Booking.id == Usage.booking_id)
        .outerjoin(Charge, Charge.booking_id == Usage.booking_id)
        .outerjoin(Rating, Rating.booking_id == Usage.booking_id)
        .where(Usage.starts_at >= scope.start, Usage.starts_at < scope.end, opened(scope.grants))
        .order_by(Usage.starts_at, Usage.id)
        .limit(MOST)
    )
    if scope.instrument_id is not None:
        query = query.where(Usage.instrument_id == scope.instrument_id)
    return [_row(found) for found in await session.execute(query)]


def opened(grants: Iterable[Grant]) -> ColumnElement[bool]:
    """The uses that grants let one see: one's organisation's, one's county's, or all."""
    seen: list[ColumnElement[bool]] = []
    for grant in grants:
        if grant.role in (Role.KEEPER, Role.REPRESENTATIVE) and grant.organisation_id:
            seen.append(Usage.organisation_id == grant.organisation_id)
        if grant.role is Role.BUREAU:
            there = Instrument.county_id == grant.county_id
            seen.append(true() if grant.county_id is None else there)
    return or_(*seen) if seen else false()


def _row(found: Sequence[Any]) -> Row:
    used, instrument, keeper, employer, booking, score, fen = found
    return {name: getattr(used, name) for name in COPIED} | {
        "record": used.id,
        "instrument": " ".join(filter(None, (instrument.name, instrument.model))),
        "instrument_number": f"YQ{instrument.id}",
        "asset_number": instrument.asset_number,
        "organisation": keeper,
        "booking": None if booking is None else f"YY{booking.number}",
        "amount_fen": used.amount_fen if fen is None else fen,
        "hours": None if used.ends_at is None else used.spent.total_seconds() / 3600,
        "way": used.mode,
        "quantity": used.samples,
        "applicant": used.person_id,
        "applicant_organisation": employer or used.visitor,
        "score": score,
        "served": used.group,
        "direction": used.cooperation,
    }
