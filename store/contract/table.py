"""Contracts between a unit and a user: what was agreed, word for word, by whom, when."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.booking.table import Cooperation
from store.lifecycle import Lifecycle, Move


class Status(StrEnum):
    """Where a contract stands."""

    SHARING = "sharing"  #: joint work: who owns what comes of it is not said yet
    OPEN = "open"  #: waits for both sides' word
    AGREED = "agreed"
    DECLINED = "declined"
    VOID = "void"  #: its booking came to nothing, or another contract took its place


S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("share",   S.SHARING, S.OPEN,     by="party"),
    Move("share",   S.OPEN,    S.OPEN,     by="party"),
    Move("share",   S.DECLINED, S.OPEN,    by="party"),
    Move("agree",   S.OPEN,    S.OPEN,     by="party"),
    Move("conclude", S.OPEN,   S.AGREED,   by="party"),
    Move("decline", S.SHARING, S.DECLINED, by="party"),
    Move("decline", S.OPEN,    S.DECLINED, by="party"),
    Move("reopen",  S.DECLINED, S.OPEN,    by="party"),
    Move("revive",  S.VOID,    S.OPEN,     by="clock"),  # or where it was
    Move("void",    S.SHARING, S.VOID,     by="clock"),
    Move("void",    S.OPEN,    S.VOID,     by="clock"),
    Move("void",    S.DECLINED, S.VOID,    by="clock"),
    Move("void",    S.AGREED,  S.VOID,     by="clock"),
)
# fmt: on


class Side(StrEnum):
    """One of the two parties."""

    UNIT = "unit"  #: 甲方, who keeps the instrument
    USER = "user"  #: 乙方


class Answer(StrEnum):
    """What a side says to a text."""

    AGREE = "agree"
    DECLINE = "decline"


class Contract(Base):
    """`HT12`: the contract of one booking."""

    __tablename__ = "contract"
    __table_args__ = (
        Index("ix_contract_person", "person_id", "status"),
        Index("ix_contract_organisation", "organisation_id", "status"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"), unique=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    employer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    """The user's side, where an organisation confirmed them; else the person."""
    cooperation: Mapped[Cooperation]
    share: Mapped[str | None]
    """Who owns what comes of joint work, in the parties' words."""
    status: Mapped[Status]
    text_hash: Mapped[str | None] = mapped_column(ForeignKey("contract_text.hash"))
    """The text that is now put to both; agreed to by this hash."""
    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    agreed_at: Mapped[datetime | None]
    version: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ContractText(Base):
    """One text that was put to somebody, kept for ever by its SHA-256."""

    __tablename__ = "contract_text"
    __table_args__ = (NUMBERED,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    """A title, `## ` before a clause's heading, a paragraph a line; no person's name."""
    made_at: Mapped[datetime]


class ContractWord(Base):
    """What one side said to one text. Never changed, never deleted."""

    __tablename__ = "contract_word"
    __table_args__ = (Index("ix_contract_word_contract", "contract_id", "id"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    contract_id: Mapped[int] = mapped_column(Key, ForeignKey("contract.id"))
    side: Mapped[Side]
    answer: Mapped[Answer]
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime]
    text_hash: Mapped[str | None]
    name: Mapped[bytes | None]
    """The name they had given by then, sealed under their own key: it goes when they do."""
    reason: Mapped[str | None]
