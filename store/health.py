"""What an operator asks about a database: whether all is in place, and the key fits."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import guards, personal
from store.instrument import Instrument
from store.person import Person
from store.privacy import Unopenable


async def missing_guards(session: AsyncSession) -> set[str]:
    """Triggers that ought to stand in the database and do not."""
    connection = await session.connection()
    return guards.expected(connection.dialect) - set(await connection.run_sync(guards.present))


async def key_fits(session: AsyncSession, secret: bytes) -> bool:
    """Whether the data key opens what is sealed; an empty database fits every key."""
    query = select(Person.id).where(Person.key.is_not(None)).order_by(Person.id.desc()).limit(1)
    person = await session.scalar(query)
    try:
        return person is None or await personal.key_if_any(session, secret, person) is not None
    except Unopenable:
        return False


async def instruments(session: AsyncSession) -> int:
    """How many instruments the catalogue holds."""
    return await session.scalar(select(func.count()).select_from(Instrument)) or 0
