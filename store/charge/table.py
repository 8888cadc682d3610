"""What a booking costs in the end: reckoned, confirmed by the keeper, not objected to, settled."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.lifecycle import Lifecycle, Move


class Status(StrEnum):
    """Where a charge stands."""

    RECKONED = "reckoned"  #: waits for the keeper's word
    CONFIRMED = "confirmed"  #: told to the user, who may object until `object_until`
    OBJECTED = "objected"  #: nothing is settled until it is decided
    SETTLED = "settled"  #: stands, and waits for payment
    PAID = "paid"


S = Status
# fmt: off
LIFECYCLE = Lifecycle(
    Move("confirm", S.RECKONED,  S.CONFIRMED, by="keeper"),
    Move("correct", S.CONFIRMED, S.CONFIRMED, by="keeper"),
    Move("correct", S.OBJECTED,  S.CONFIRMED, by="keeper"),
    Move("object",  S.CONFIRMED, S.OBJECTED,  by="user"),
    Move("accept",  S.CONFIRMED, S.SETTLED,   by="user"),
    Move("accept",  S.OBJECTED,  S.SETTLED,   by="user"),
    Move("settle",  S.CONFIRMED, S.SETTLED,   by="clock"),
    Move("decide",  S.OBJECTED,  S.SETTLED,   by="bureau"),
    Move("pay",     S.SETTLED,   S.PAID,      by="keeper"),
)
# fmt: on
UNSETTLED = (S.RECKONED, S.CONFIRMED, S.OBJECTED, S.SETTLED)
"""What stands in 未结清."""


class Charge(Base):
    """The fee of one booking. No payment is taken here."""

    __tablename__ = "charge"
    __table_args__ = (
        CheckConstraint("fen >= 0 AND reckoned_fen >= 0", name="fee_positive"),
        CheckConstraint("status = 'reckoned' OR fen IS NOT NULL", name="fee_named"),
        Index("ix_charge_person", "person_id", "status"),
        Index("ix_charge_organisation", "organisation_id", "status"),
        Index("ix_charge_due", "status", "object_until"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    booking_id: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"), unique=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    """Who keeps the instrument, and is paid."""
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    employer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisation.id"))

    status: Mapped[Status]
    reckoned_fen: Mapped[int | None] = mapped_column(Key)
    """Use times price; nothing where only the keeper can tell."""
    lines: Mapped[list[Any]]
    """What it was reckoned of: prices, how many, what each comes to."""
    used: Mapped[dict[str, Any]]
    """Minutes or samples that were really used."""
    fen: Mapped[int | None] = mapped_column(Key)
    """What the keeper confirmed, or the bureau decided."""
    voucher_fen: Mapped[int] = mapped_column(Key, default=0)
    """How much of it a voucher covers."""
    reason: Mapped[str | None]
    """Why it is another amount than reckoned, in the keeper's words."""
    objection: Mapped[str | None]
    """What the user says against it."""

    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(Key)
    object_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    version: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def due_fen(self) -> int:
        """What is left to be paid."""
        return max(0, (self.fen or 0) - self.voucher_fen)


class IncomeUse(Base):
    """What a unit used its income for, by its own word: 19 of Jiaxing, 三、（二） of Shanxi."""

    __tablename__ = "income_use"
    __table_args__ = (
        CheckConstraint("fen > 0", name="use_positive"),
        Index("ix_income_use_organisation", "organisation_id", "year"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    year: Mapped[int]
    kind: Mapped[str]
    """One of the uses that policy names, in its words."""
    fen: Mapped[int] = mapped_column(Key)
    by: Mapped[int] = mapped_column(Key)
    at: Mapped[datetime]
