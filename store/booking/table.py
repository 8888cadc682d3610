"""One person, one instrument, one stretch of time or one lot of samples."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.lifecycle import Lifecycle, Move


class Mode(StrEnum):
    """How an instrument serves."""

    SELF = "self"  #: time on it (自主上机)
    SAMPLE = "sample"  #: samples sent in (送样、委托)


class Cooperation(StrEnum):
    """Whose the results are: article （十二） of Jinzhong, 17 of Jiaxing."""

    OWN = "own"  #: independent work: the user's
    JOINT = "joint"  #: joint work: shared as agreed beforehand


class Group(StrEnum):
    """Whom a price is for. Only a confirmed affiliation gives another than OUTSIDE."""

    OWN = "own"  #: of the organisation that keeps the instrument
    ALLIANCE = "alliance"
    ACADEMIC = "academic"
    ENTERPRISE = "enterprise"
    OUTSIDE = "outside"


class Status(StrEnum):
    """Where a booking stands."""

    REQUESTED = "requested"  #: holds the period, waits for the keeper
    OFFERED = "offered"  #: the keeper offered another period or a price; waits for the user
    APPROVED = "approved"
    IN_USE = "in_use"
    FINISHED = "finished"
    RECEIVED = "received"  #: the samples came
    LACKING = "lacking"  #: the samples were too few, or are lost: waits for more
    TESTING = "testing"
    REPORTED = "reported"  #: the report is ready
    DELIVERED = "delivered"
    SETTLED = "settled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    ABORTED = "aborted"  #: called off by the keeper, or by an outage
    REPLACED = "replaced"  #: another row took its place; its number shows that one


S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("approve", S.REQUESTED, S.APPROVED,  by="keeper"),
    Move("reject",  S.REQUESTED, S.REJECTED,  by="keeper"),
    Move("reject",  S.OFFERED,   S.REJECTED,  by="keeper"),
    Move("offer",   S.REQUESTED, S.OFFERED,   by="keeper"),
    Move("offer",   S.OFFERED,   S.OFFERED,   by="keeper"),
    Move("accept",  S.OFFERED,   S.APPROVED,  by="user"),
    Move("expire",  S.REQUESTED, S.EXPIRED,   by="clock"),
    Move("expire",  S.OFFERED,   S.EXPIRED,   by="clock"),
    Move("cancel",  S.REQUESTED, S.CANCELLED, by="user"),
    Move("cancel",  S.OFFERED,   S.CANCELLED, by="user"),
    Move("cancel",  S.APPROVED,  S.CANCELLED, by="user"),
    Move("replace", S.REQUESTED, S.REPLACED,  by="user"),
    Move("replace", S.OFFERED,   S.REPLACED,  by="user"),
    Move("replace", S.APPROVED,  S.REPLACED,  by="user"),
    Move("shift",   S.REQUESTED, S.REPLACED,  by="keeper"),
    Move("shift",   S.OFFERED,   S.REPLACED,  by="keeper"),
    Move("shift",   S.APPROVED,  S.REPLACED,  by="keeper"),
    Move("abort",   S.REQUESTED, S.ABORTED,   by="keeper"),
    Move("abort",   S.OFFERED,   S.ABORTED,   by="keeper"),
    Move("abort",   S.APPROVED,  S.ABORTED,   by="keeper"),
    Move("abort",   S.IN_USE,    S.ABORTED,   by="keeper"),
    Move("start",   S.APPROVED,  S.IN_USE,    by="user"),
    Move("finish",  S.IN_USE,    S.FINISHED,  by="user"),
    Move("lapse",   S.IN_USE,    S.FINISHED,  by="clock"),
    Move("miss",    S.APPROVED,  S.NO_SHOW,   by="clock"),
    Move("excuse",  S.APPROVED,  S.ABORTED,   by="clock"),
    Move("record",  S.APPROVED,  S.FINISHED,  by="keeper"),
    Move("record",  S.IN_USE,    S.FINISHED,  by="keeper"),
    Move("record",  S.NO_SHOW,   S.FINISHED,  by="keeper"),
    Move("receive", S.APPROVED,  S.RECEIVED,  by="keeper"),
    Move("receive", S.LACKING,   S.RECEIVED,  by="keeper"),
    Move("lack",    S.APPROVED,  S.LACKING,   by="keeper"),
    Move("lack",    S.RECEIVED,  S.LACKING,   by="keeper"),
    Move("lack",    S.TESTING,   S.LACKING,   by="keeper"),
    Move("cancel",  S.LACKING,   S.CANCELLED, by="user"),
    Move("abort",   S.LACKING,   S.ABORTED,   by="keeper"),
    Move("abort",   S.RECEIVED,  S.ABORTED,   by="keeper"),
    Move("abort",   S.TESTING,   S.ABORTED,   by="keeper"),
    Move("test",    S.RECEIVED,  S.TESTING,   by="keeper"),
    Move("report",  S.TESTING,   S.REPORTED,  by="keeper"),
    Move("deliver", S.REPORTED,  S.DELIVERED, by="keeper"),
    Move("reopen",  S.CANCELLED, S.REQUESTED, by="user"),  # undone at once
    Move("renew",   S.CANCELLED, S.OFFERED,   by="user"),
    Move("restore", S.CANCELLED, S.APPROVED,  by="user"),
    Move("resend",  S.CANCELLED, S.LACKING,   by="user"),
    Move("reopen",  S.ABORTED,   S.REQUESTED, by="keeper"),  # the outage was a slip
    Move("renew",   S.ABORTED,   S.OFFERED,   by="keeper"),
    Move("restore", S.ABORTED,   S.APPROVED,  by="keeper"),
    Move("resend",  S.ABORTED,   S.LACKING,   by="keeper"),
    Move("settle",  S.FINISHED,  S.SETTLED,   by="keeper"),
    Move("settle",  S.DELIVERED, S.SETTLED,   by="keeper"),
)
# fmt: on
OCCUPYING = frozenset({S.REQUESTED, S.OFFERED, S.APPROVED, S.IN_USE})
"""While a booking of time stands so, it has its row of `Occupation`."""
OPEN = OCCUPYING | {S.LACKING, S.RECEIVED, S.TESTING, S.REPORTED}
"""Something is still to come."""
CURRENT = frozenset(Status) - {S.REPLACED}
"""What a number shows."""


class Booking(Base):
    """`YY208` is the row 208, or the last row that took its place."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="period_whole"),
        CheckConstraint("starts_at IS NULL OR ends_at > starts_at", name="period_forward"),
        CheckConstraint("mode <> 'self' OR starts_at IS NOT NULL", name="time_named"),
        CheckConstraint(
            "mode <> 'sample' OR (samples IS NOT NULL AND samples > 0)", name="samples_counted"
        ),
        Index("ix_booking_origin", "origin_id"),
        Index("ix_booking_person", "person_id", "status"),
        Index("ix_booking_instrument", "instrument_id", "status", "starts_at"),
        Index(
            "ix_booking_hold",
            "hold_until",
            sqlite_where=text("status IN ('requested', 'offered')"),
            postgresql_where=text("status IN ('requested', 'offered')"),
        ),
        Index("ix_booking_status", "status", "starts_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    origin_id: Mapped[int | None] = mapped_column(Key, ForeignKey("booking.id"))
    """The first row, whose number people know; nothing where that is this one."""
    replaces_id: Mapped[int | None] = mapped_column(Key, ForeignKey("booking.id"), unique=True)
    token: Mapped[str] = mapped_column(unique=True)
    """One a confirmation: a second tap finds the booking that the first made."""

    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"), index=True)
    """Who keeps the instrument."""
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    employer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))
    """For whom the person works, where that was confirmed."""
    group: Mapped[Group] = mapped_column("user_group")
    mode: Mapped[Mode]
    cooperation: Mapped[Cooperation]

    status: Mapped[Status]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    samples: Mapped[int | None]
    sample_words: Mapped[str | None]
    """What the samples are, in the user's words."""
    purpose: Mapped[str | None]

    estimate_fen: Mapped[int | None] = mapped_column(Key)
    """Nothing where the keeper is to name the price."""
    price: Mapped[dict[str, Any]]
    """The price rows and amounts that the estimate was made of, as they stood then."""
    voucher_id: Mapped[int | None] = mapped_column(Key)
    voucher_fen: Mapped[int] = mapped_column(Key, default=0)

    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    requested_at: Mapped[datetime]
    hold_until: Mapped[datetime | None]
    """Until when an unanswered request holds its period."""
    answer_by: Mapped[datetime | None]
    """When policy wants the first answer; late ones go to the bureau."""
    answered_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(Key)
    free_until: Mapped[datetime | None]
    """Until when it may be cancelled without consequence."""
    late: Mapped[bool] = mapped_column(default=False)
    """Cancelled after `free_until`."""
    reason: Mapped[str | None]
    """Why it was rejected, cancelled, aborted, or offered otherwise."""
    version: Mapped[int]
    changed_at: Mapped[datetime]

    @property
    def number(self) -> int:
        """The number that people know, without its letters."""
        return self.origin_id or self.id
