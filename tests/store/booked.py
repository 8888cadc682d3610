"""Instruments and bookings for tests of what comes after."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from store import organisation
from store.instrument import Instrument, Status


async def instrument(
    session: AsyncSession,
    now: datetime,
    *,
    fee: str = "200元/小时",
    keeps: str = "晋中煤化工研究院",
    name: str = "三坐标测量机",
    **columns: object,
) -> int:
    """A listed instrument of an organisation, which is added."""
    where = await organisation.add(session, keeps, now)
    row = Instrument(
        organisation_id=where,
        likeness=name,
        copy=1,
        name=name,
        fee=fee,
        prices=[],
        service_modes=["self", "sample"],
        photos=[],
        status=Status.LISTED,
        version=1,
        changed_at=now,
        **columns,
    )
    session.add(row)
    await session.flush()
    return row.id
