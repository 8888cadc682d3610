"""Instruments and bookings for tests of what comes after."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from store import organisation
from store.booking.table import Booking, Cooperation, Group, Mode
from store.booking.table import Status as Stage
from store.instrument import Instrument, Status
from store.policies import in_force, load
from store.tariff import estimate


async def instrument(
    session: AsyncSession,
    now: datetime,
    *,
    fee: str = "200元/小时",
    keeps: str = "晋中煤化工研究院",
    name: str = "三坐标测量机",
    service_modes: Sequence[str] = ("self", "sample"),
    **columns: object,
) -> int:
    """A listed instrument of an organisation, which is added."""
    where = await organisation.add(session, keeps, now)
    row = Instrument(
        organisation_id=where,
        likeness=f"{name}|{token_hex(4)}",
        copy=1,
        name=name,
        fee=fee,
        prices=[],
        service_modes=list(service_modes),
        photos=[],
        status=Status.LISTED,
        version=1,
        changed_at=now,
        **columns,
    )
    session.add(row)
    await session.flush()
    return row.id


async def booking(
    session: AsyncSession,
    now: datetime,
    *,
    instrument_id: int,
    person_id: int,
    status: Stage = Stage.APPROVED,
    hours: int = 2,
    **columns: Any,
) -> Booking:
    """A booking as it stands, put there without asking anybody."""
    row = await session.get_one(Instrument, instrument_id)
    group = columns.get("group", Group.OUTSIDE)
    mode = columns.get("mode", Mode.SELF)
    minutes = hours * 60 if mode is Mode.SELF else None
    samples, day = columns.get("samples"), now.date()
    cost = await estimate(session, instrument_id, group, mode, minutes, samples, day)
    start = now + timedelta(days=3) if mode is Mode.SELF else None
    given = {
        "token": token_hex(8),
        "organisation_id": row.organisation_id,
        "group": group,
        "mode": mode,
        "cooperation": Cooperation.OWN,
        "starts_at": start,
        "ends_at": start and start + timedelta(hours=hours),
        "purpose": "缸盖平面度",
        "estimate_fen": cost.fen,
        "price": dict(cost.rows),
        "voucher_fen": 0,
        "policy_id": await in_force(session, load("jinzhong"), now),
        "requested_at": now,
        "free_until": start and start - timedelta(days=1),
        "late": False,
        "version": 1,
        "changed_at": now,
    }
    made = Booking(
        **given | columns, instrument_id=instrument_id, person_id=person_id, status=status
    )
    session.add(made)
    await session.flush()
    return made
