"""Prices of one instrument, a row each: never changed, a later day's rows take their place."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import NUMBERED, Base, Key
from store.booking.table import Group


class Part(StrEnum):
    """What a row is to the amount; the costs are published and not charged by themselves."""

    USE = "use"  #: so much a unit
    START = "start"  #: added once to every booking (开机费)
    OPTION = "option"  #: may come on top (制样费)
    MATERIAL = "material"  #: 材料消耗费
    UTILITY = "utility"  #: 水、电等运行费
    STAFF = "staff"  #: 人力服务费


COSTS = (Part.MATERIAL, Part.UTILITY, Part.STAFF)
"""What a fee may be made of: 二、（三） of Shanxi."""


class PriceRow(Base):
    """One price from one day on. Rows of one `sheet` were set together."""

    __tablename__ = "price_row"
    __table_args__ = (
        Index("ix_price_row_sheet", "instrument_id", "sheet"),
        CheckConstraint("fen >= 0 AND to_fen > fen", name="price_positive"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(Key, ForeignKey("instrument.id"))
    sheet: Mapped[int]
    """Counts an instrument's changes: of two from the same day the later counts."""
    part: Mapped[Part]
    group_key: Mapped[str]
    """A `Group`, or `all`."""
    per: Mapped[str]
    """A key of store/prices.toml; empty where nothing says per what."""
    fen: Mapped[int | None] = mapped_column(Key)
    """Nothing: the keeper names the price of each booking (按项目议价)."""
    to_fen: Mapped[int | None] = mapped_column(Key)
    label: Mapped[str]
    starts_on: Mapped[date]
    made_at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(Key)
    """The keeper; nothing for what the ledger said before the first change."""


ALL = "all"
GROUPS = (*Group, ALL)
