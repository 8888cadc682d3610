"""Doing for many at once what is dear one by one, and one follower's things in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LIMIT = 64


class Batch(Generic[T, R]):
    """Gathers what is asked for while the work is under way, then works on all of it together."""

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, item: T) -> R:
        """Return the result for this item; raises what the work raised for its batch."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:LIMIT], self._waiting[LIMIT:]
                await self._settle(batch)
        finally:
            self._running = None

    async def _gather(self) -> None:
        """Wait as long as every turn of the loop brings more."""
        before = 0
        while before < len(self._waiting) < LIMIT:
            before = len(self._waiting)
            await asyncio.sleep(0)

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except Exception as fault:  # handed to everyone who waits for this batch
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


class InOrder:
    """Lets one thing of a name happen at a time, in order of asking; other names at once."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    async def run(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Work once all that came before under this name is done."""
        before = self._last.get(name)
        mine = self._last[name] = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await asyncio.wait([before])
            return await work()
        finally:
            if before is None or before.done():
                self._over(name, mine)
            else:  # gave up waiting: whoever comes after goes on waiting
                before.add_done_callback(lambda _: self._over(name, mine))

    def _over(self, name: str, mine: asyncio.Future[None]) -> None:
        mine.set_result(None)
        if self._last[name] is mine:
            del self._last[name]
