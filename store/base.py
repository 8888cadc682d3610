"""What all tables share: their base, and time as an instant in UTC."""

from datetime import UTC, datetime, timedelta
from enum import Enum as Choice
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Dialect, Enum, Integer, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """An instant as tables keep it: whole microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970: every database compares alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive datetimes at the door."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an aware datetime is required")
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


Key = BigInteger().with_variant(Integer(), "sqlite")
"""A row's number: never used twice (SQLite tables say so with AUTOINCREMENT)."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        Choice: Enum(
            Choice,
            native_enum=False,
            length=20,
            values_callable=lambda choices: [choice.value for choice in choices],
        ),
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


NUMBERED: dict[str, Any] = {"sqlite_autoincrement": True}
"""Table arguments of a table whose numbers people see: none is ever given again."""
