"""All of free time that the account answers."""

from handlers import search
from handlers.free import waiting, when

search.ASIDES.append(when.of_words)
ROUTERS = (when.router, waiting.router)

__all__ = ["ROUTERS"]
