"""Statements compiled once and handed to the driver: what every step of a conversation reads.

SQLAlchemy makes, looks up and wraps a statement anew each time, which takes it several times as
long as SQLite takes to answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVarTuple

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.selectable import TypedReturnsRows

from store.script import fetch_in

Ts = TypeVarTuple("Ts")
Turn = Callable[[Any], Any] | None
"""From our value to the driver's, or back; nothing where both are the same."""


@dataclass(frozen=True, slots=True)
class _Given:
    """One parameter: by its name, or always the same."""

    name: str
    turn: Turn
    always: Any = None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the words of one kind of database."""

    sql: str
    given: Sequence[_Given]
    columns: Sequence[tuple[int, Callable[[Any], Any]]]
    """Those whose values are turned into ours."""

    def values(self, named: dict[str, Any]) -> list[Any]:
        """The parameters in order."""
        return [
            each.always if not each.name else _turned(named[each.name], each.turn)
            for each in self.given
        ]

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """Rows with our values."""
        if not self.columns:
            return [tuple(row) for row in found]
        return [self._row(list(row)) for row in found]

    def _row(self, row: list[Any]) -> tuple[Any, ...]:
        for at, turn in self.columns:
            row[at] = turn(row[at])
        return tuple(row)


class Prepared(Generic[*Ts]):
    """A statement with `bindparam`s, to be called with their values inside a session."""

    def __init__(self, statement: TypedReturnsRows[*Ts]) -> None:
        self._statement: Any = statement
        self._compiled: dict[str, _Compiled] = {}

    async def __call__(self, session: AsyncSession, **named: Any) -> list[tuple[*Ts]]:  # noqa: ANN401 - of the columns' types
        """All rows."""
        dialect = session.get_bind().dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return compiled.rows(await fetch_in(session, compiled.sql, compiled.values(named)))


def _compile(statement: Any, dialect: Dialect) -> _Compiled:  # noqa: ANN401 - whatever gives rows
    compiled: SQLCompiler = statement.compile(dialect=dialect)
    asked = {name: None for name, bind in compiled.binds.items() if bind.required}
    state = compiled.construct_expanded_state(asked)
    turns = [
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in statement.selected_columns
    ]
    return _Compiled(
        state.statement,
        [_given(compiled, state, name) for name in state.positiontup or ()],
        [(n, turn) for n, turn in enumerate(turns) if turn],
    )


def _given(compiled: SQLCompiler, state: ExpandedState, name: str) -> _Given:
    bind, dialect = compiled.binds.get(name), compiled.dialect
    if bind is None:  # one of a list that was written out
        turn: Any = state.processors.get(name)
    else:
        turn = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind is not None and bind.required:
        return _Given(name, turn)
    return _Given("", None, _turned(state.parameters[name], turn))


def _turned(value: Any, turn: Turn) -> Any:  # noqa: ANN401
    return value if turn is None else turn(value)
