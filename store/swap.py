"""Compare and swap: a row with a version moves once, whoever else tries at the same time."""

from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from store.base import Base
from store.lifecycle import NotNow

R = TypeVar("R", bound=Base)


async def swap(
    session: AsyncSession,
    row: R,
    verb: str,
    **values: Any,  # noqa: ANN401 - columns of the row
) -> R:
    """Set these columns, unless somebody was faster; raises NotNow."""
    table: Any = type(row)
    old: Any = row
    unmoved = (table.id == old.id) & (table.version == old.version)
    moved = update(table).where(unmoved).values(version=table.version + 1, **values)
    moved = moved.returning(table).execution_options(populate_existing=True)
    status = old.status
    found: R | None = (await session.scalars(moved)).one_or_none()
    if found is None:
        raise NotNow(verb=verb, status=status)
    return found
