"""Tickets (工单): what somebody wants answered, by whom, by when, and how it ended.

`XQ12` is a demand, `GD12` any other; all are numbered in one row, so no number means two things.
Article （十三） of Jinzhong: the bureau publishes demands and settles questions and disputes;
article 21 of the alliance: whoever serves answers for complaints.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.lifecycle import Lifecycle, Move


class Kind(StrEnum):
    """What is wanted."""

    DEMAND = "demand"  #: something to be tested, made or repaired (需求)
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    HELP = "help"  #: a question to a person (人工)
    TROUBLE = "trouble"  #: a problem with an instrument (报修)
    FEE = "fee"  #: a fee objected to (异议)


class Side(StrEnum):
    """As what one speaks."""

    USER = "user"
    ANSWERER = "answerer"  #: the organisation it is about, or that offers to serve
    BUREAU = "bureau"


class Status(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"  #: waits for the answerer
    AT_BUREAU = "at_bureau"  #: waits for the bureau
    ANSWERED = "answered"  #: waits for the user's word
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("answer",   S.OPEN,      S.ANSWERED,  by="answerer"),
    Move("rule",     S.AT_BUREAU, S.ANSWERED,  by="bureau"),
    Move("ask",      S.ANSWERED,  S.OPEN,      by="user"),
    Move("escalate", S.OPEN,      S.AT_BUREAU, by="user"),
    Move("escalate", S.ANSWERED,  S.AT_BUREAU, by="user"),
    Move("overdue",  S.OPEN,      S.AT_BUREAU, by="clock"),
    Move("accept",   S.ANSWERED,  S.RESOLVED,  by="user"),
    Move("lapse",    S.ANSWERED,  S.RESOLVED,  by="clock"),
    Move("settle",   S.OPEN,      S.RESOLVED,  by="clock"),  # with the fee that it is about
    Move("settle",   S.AT_BUREAU, S.RESOLVED,  by="clock"),
    Move("settle",   S.ANSWERED,  S.RESOLVED,  by="clock"),
    Move("withdraw", S.OPEN,      S.WITHDRAWN, by="user"),
    Move("withdraw", S.AT_BUREAU, S.WITHDRAWN, by="user"),
    Move("withdraw", S.ANSWERED,  S.WITHDRAWN, by="user"),
)
# fmt: on
LIVE = (S.OPEN, S.AT_BUREAU, S.ANSWERED)
WAITING = (S.OPEN, S.AT_BUREAU)
"""Somebody other than the user is to speak."""


class Ticket(Base):
    """One matter of one person's."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_person", "person_id", "id"),
        Index(
            "ix_ticket_due",
            "answer_by",
            sqlite_where=text("status IN ('open', 'answered')"),
            postgresql_where=text("status IN ('open', 'answered')"),
        ),
        Index("ix_ticket_organisation", "organisation_id", "status"),
        Index("ix_ticket_status", "status", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[Kind]
    status: Mapped[Status]
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    """Whom it is about; nothing for a demand and what only the bureau can answer."""
    instrument_id: Mapped[int | None] = mapped_column(Key, ForeignKey("instrument.id"))
    booking_id: Mapped[int | None] = mapped_column(Key, ForeignKey("booking.id"), index=True)
    """The booking's row, where it is about one."""
    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    opened_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    """Until when the next word is owed: by who answers, or by the user before it lapses."""
    answered_at: Mapped[datetime | None]
    """When it was first answered."""
    score: Mapped[int | None]
    """1 to 5: how well it was dealt with, in the user's eyes."""
    version: Mapped[int]
    changed_at: Mapped[datetime]

    @property
    def number(self) -> str:
        """As people know it."""
        return f"{'XQ' if self.kind is Kind.DEMAND else 'GD'}{self.id}"


class TicketWord(Base):
    """What one side said; sealed under its author's key, and gone with it."""

    __tablename__ = "ticket_word"
    __table_args__ = (Index("ix_ticket_word_ticket", "ticket_id", "id"), NUMBERED)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(Key, ForeignKey("ticket.id"))
    author_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    """For whom an answerer speaks."""
    side: Mapped[Side]
    at: Mapped[datetime]
    sealed: Mapped[bytes]


class TicketMatch(Base):
    """An organisation that could serve a demand, by one of its instruments."""

    __tablename__ = "ticket_match"

    ticket_id: Mapped[int] = mapped_column(Key, ForeignKey("ticket.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        Key, ForeignKey("organisation.id"), primary_key=True, index=True
    )
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
