"""A keeper's word on a request: yes, no, another time; and the user's on what was offered."""

from handlers.answering.card import card, router
from handlers.answering.offering import CallOff, Propose, call_off, propose
from handlers.answering.word import Decline

FLOWS = (Decline, Propose, CallOff)

__all__ = ["FLOWS", "call_off", "card", "propose", "router"]
