"""Those who watch: every open page has a queue of what happens."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.sandbox.chats import Json

Queue = asyncio.Queue[Json | None]


class Live:
    """Tells every open page what happens."""

    def __init__(self) -> None:
        self._queues: set[Queue] = set()

    def watch(self, state: Callable[[], Json]) -> Queue:
        """A queue that begins with how everything stands; None ends it."""
        queue: Queue = asyncio.Queue()
        queue.put_nowait({"kind": "state"} | state())
        self._queues.add(queue)
        return queue

    def leave(self, queue: Queue) -> None:
        """A page was closed."""
        self._queues.discard(queue)

    def happened(self, kind: str, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Tell every open page."""
        for queue in self._queues:
            queue.put_nowait({"kind": kind} | facts)

    def end(self) -> None:
        """Send every page away."""
        for queue in self._queues:
            queue.put_nowait(None)
        self._queues.clear()
