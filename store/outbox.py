"""What is to be told, to whom, when; and the words in which sending is asked for and answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import planned
from store.base import NUMBERED, Base, Key, microseconds
from store.script import run_in, to_json


class Channel(StrEnum):
    """The ways to a person."""

    CUSTOMER = "customer"  #: customer-service message: free words, while a window is open
    TEMPLATE = "template"  #: template message: a form's fields
    SUBSCRIPTION = "subscription"  #: subscription message: a form's fields, a credit each
    CHAT = "chat"  #: shown in the chat at the next contact


class Outcome(StrEnum):
    """How a row ended."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    UNKNOWN = "unknown"  #: sent, but the answer was lost and asking again might tell it twice
    KEPT = "kept"  #: no way to them just now: shown at their next contact
    WITHDRAWN = "withdrawn"  #: what it was about changed before it was due


WAITING = text("settled_at IS NULL")
KEPT = text("outcome = 'kept'")


class Outbox(Base):
    """One thing to tell one person, once for each version of what it is about."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("event", "person_id", "version", "kind"),
        Index("ix_outbox_due", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_outbox_about", "about", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_outbox_kept", "person_id", sqlite_where=KEPT, postgresql_where=KEPT),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event: Mapped[str]
    """What happened and to what, as `booking.approve/208`."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[int]
    """The version of what it is about: a second change is told again."""
    kind: Mapped[str]
    """Which notice it is, as `booking.approved`: its words, template and mute."""
    about: Mapped[str]
    """What it is about, as `booking/208`: a change there withdraws it."""
    facts: Mapped[dict[str, Any]]
    """What fills its words; never a name or anybody's words."""
    sealed: Mapped[str | None]
    """Facts that may be personal, under a key derived from the account's."""
    planned_at: Mapped[datetime]
    """When it should be told."""
    until: Mapped[datetime | None]
    """From then on it is of no use."""
    due_at: Mapped[datetime]
    """When it is to be looked at next: planned, held, to be tried again, or its lease over."""
    claim: Mapped[int | None] = mapped_column(Key)
    """Who holds it; a number that each claim draws. Whoever settles it otherwise clears this."""
    channel: Mapped[Channel | None]
    """How it was handed to a sender, last."""
    tried_at: Mapped[datetime | None]
    """When it was handed to a sender for the first time by this channel."""
    tries: Mapped[int]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """One thing to tell, as it goes into the outbox."""

    event: str
    version: int
    kind: str
    about: str
    person_id: int
    facts: Mapping[str, Any]
    planned_at: datetime
    until: datetime | None = None
    sealed: str | None = None

    def row(self) -> tuple[Any, ...]:
        """As `planned.COLUMNS` has it."""
        return (
            self.event,
            self.version,
            self.kind,
            self.about,
            self.person_id,
            to_json(dict(self.facts)),
            microseconds(self.planned_at),
            self.until and microseconds(self.until),
            self.sealed,
        )


async def plan(session: AsyncSession, plans: Sequence[Plan]) -> None:
    """Add what is to be told to the running transaction; what stands there already stays."""
    if plans:
        await run_in(session, planned.added([each.row() for each in plans]))


async def withdraw(
    session: AsyncSession, about: str, now: datetime, kinds: Collection[str] | None = None
) -> None:
    """Take back what was planned about a thing and is not told yet; of some kinds, or all."""
    await run_in(session, planned.withdrawn(about, microseconds(now), kinds))


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
    STALE = "stale"  #: of no use any more
    SILENCED = "silenced"  #: they switched its kind off
    LEFT = "left"  #: they do not follow any more
    NO_WAY = "no_way"  #: no channel to them is open
    GAVE_UP = "gave_up"  #: tried too often


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
