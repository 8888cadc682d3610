"""Vouchers (`CXQ12`), what they pay for, and how each of them moves."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.lifecycle import Lifecycle, Move


class Status(StrEnum):
    """Where a voucher stands."""

    APPLIED = "applied"  #: waits for the county, or for the city where it is asked first
    COUNTY_OK = "county_ok"
    RETURNED = "returned"  #: to be corrected by who applied
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"


V = Status
# fmt: off
VOUCHER_LIFECYCLE = Lifecycle(
    Move("pass",     V.APPLIED,   V.COUNTY_OK, by="county"),
    Move("grant",    V.APPLIED,   V.GRANTED,   by="city"),
    Move("grant",    V.COUNTY_OK, V.GRANTED,   by="city"),
    Move("return",   V.APPLIED,   V.RETURNED,  by="county"),
    Move("return",   V.COUNTY_OK, V.RETURNED,  by="city"),
    Move("refuse",   V.APPLIED,   V.REFUSED,   by="county"),
    Move("refuse",   V.COUNTY_OK, V.REFUSED,   by="city"),
    Move("correct",  V.RETURNED,  V.APPLIED,   by="user"),
    Move("withdraw", V.APPLIED,   V.WITHDRAWN, by="user"),
    Move("withdraw", V.COUNTY_OK, V.WITHDRAWN, by="user"),
    Move("withdraw", V.RETURNED,  V.WITHDRAWN, by="user"),
    Move("expire",   V.GRANTED,   V.EXPIRED,   by="clock"),
    Move("revoke",   V.GRANTED,   V.REVOKED,   by="city"),
)
# fmt: on
ASKED = (V.APPLIED, V.COUNTY_OK, V.RETURNED)
"""Nothing is decided yet."""


class UseStatus(StrEnum):
    """Where a service stands that a voucher pays for."""

    RESERVED = "reserved"
    RELEASED = "released"
    USED = "used"
    SUBMITTED = "submitted"  #: to be redeemed; papers are in
    RETURNED = "returned"
    COUNTY_OK = "county_ok"
    CITY_OK = "city_ok"
    AUDIT = "audit"  #: drawn for an audit
    PUBLISHED = "published"
    PAID = "paid"
    REFUSED = "refused"


U = UseStatus
# fmt: off
USE_LIFECYCLE = Lifecycle(
    Move("release", U.RESERVED,  U.RELEASED,  by="user"),
    Move("use",     U.RESERVED,  U.USED,      by="keeper"),
    Move("submit",  U.USED,      U.SUBMITTED, by="user"),
    Move("submit",  U.RETURNED,  U.SUBMITTED, by="user"),
    Move("pass",    U.SUBMITTED, U.COUNTY_OK, by="county"),
    Move("approve", U.SUBMITTED, U.CITY_OK,   by="city"),
    Move("approve", U.COUNTY_OK, U.CITY_OK,   by="city"),
    Move("approve", U.AUDIT,     U.CITY_OK,   by="city"),
    Move("draw",    U.CITY_OK,   U.AUDIT,     by="city"),
    Move("return",  U.SUBMITTED, U.RETURNED,  by="county"),
    Move("return",  U.COUNTY_OK, U.RETURNED,  by="city"),
    Move("return",  U.AUDIT,     U.RETURNED,  by="city"),
    Move("refuse",  U.SUBMITTED, U.REFUSED,   by="county"),
    Move("refuse",  U.COUNTY_OK, U.REFUSED,   by="city"),
    Move("refuse",  U.AUDIT,     U.REFUSED,   by="city"),
    Move("publish", U.CITY_OK,   U.PUBLISHED, by="city"),
    Move("object",  U.PUBLISHED, U.AUDIT,     by="city"),
    Move("pay",     U.PUBLISHED, U.PAID,      by="finance"),
)
# fmt: on
LIVE_USES = tuple(status for status in UseStatus if status not in (U.RELEASED, U.REFUSED))


class Voucher(Base):
    """One application of a firm's, and the voucher that it became."""

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("asked_fen > 0", name="something_asked"),
        CheckConstraint("granted_fen <= asked_fen", name="no_more_than_asked"),
        Index("ix_voucher_firm", "firm_id", "status"),
        Index("ix_voucher_queue", "status", "county_id", "id"),
        Index(
            "ix_voucher_ends",
            "valid_until",
            sqlite_where=text("status = 'granted'"),
            postgresql_where=text("status = 'granted'"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme: Mapped[str]
    """Its code; the text is kept by hash in `policy_version`."""
    policy_id: Mapped[int] = mapped_column(Key, ForeignKey("policy_version.id"))
    firm_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    """Who applied for the firm."""
    county_id: Mapped[int | None] = mapped_column(Key, ForeignKey("county.id"))
    credit_code: Mapped[str]
    """Unified social credit code (统一社会信用代码, GB 32100-2015)."""
    evaluation: Mapped[str]
    """The firm's evaluation number as a technology firm (入库登记编号)."""
    purpose: Mapped[str]
    asked_fen: Mapped[int] = mapped_column(Key)
    granted_fen: Mapped[int] = mapped_column(Key, default=0)
    status: Mapped[Status]
    reason: Mapped[str | None]
    applied_at: Mapped[datetime]
    granted_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    version: Mapped[int]
    changed_at: Mapped[datetime]


class VoucherUse(Base):
    """One service that a voucher pays for, from its reservation to the payment."""

    __tablename__ = "voucher_use"
    __table_args__ = (
        CheckConstraint("fen > 0", name="something_paid"),
        Index(
            "uq_voucher_use_service",
            "booking_number",
            unique=True,
            sqlite_where=text("status NOT IN ('released', 'refused')"),
            postgresql_where=text("status NOT IN ('released', 'refused')"),
        ),
        UniqueConstraint("invoice", name="uq_voucher_use_invoice"),
        Index("ix_voucher_use_voucher", "voucher_id", "status"),
        Index("ix_voucher_use_queue", "status", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    voucher_id: Mapped[int] = mapped_column(Key, ForeignKey("voucher.id"))
    booking_number: Mapped[int] = mapped_column(Key, ForeignKey("booking.id"))
    """The number that people know: one service is subsidised once."""
    provider_id: Mapped[int] = mapped_column(Key, ForeignKey("organisation.id"))
    fen: Mapped[int] = mapped_column(Key)
    """What the voucher pays of it."""
    status: Mapped[UseStatus]
    contract_id: Mapped[int | None] = mapped_column(Key)
    invoice: Mapped[str | None]
    """The invoice's number, digits only; of the whole account used once."""
    invoice_fen: Mapped[int | None] = mapped_column(Key)
    reason: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    version: Mapped[int]
    changed_at: Mapped[datetime]
