"""What a handler may know of its moment: who asks, by which rules, when, by what chance."""

import random
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from store.person import Grant, Role
from store.policies import Policy
from store.search.index import Index

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Who:
    """The follower who wrote, as every message loads them."""

    id: int
    openid: str
    grants: frozenset[Grant] = frozenset()
    noticed: bool = True
    """Whether the privacy notice was shown."""

    @property
    def roles(self) -> frozenset[Role]:
        """The kinds of things they may do."""
        return frozenset(grant.role for grant in self.grants)


@dataclass
class Context:
    """Taken once a message; below the app nobody asks the clock, the dice or the environment."""

    person: Who
    policy: Policy
    now: datetime
    catalogue: Index
    """The search index, following the instruments' table."""
    address: str
    """Where our pages open, without a slash at the end."""
    secret: bytes
    """Signs and encrypts; never said, never logged."""
    rng: random.Random
    new_id: Callable[[], str]
    open: Callable[[], AsyncSession] = field(repr=False)
    shown: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The list last shown: `choices`, and `more` as its `Say` named it."""
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was last spoken of: an `instrument`'s number, a time (`when`), and `said`, the keys of
    the refusal or the summary that was last told."""
    writes: bool = False
    """Whether the session is a transaction that may write."""
    known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any], repr=False)

    async def once(self, what: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What was read of this already for this message, else read it: it holds for all of it."""
        if what not in self.known:
            self.known[what] = await read()
        found: T = self.known[what]
        return found

    @cached_property
    def session(self) -> AsyncSession:
        """The message's unit of work: reads only, unless its handler declared that it changes."""
        return self.open()

    @property
    def roles(self) -> frozenset[Role]:
        """What the asker may do."""
        return self.person.roles
