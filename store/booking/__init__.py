"""Bookings (预约): what they are, how they move, what they refuse, and what guards them."""

from store.booking.table import (
    CURRENT,
    LIFECYCLE,
    OCCUPYING,
    OPEN,
    Booking,
    Cooperation,
    Group,
    Mode,
    Status,
)

__all__ = [
    "CURRENT",
    "LIFECYCLE",
    "OCCUPYING",
    "OPEN",
    "Booking",
    "Cooperation",
    "Group",
    "Mode",
    "Status",
]
