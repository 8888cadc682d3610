"""Demands, complaints, suggestions, questions, trouble: opened, followed, answered in chat."""

from bot.kit.route import Router
from handlers.ticket import opening, turns
from handlers.ticket.opening import Complain, Demand, Leave, Suggest, Trouble

__all__ = ["ROUTERS", "Complain", "Demand", "Leave", "Suggest", "Trouble"]

ROUTERS: tuple[Router, ...] = (opening.router, turns.router)
