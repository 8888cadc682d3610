"""People for tests."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from store.person import Grant, Person, give

SECRET = bytes(range(32))


async def person(session: AsyncSession, now: datetime, *grants: Grant, openid: str = "") -> int:
    """A follower with these roles."""
    row = Person(openid=openid or None, followed_at=now)
    session.add(row)
    await session.flush()
    for grant in grants:
        await give(session, row.id, grant, now)
    return row.id
