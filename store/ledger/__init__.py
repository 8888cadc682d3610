"""Ledgers: the spreadsheets that bureaus really have, and their way into the catalogue.

`read(path)` checks a whole file (store/ledger/columns.toml holds the words it knows columns by);
`write(database, ledger, now)` brings the catalogue up to it; `dry_run` only says what would happen.
"""

from store.ledger.problems import Problem, Trouble
from store.ledger.reading import Ledger, read
from store.ledger.row import Facts, Row
from store.ledger.unreadable import LedgerUnreadable
from store.ledger.writing import Counts, dry_run, write

__all__ = [
    "Counts",
    "Facts",
    "Ledger",
    "LedgerUnreadable",
    "Problem",
    "Row",
    "Trouble",
    "dry_run",
    "read",
    "write",
]
