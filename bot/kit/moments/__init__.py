"""When people mean: days, moments and periods, read or refused, and shown as people say them."""

from bot.kit.moments.decide import Fits
from bot.kit.moments.period import (
    HERE,
    Ambiguous,
    Backwards,
    Impossible,
    Leftover,
    Lunar,
    Offers,
    Past,
    Period,
    Scope,
    Unannounced,
)
from bot.kit.moments.read import beyond, read_day, read_moment, read_period
from bot.kit.moments.show import show_date, show_day, show_length, show_moment, show_period

__all__ = [
    "HERE",
    "Ambiguous",
    "Backwards",
    "Fits",
    "Impossible",
    "Leftover",
    "Lunar",
    "Offers",
    "Past",
    "Period",
    "Scope",
    "Unannounced",
    "beyond",
    "read_day",
    "read_moment",
    "read_period",
    "show_date",
    "show_day",
    "show_length",
    "show_moment",
    "show_period",
]
