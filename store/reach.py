"""How people can be reached now: windows and their counts, credits, mutes, stops, quotas; rows.

A customer-service message may go out while a window is open: 48 hours after they wrote, five
messages; a minute after a menu click, a scan or following, three (wechat-platform.md 2.5). When
they wrote and did so stands in the conversation, written with every message; `Reach` only counts
what was sent since, so that the door has nothing more to write.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Key
from store.outbox import Channel


class Reach(Base):
    """What was sent to one person, and what the platform said of them."""

    __tablename__ = "reach"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    muted_at: Mapped[datetime | None]
    """When the platform said that they shut us out; their next message ends it."""
    closed_at: Mapped[datetime | None]
    """When the platform said that no window is open; their next message opens one."""
    window_at: Mapped[datetime | None]
    """The contact since which `used` counts."""
    used: Mapped[int]
    """Customer-service messages since."""
    told_on: Mapped[date | None]
    """The day in China that `told` counts."""
    told: Mapped[int]
    """Notices on that day, of kinds that may wait."""


class Credit(Base):
    """Subscription messages that one person owes us of one template."""

    __tablename__ = "credit"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    template: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[int]
    at: Mapped[datetime]


class Silence(Base):
    """A setting of notices that one person switched off."""

    __tablename__ = "silence"

    person_id: Mapped[int] = mapped_column(
        Key, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    setting: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Stop(Base):
    """A channel, or a template of it, that is closed for the whole account."""

    __tablename__ = "stop"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(primary_key=True)
    """Empty: the whole channel."""
    why: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    """Nothing: until settings are mended."""


class Quota(Base):
    """How many messages all replicas together sent by a channel in a stretch of time."""

    __tablename__ = "quota"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    """How long the stretch is."""
    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]
