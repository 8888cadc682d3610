"""All of booking that the account answers, from the user's side."""

from handlers.booking import calendar, cancel, mine, move, one_line
from handlers.booking.move import Move
from handlers.booking.request import Book

ROUTERS = (one_line.router, mine.router, cancel.router, move.router, calendar.router)
FLOWS = (Book, Move)

__all__ = ["FLOWS", "ROUTERS"]
