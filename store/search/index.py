"""The search index: in process, kept on disk, following the instruments' table.

`find` answers from memory and from the page cache; it never waits. Changes are applied in slices
between messages; when many have gathered, the file is made anew in a process of its own.
"""

import asyncio
import logging
from pathlib import Path
from typing import Self

from store.database import Database
from store.search import rows
from store.search.answer import find
from store.search.base import Base
from store.search.correct import meant
from store.search.entry import Shown
from store.search.found import LIMIT, Found
from store.search.kept import Kept
from store.search.layout import Damaged
from store.search.near import Place
from store.search.parts import Parts
from store.search.rebuild import RebuildFailed, rebuild
from store.search.tokens import LONGEST_QUESTION, normalise
from store.search.usage import Usage

FILE = "catalogue.index"
READ = 200
"""Changes read from the feed at once."""
SLICE = 10
"""Instruments applied before others have their turn."""
MANY = 2_000
"""So many changes are not applied one by one: the file is made anew."""
SOME = 100
SHARE = 50
"""The file is made anew when more than SOME and one in SHARE have changed."""
PAUSE = 60.0
"""Seconds before a failed rebuild is tried again."""
KEPT = 3_000
"""Answers, and facts, kept ready: so many that were asked for once, so many asked for again."""

log = logging.getLogger(__name__)
Key = tuple[str, Place | None, int]


class Index:
    """Finds instruments."""

    def __init__(self, folder: Path, base: Base | None = None) -> None:
        self.folder = folder
        self._parts = Parts(base, base.trailer.mark) if base else Parts()
        self.ready = base is not None
        """Whether it knows the catalogue, if perhaps not yet its last changes."""
        self.usage = Usage()
        """What is looked for and opened, until it is written."""
        self._found: Kept[Key, Found] = Kept(KEPT)
        self._shown: Kept[int, Shown] = Kept(KEPT)
        self._task: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._one = asyncio.Lock()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what is on disk; a missing, damaged or old file is made anew by `follow`."""
        try:
            return cls(folder, Base.open(folder / FILE))
        except Damaged as why:
            log.info("no index on disk yet: %s", why)
            return cls(folder)

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def version(self) -> int:
        """The change counter of the catalogue that it has come to."""
        return self._parts.mark.seq

    @property
    def rebuilding(self) -> bool:
        """Whether the file is being made anew."""
        return self._task is not None and not self._task.done()

    def find(self, words: str, *, near: Place | None = None, limit: int = LIMIT) -> Found:
        """The best instruments for any words at all; `near` sorts by distance to a place."""
        asked = normalise(words[:LONGEST_QUESTION])
        here = (round(near[0], 4), round(near[1], 4)) if near else None
        key = (asked, here, limit)
        found = self._found.get(key)
        return found or self._found.put(key, find(self._parts, asked, here, limit))

    def facts(self, number: int) -> Shown | None:
        """What lists show of an instrument; None when it is not to be found (withdrawn)."""
        shown = self._shown.get(number)
        if shown is None and (shown := self._parts.shown(number)):
            self._shown.put(number, shown)
        return shown

    async def follow(self, database: Database) -> int:
        """Take what changed in the catalogue; gives how many instruments were looked at."""
        async with self._one:
            async with database.read() as session:
                newest = await rows.newest(session)
                if not await rows.holds(session, self._parts.mark):
                    self._start_over()
            if self._parts.base:
                self._parts.base.rest()
            behind = newest.seq - self._parts.mark.seq
            if behind > MANY or self._worn():
                self._begin_rebuild(database)
            if behind > MANY:
                return 0
            taken = await self._catch_up(database, self._parts)
            self.ready = True
            return taken

    async def rebuild(self, database: Database) -> None:
        """Make the file anew and answer from it; raises RebuildFailed."""
        path = self.folder / FILE
        await rebuild(database, path)
        base = await asyncio.to_thread(Base.open, path, check=False)
        parts = Parts(base, base.trailer.mark)
        await self._catch_up(database, parts)
        async with self._one:
            await self._catch_up(database, parts)
            old, self._parts = self._parts, parts
            self.forget()
            self.ready = True
            if old.base:
                old.base.close()

    async def close(self) -> None:
        """Stop making the file anew, and let go of it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._parts.base:
            self._parts.base.close()
        self._parts = Parts()
        self.forget()

    async def _catch_up(self, database: Database, parts: Parts) -> int:
        """Apply changes to these parts, letting others have their turn."""
        taken = 0
        while True:
            async with database.read() as session:
                mark, numbers = await rows.changed(session, parts.mark, READ)
                if not numbers:
                    return taken
                entries = await rows.load(session, numbers)
            for at, number in enumerate(numbers):
                if at % SLICE == 0:
                    self.forget()
                    await asyncio.sleep(0)
                parts.put(number, entries.get(number))
            parts.mark = mark
            taken += len(numbers)
            self.forget()

    def _start_over(self) -> None:
        """It was made from another catalogue (one put back from a copy, say): forget it."""
        log.warning("the index is of another catalogue; it is made anew")
        if self._parts.base:
            self._parts.base.close()
        self._parts, self.ready = Parts(), False
        self.forget()

    def _worn(self) -> bool:
        parts = self._parts
        changed = len(parts.fresh) + len(parts.dead)
        return changed > SOME and changed * SHARE > len(parts)

    def _begin_rebuild(self, database: Database) -> None:
        if self.rebuilding or asyncio.get_running_loop().time() < self._not_before:
            return
        self._task = asyncio.create_task(self._rebuild_quietly(database))

    async def _rebuild_quietly(self, database: Database) -> None:
        try:
            await self.rebuild(database)
        except (RebuildFailed, Damaged, OSError) as why:
            self._not_before = asyncio.get_running_loop().time() + PAUSE
            log.warning("the index could not be made anew: %s", why)

    def forget(self) -> None:
        """Let go of the answers and facts kept ready."""
        self._found.clear()
        self._shown.clear()
        meant.cache_clear()  # it holds on to the words of the file
