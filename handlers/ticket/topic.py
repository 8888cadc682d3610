"""All routes and flows about tickets."""

from handlers.ticket import opening, turns
from handlers.ticket.opening import Complain, Demand, Leave, Suggest, Trouble

ROUTERS = (opening.router, turns.router)
FLOWS = (Demand, Complain, Suggest, Leave, Trouble)
