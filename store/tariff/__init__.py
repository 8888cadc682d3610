"""What use costs: dated prices by group and unit, and what an amount is made of."""

from store.tariff.estimate import Estimate, estimate, reckon
from store.tariff.group import group_of
from store.tariff.sheet import Change, PriceUnfit, change, in_force, next_change
from store.tariff.table import Part, PriceRow
from store.tariff.words import everybody, group_label, needs_quote

__all__ = [
    "Change",
    "Estimate",
    "Part",
    "PriceRow",
    "PriceUnfit",
    "change",
    "estimate",
    "everybody",
    "group_label",
    "group_of",
    "in_force",
    "needs_quote",
    "next_change",
    "reckon",
]
