"""When something is open in a week, read from the words of a ledger or of a keeper."""

from store.opening.cells import Hours, Span
from store.opening.read import read
from store.opening.table import OFFICE, WHOLE_DAY, Opening, weekly

__all__ = ["OFFICE", "WHOLE_DAY", "Hours", "Opening", "Span", "read", "weekly"]
