"""Bookings (预约): what they are, how they move, what they refuse, and what guards them."""

from store.booking.moving import expire, lapse, miss, move
from store.booking.occupation import Occupation, Outage
from store.booking.outage import OutageThere, begin_outage, end_outage
from store.booking.placing import Unlisted
from store.booking.reading import NoSuchBooking, history, mine, present
from store.booking.request import Taken, Wish, request
from store.booking.reschedule import reschedule
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
from store.booking.undo import TooLateToUndo, cancel, undo

__all__ = [
    "CURRENT",
    "LIFECYCLE",
    "OCCUPYING",
    "OPEN",
    "Booking",
    "Cooperation",
    "Group",
    "Mode",
    "NoSuchBooking",
    "Occupation",
    "Outage",
    "OutageThere",
    "Status",
    "Taken",
    "TooLateToUndo",
    "Unlisted",
    "Wish",
    "begin_outage",
    "cancel",
    "end_outage",
    "expire",
    "history",
    "lapse",
    "mine",
    "miss",
    "move",
    "present",
    "request",
    "reschedule",
    "undo",
]
