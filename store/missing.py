"""Adding rows that are not there yet, whoever else is adding them at the same moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from store.base import Base


async def insert_missing(
    session: AsyncSession,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    unique: Sequence[str],
) -> None:
    """Add the rows whose unique columns are not taken; the others stay as they are."""
    if not rows:
        return
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    adding = dialect.insert(table.__table__).on_conflict_do_nothing(index_elements=list(unique))
    await session.execute(adding, [dict(row) for row in rows])
