"""All of free time that the account answers."""

from handlers.free import waiting, when

ROUTERS = (when.router, waiting.router)

__all__ = ["ROUTERS"]
