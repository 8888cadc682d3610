"""What the platform lends us for two hours: one row a kind, shared by every replica.

Values come and go encrypted; the keys are the caller's. A row moves from one version to the next by
compare-and-swap, and whoever wants to force the platform's hand takes the row's lease first.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import EPOCH, Base


class PlatformToken(Base):
    """A token or ticket of one account."""

    __tablename__ = "platform_token"

    appid: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    """Encrypted; empty until there is one."""
    expires_at: Mapped[datetime]
    version: Mapped[int]
    lease_until: Mapped[datetime]
    """Until when nobody else may force a new token."""
    forced_on: Mapped[date | None]
    forced: Mapped[int]
    """How often a new token was forced on that day."""


Slot = tuple[str, str]
"""Which row: appid and kind."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a row holds."""

    value: bytes
    expires_at: datetime
    version: int


async def held(session: AsyncSession, slot: Slot) -> Held | None:
    """Read the row; None when there is none yet."""
    row = await session.get(PlatformToken, slot)
    return Held(row.value, row.expires_at, row.version) if row else None


async def hold(
    session: AsyncSession, slot: Slot, value: bytes, *, expires_at: datetime, over: int
) -> bool:
    """Put a new value in place of version `over`; False when somebody else did so before."""
    await _ensure(session, slot)
    changed = await session.scalar(
        update(PlatformToken)
        .where(*_is(slot), PlatformToken.version == over)
        .values(value=value, expires_at=expires_at, version=over + 1)
        .returning(PlatformToken.version)
    )
    return changed is not None


async def lease(
    session: AsyncSession, slot: Slot, now: datetime, *, on: date, most: int, gap: timedelta
) -> bool:
    """Take the right to force a new token: once per `gap`, `most` times on the day `on`."""
    await _ensure(session, slot)
    today = PlatformToken.forced_on == on
    taken = await session.scalar(
        update(PlatformToken)
        .where(*_is(slot), PlatformToken.lease_until <= now)
        .where(or_(PlatformToken.forced_on.is_(None), ~today, PlatformToken.forced < most))
        .values(
            lease_until=now + gap,
            forced_on=on,
            forced=case((today, PlatformToken.forced + 1), else_=1),
        )
        .returning(PlatformToken.forced)
    )
    return taken is not None


def _is(slot: Slot) -> tuple[ColumnElement[bool], ...]:
    appid, kind = slot
    return PlatformToken.appid == appid, PlatformToken.kind == kind


async def _ensure(session: AsyncSession, slot: Slot) -> None:
    appid, kind = slot
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    empty = {"value": b"", "expires_at": EPOCH, "version": 0, "lease_until": EPOCH, "forced": 0}
    row = insert(PlatformToken).values(appid=appid, kind=kind, **empty)
    await session.execute(row.on_conflict_do_nothing())
