"""How what is to be told comes into the outbox, and is taken back: every booking does both."""

from collections.abc import Collection

from store.script import Rows, Script, Statement

COLUMNS = {
    "event": "text",
    "version": "bigint",
    "kind": "text",
    "about": "text",
    "person_id": "bigint",
    "facts": "json",
    "planned_at": "bigint",
    "until": "bigint",
    "sealed": "text",
}
"""What a plan gives, and its types in a batch."""
AT_ONCE = 500
"""Rows a statement: SQLite takes no more than 32,766 values."""
ANY = ""
"""Of whatever kind."""
_NAMES = ", ".join(COLUMNS)
_ADD = f"""
with batch({_NAMES}) as (ROWS)
insert into outbox ({_NAMES}, due_at, tries)
select {_NAMES}, planned_at, 0 from batch where true
on conflict do nothing
"""  # noqa: S608 - names of our own
_WITHDRAW = f"""
with batch(about, kind, at) as (ROWS)
update outbox set settled_at = batch.at, outcome = 'withdrawn', claim = null
  from batch
 where outbox.about = batch.about and outbox.settled_at is null
   and (batch.kind = '{ANY}' or outbox.kind = batch.kind)
"""  # noqa: S608


def added(rows: Rows) -> Script[None]:
    """Add rows; those that stand there already stay."""
    for first in range(0, len(rows), AT_ONCE):
        yield Statement(_ADD, tuple(COLUMNS.values()), rows[first : first + AT_ONCE])


def withdrawn(about: str, at: int, kinds: Collection[str] | None) -> Script[None]:
    """Settle what is not told yet about a thing; of some kinds, or all."""
    rows = [(about, kind, at) for kind in ([ANY] if kinds is None else kinds)]
    if rows:
        yield Statement(_WITHDRAW, ("text", "text", "bigint"), rows)
