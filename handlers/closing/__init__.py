"""Taking an instrument out of use (停用) and putting it back (启用), from chat."""

from handlers.closing.pause import Pause, router
from handlers.closing.resume import resume

FLOWS = (Pause,)

__all__ = ["FLOWS", "Pause", "resume", "router"]
