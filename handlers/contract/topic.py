"""All of contracts that the account answers."""

from handlers.contract import card, word
from handlers.contract.word import Decline, Share

ROUTERS = (card.router, word.router)
FLOWS = (Decline, Share)
