"""Tickets: demands, complaints, suggestions, questions, trouble, fees objected."""

from store.ticket.deeds import (
    By,
    Here,
    Matter,
    NoSuchTicket,
    NothingToAdd,
    WordsMissing,
    add_words,
    move,
    open_ticket,
)
from store.ticket.reading import (
    Word,
    board,
    escalated,
    find,
    last_words,
    mine,
    owed,
    serving,
    sides,
    words,
)
from store.ticket.table import LIFECYCLE, LIVE, Kind, Side, Status, Ticket

__all__ = [
    "LIFECYCLE",
    "LIVE",
    "By",
    "Here",
    "Kind",
    "Matter",
    "NoSuchTicket",
    "NothingToAdd",
    "Side",
    "Status",
    "Ticket",
    "Word",
    "WordsMissing",
    "add_words",
    "board",
    "escalated",
    "find",
    "last_words",
    "mine",
    "move",
    "open_ticket",
    "owed",
    "serving",
    "sides",
    "words",
]
