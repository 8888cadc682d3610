"""When an instrument is free, why a wish cannot be, and what could be instead."""

from store.availability.free import among, free, nearest, taken
from store.availability.reasons import check, reasons, rules, unguarded
from store.availability.runs import earliest, latest
from store.availability.unfit import (
    Ask,
    Busy,
    Longer,
    NotOpen,
    OffGrid,
    OutOfOrder,
    OutOfUse,
    Over,
    Period,
    Reversed,
    Shorter,
    TooFar,
    TooMany,
    TooMuch,
    TooSoon,
    Unfit,
)

__all__ = [
    "Ask",
    "Busy",
    "Longer",
    "NotOpen",
    "OffGrid",
    "OutOfOrder",
    "OutOfUse",
    "Over",
    "Period",
    "Reversed",
    "Shorter",
    "TooFar",
    "TooMany",
    "TooMuch",
    "TooSoon",
    "Unfit",
    "among",
    "check",
    "earliest",
    "free",
    "latest",
    "nearest",
    "reasons",
    "rules",
    "taken",
    "unguarded",
]
