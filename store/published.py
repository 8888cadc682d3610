"""What the ledger publishes (article （七） of Jinzhong): all that was not withdrawn."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.county import County
from store.instrument import Instrument, Row, Status
from store.organisation import Organisation


async def published(session: AsyncSession) -> list[Row]:
    """Instruments in the ledger with their organisations and counties, by number."""
    query = (
        select(Instrument, Organisation, County)
        .join(Organisation, Organisation.id == Instrument.organisation_id)
        .outerjoin(County, County.id == Instrument.county_id)
        .where(Instrument.status != Status.WITHDRAWN)
        .order_by(Instrument.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]
