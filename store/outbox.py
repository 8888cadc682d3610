"""What is to be told, to whom, when; and the words in which sending is asked for and answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key


class Channel(StrEnum):
    """The ways to a person."""

    CUSTOMER = "customer"  #: customer-service message: free words, while a window is open
    TEMPLATE = "template"  #: template message: a form's fields
    SUBSCRIPTION = "subscription"  #: subscription message: a form's fields, a credit each


class Outcome(StrEnum):
    """How a row ended."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    UNKNOWN = "unknown"  #: sent, but the answer was lost and asking again might tell it twice


class Outbox(Base):
    """One thing to tell one person, once for each version of what it is about."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("event", "person_id", "version"),
        Index(
            "ix_outbox_due",
            "due_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event: Mapped[str]
    """What happened and to what, as `booking.approve/208`."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[int]
    """The version of what it is about: a second change is told again."""
    kind: Mapped[str]
    """Which notice it is, as `booking.approved`: decides about template and mute."""
    say: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    channel: Mapped[Channel | None]


async def record(
    session: AsyncSession,
    event: str,
    kind: str,
    say: Mapping[str, Any],
    *,
    to: tuple[int, int],
    due_at: datetime,
) -> bool:
    """Add one thing to tell to the running transaction; False when it stands there already.

    `to` is the person and the version of what the event is about.
    """
    person_id, version = to
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    row = insert(Outbox).values(
        event=event, kind=kind, say=dict(say), person_id=person_id, version=version, due_at=due_at
    )
    return await session.scalar(row.on_conflict_do_nothing().returning(Outbox.id)) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, links in them allowed; at most 2,000 bytes of UTF-8."""

    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One article: title, a few words, a page behind it."""

    title: str
    description: str
    address: str
    picture: str = ""
    """Address of a picture, or empty."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours; `name` says which, in ASCII, with its ending (`YQ12.png`)."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Choices:
    """A question with things to tap: (id, words that are shown, and sent when tapped)."""

    head: str
    choices: tuple[tuple[str, str], ...]
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A template's fields, and the page behind it."""

    template: str
    fields: Mapping[str, str]
    address: str = ""


Body = Words | Card | Picture | Choices | Form


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way to one person by one channel."""

    openid: str
    channel: Channel
    body: Body
    key: str
    """The same whenever the same message is tried again; at most 32 ASCII characters."""
    first_tried_at: datetime
    """When it was handed to a sender for the first time: keys live from then."""


class Why(StrEnum):
    """Why a message did not go out."""

    BUSY = "busy"  #: the platform was busy or could not be reached
    SLOW = "slow"  #: too many messages at once
    RUNNING = "running"  #: an earlier attempt is still under way
    NO_SUCH_PERSON = "no_such_person"  #: the openid is none of this account's
    MUTED = "muted"  #: they shut us out, or we them
    WINDOW = "window"  #: no window for customer-service messages is open
    USED_UP = "used_up"  #: the window's messages are used up; their next message opens it
    CREDIT = "credit"  #: they owe no subscription message
    QUOTA = "quota"  #: the account's quota is used up
    NOT_ALLOWED = "not_allowed"  #: the account may not
    SETTINGS = "settings"  #: address, appid or secret are wrong
    TEMPLATE = "template"  #: the template is gone
    MALFORMED = "malformed"  #: the message itself is at fault
    LOST = "lost"  #: the answer was lost


class Scope(StrEnum):
    """What a stopped channel is stopped for."""

    PERSON = "person"
    TEMPLATE = "template"  #: this template, to anybody
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Delivered:
    """It went out; `receipt` is the platform's number of it, if it gave one."""

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It did not go out as far as we know; the same message may be tried again at this moment."""

    at: datetime
    why: Why
    before: datetime | None = None
    """From then on trying again might tell it twice: settle it as unknown instead."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It will never go out; `detail` names the field at fault, never what stood in it."""

    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The person does not follow any more."""


@dataclass(frozen=True, slots=True)
class StopChannel:
    """The channel is closed; another one may do.

    `until` None: until something happens (they write, they subscribe, settings are changed).
    """

    why: Why
    scope: Scope
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have gone out; trying again might tell it twice."""

    why: Why = Why.LOST


Delivery = Delivered | RetryAt | Drop | Unsubscribed | StopChannel | Unknown


class Sender(Protocol):
    """Whoever can send one message by one channel."""

    async def send(self, message: Outgoing) -> Delivery:
        """Try once; never raises for what the platform or the network does."""
        ...
