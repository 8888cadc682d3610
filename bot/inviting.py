"""`yixiang invite`: from names to a one-time code."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from store import county, invitation, organisation
from store.database import Database
from store.invitation import Offer, ScopeMissing
from store.person import Role


class NotInvited(Exception):  # noqa: N818 - said of what was asked
    """No code was made; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a code is for, by the names that an operator types."""

    role: str
    organisation: str | None = None
    county: str | None = None
    new: bool = False
    """The organisation is to be added if the catalogue has none of that name."""

    async def code(self, settings: Settings) -> str:
        """Make the code; raises NotInvited."""
        policy = settings.rules
        now = datetime.now(UTC)
        database = Database(settings.database_url)
        try:
            async with database.begin() as session:
                offer = await self._offer(session, now)
                return await invitation.invite(session, policy, settings.data_key, offer, now=now)
        except ScopeMissing:
            raise NotInvited(f"{self.role} needs --organisation NAME") from None
        finally:
            await database.close()

    async def _offer(self, session: AsyncSession, now: datetime) -> Offer:
        return Offer(
            Role(self.role),
            await self._organisation(session, now) if self.organisation else None,
            await self._county(session) if self.county else None,
        )

    async def _organisation(self, session: AsyncSession, now: datetime) -> int:
        name = self.organisation or ""
        found = await organisation.by_name(session, name)
        if found is not None:
            return found.id
        if not self.new:
            raise NotInvited(f"no organisation is named {name}; --new adds it")
        return await organisation.add(session, name, now)

    async def _county(self, session: AsyncSession) -> int:
        place = county.named(self.county or "")
        if place is None or place.region is None:
            raise NotInvited(f"no county is named {self.county}")
        return (await county.ensure(session, [place]))[place]
