"""Messages being heard: each once, however often the platform delivers it.

The platform waits five seconds, then delivers again, three times in all, and expects the same
answer to each. So a message is heard in a task of its own, which no connection can end, and every
delivery of it is a listener:

- an answer that comes while somebody listens is given there, to all who listen;
- what takes long is kept where it outlives the process (`Promise`);
- who has listened for `patience` is told `success`, and the platform asks no more;
- an answer that nobody was there to take, because all had gone or been told `success`, is handed
  on by `late`, once; deliveries after that are told `success`;
- a delivery after the answer gets the same answer, from the last few thousand remembered here;
  beyond these, after a restart and between replicas, the desk's repeat-keys know it.

A hearing that fails is a fault: logged under an id, told `success`, kept to be heard again; the
next delivery tries as well.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from bot.kit.heard import Act, Heard
from bot.kit.say import Answer, Say
from bot.metrics import Metrics
from bot.wechat.inbound import Inbound

Hear = Callable[[Heard], Awaitable[Answer | None]]
GIVEN = Say("")
"""What an answer that went out is of: only its words are kept."""


class Promise(Protocol):
    """Sees to it that who was told to wait is answered, whatever becomes of this process."""

    async def keep(self, heard: Heard) -> None:
        """Keep a message that is being heard for long."""

    async def release(self, heard: Heard) -> None:
        """It is answered."""

    async def send(self, heard: Heard, answer: Answer) -> None:
        """Give an answer that nobody is there to take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the door bears, in seconds and numbers of messages."""

    patience: float = 4.5
    """How long a delivery waits; the platform hangs up after five."""
    hearings: int = 512
    """Messages heard at once; beyond these they are told `success`."""
    longest: float = 120.0
    """A hearing older than this is ended when its place is needed."""
    remembered: int = 2048
    """Answers kept for deliveries that come after them."""
    closing: float = 10.0
    """How long closing waits for what is being heard."""

    @property
    def calm(self) -> float:
        """How long until a message is kept, lest this process die over it."""
        return self.patience * 2 / 3


class Hearing:
    """One message, those who listen for its answer, and what became of it."""

    __slots__ = (
        "account", "answer", "began", "broken", "done", "failed", "given", "handed_on", "heard",
        "keeping", "listeners", "task", "waiters",
    )  # fmt: skip

    def __init__(self, inbound: Inbound, began: float) -> None:
        self.heard, self.account = inbound
        self.began = began
        self.answer: Answer | None = None
        self.done = False
        self.broken = False
        """Ended from outside before it had an answer."""
        self.failed = False
        """A fault of ours: it has no answer yet."""
        self.keeping: asyncio.Task[None] | None = None
        """Keeps the message, where it takes long."""
        self.given = False
        """Somebody took the answer in a reply."""
        self.handed_on = False
        self.listeners = 0
        self.waiters: list[asyncio.Future[None]] = []
        self.task: asyncio.Task[None] | None = None

    def give(self, answer: Answer) -> None:
        """Somebody takes the answer; of what is only given again, the words are enough."""
        self.given = True
        if answer.say.card is None:
            self.answer = Answer(answer.text, GIVEN)


class Hearings:
    """All messages that are being heard, and the last ones that were."""

    def __init__(
        self,
        hear: Hear,
        promise: Promise,
        log: FilteringBoundLogger,
        metrics: Metrics,
        limits: Limits,
    ) -> None:
        self._hear, self._promise = hear, promise
        self._log, self._metrics = log, metrics
        self._heard = {act: metrics.messages.labels(act) for act in Act}
        self._limits = limits
        self._running: dict[str, Hearing] = {}
        self._recent: OrderedDict[str, Hearing] = OrderedDict()
        self._handing_on: set[asyncio.Task[None]] = set()

    def of(self, inbound: Inbound) -> Hearing | None:
        """The hearing of this message, begun if it is new; None when there are too many."""
        key = inbound.heard.key
        known = self._running.get(key) or self._recent.get(key)
        if known is not None:
            self._metrics.repeats.inc()
            return known
        loop = asyncio.get_running_loop()
        if len(self._running) >= self._limits.hearings:
            self._metrics.refused.labels("Busy").inc()
            self._end_older_than(loop.time() - self._limits.longest)
            return None
        self._heard[inbound.heard.act].inc()
        hearing = Hearing(inbound, loop.time())
        self._running[key] = hearing
        hearing.task = loop.create_task(self._run(hearing))
        return hearing

    async def wait(self, hearing: Hearing) -> None:
        """Return when the hearing is done, or patience is at its end."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        hearing.waiters.append(waiter)
        timer = loop.call_later(self._limits.calm, self._worry, hearing, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            hearing.waiters.remove(waiter)

    def _worry(self, hearing: Hearing, waiter: asyncio.Future[None]) -> None:
        """Keep a message that takes long, and let its listener go when patience ends."""
        loop = asyncio.get_running_loop()
        loop.call_later(self._limits.patience - self._limits.calm, _wake, waiter)
        if not hearing.done:
            self._keep(hearing)

    def _keep(self, hearing: Hearing) -> None:
        """Have the message outlive this process."""
        if hearing.keeping is None:
            hearing.keeping = asyncio.get_running_loop().create_task(self._kept(hearing.heard))

    async def _kept(self, heard: Heard) -> None:
        try:
            await self._promise.keep(heard)
        except Exception as error:
            self.fault(error, "keep")

    def settle(self, hearing: Hearing) -> None:
        """Hand the answer on if it is there and nobody took it or still may; forget the message."""
        if not hearing.done or hearing.failed or hearing.listeners or hearing.handed_on:
            return
        answer = None if hearing.given else hearing.answer
        if answer is not None or hearing.keeping is not None:
            hearing.handed_on = True
            task = asyncio.get_running_loop().create_task(self._hand_on(hearing, answer))
            self._handing_on.add(task)
            task.add_done_callback(self._handing_on.discard)

    async def close(self) -> None:
        """Wait for what is being heard and handed on; end what takes too long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._limits.closing
        while (tasks := self._tasks()) and (left := until - loop.time()) > 0:
            await asyncio.wait(tasks, timeout=left)
        if tasks := self._tasks():
            self._log.error("door.closed_on", messages=len(tasks))
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    def fault(self, error: BaseException, where: str) -> None:
        """Log an error under an id that can be asked for."""
        self._metrics.faults.labels(where).inc()
        self._log.error("door.fault", fault=token_hex(4), where=where, exc_info=error)

    async def _run(self, hearing: Hearing) -> None:
        key = hearing.heard.key
        try:
            hearing.answer = await self._hear(hearing.heard)
            self._remember(key, hearing)
        except Exception as error:
            hearing.failed = True
            self.fault(error, "hear")
            self._keep(hearing)
        except asyncio.CancelledError:
            hearing.failed = hearing.broken = True
            raise
        finally:
            hearing.done, hearing.task = True, None
            del self._running[key]
            for waiter in hearing.waiters:
                _wake(waiter)
            self.settle(hearing)

    async def _hand_on(self, hearing: Hearing, answer: Answer | None) -> None:
        try:
            if answer is not None:
                await self._promise.send(hearing.heard, answer)
            if hearing.keeping is not None:
                await hearing.keeping
                await self._promise.release(hearing.heard)
        except Exception as error:
            self.fault(error, "late")

    def _remember(self, key: str, hearing: Hearing) -> None:
        self._recent[key] = hearing
        if len(self._recent) > self._limits.remembered:
            self._recent.popitem(last=False)

    def _tasks(self) -> set[asyncio.Task[None]]:
        running = {hearing.task for hearing in self._running.values() if hearing.task}
        return running | self._handing_on

    def _end_older_than(self, moment: float) -> None:
        for hearing in tuple(self._running.values()):
            if hearing.began < moment and hearing.task:
                self._log.error("door.hearing_too_long", act=hearing.heard.act)
                hearing.task.cancel()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
