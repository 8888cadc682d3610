"""When something is open in a week, read from the words of a ledger or of a keeper."""

from store.opening.table import DAY, OFFICE, WHOLE_DAY, Hours, Opening, Span, read, weekly

__all__ = ["DAY", "OFFICE", "WHOLE_DAY", "Hours", "Opening", "Span", "read", "weekly"]
