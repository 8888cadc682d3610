"""Under what terms an instrument is booked: its own over its unit's over the region's policy."""

from store.terms.table import OpeningException, TermsRow
from store.terms.terms import RULES, Exceptional, Said, Terms, many, of, resolve

__all__ = [
    "RULES",
    "Exceptional",
    "OpeningException",
    "Said",
    "Terms",
    "TermsRow",
    "many",
    "of",
    "resolve",
]
