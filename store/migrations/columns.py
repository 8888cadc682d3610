"""Short words for a migration's columns: released ones are written in them, so none changes."""

from typing import Any

import sqlalchemy as sa

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger()
"""Microseconds since 1970."""
WORD = sa.String()
CHOICE = sa.String(20)
NUMBERED: dict[str, Any] = {"sqlite_autoincrement": True}
"""No number is ever given again."""

Kind = sa.types.TypeEngine[Any]


def number(name: str = "id") -> sa.Column[Any]:
    """The column that the database numbers its rows by."""
    return sa.Column(name, NUMBER, primary_key=True)


def needed(kind: Kind, *names: str) -> list[sa.Column[Any]]:
    """Columns that are always filled."""
    return [sa.Column(name, kind, nullable=False) for name in names]


def maybe(kind: Kind, *names: str) -> list[sa.Column[Any]]:
    """Columns that may be empty."""
    return [sa.Column(name, kind, nullable=True) for name in names]


def pointer(name: str, to: str, *, needed: bool = True, kind: Kind = NUMBER) -> sa.Column[Any]:
    """A column that points to another table's row."""
    return sa.Column(name, kind, sa.ForeignKey(f"{to}.id"), nullable=not needed)
