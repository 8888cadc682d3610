"""The access token and the JS ticket: fetched by one at a time, shared by all replicas.

The platform's stable token is the same for everybody who asks, so replicas need not exclude each
other; only forcing a new one is rationed, by a lease in the row (wechat-platform.md 1.5).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wechat.codes import BEIJING
from bot.wechat.errors import Refusal
from store import platform_token
from store.database import Database
from store.platform_token import Slot

EARLY = timedelta(seconds=300)
"""A token with less left is fetched anew."""
FORCE_GAP = timedelta(seconds=60)
FORCED_A_DAY = 19
"""The platform allows twenty."""
PAUSE = timedelta(seconds=5)
"""How long a process does not ask again, when the platform keeps giving a token that it refuses."""
LOOK = 0.2
"""Seconds between two looks at the row while another replica forces a token."""
LOOKS = 10
EXPIRED = 42001
NONE_LEFT = "no other token may be forced yet"


@dataclass(frozen=True, slots=True)
class Token:
    """A value and its end."""

    value: str
    expires_at: datetime

    def fresh(self, now: datetime) -> bool:
        """Whether it will do for a while."""
        return bool(self.value) and self.expires_at - now > EARLY

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at.isoformat()})"


Fetch = Callable[[bool], Awaitable[Token]]
"""Ask the platform; the argument: force a new one."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The row behind one kind of token; values are sealed on their way in.

    `unseal` raises ValueError for what another key sealed: such a value counts as none.
    """

    database: Database
    slot: Slot
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes]

    async def read(self) -> tuple[Token | None, int]:
        """The token that the replicas share, and the row's version."""
        async with self.database.read() as session:
            row = await platform_token.held(session, self.slot)
        if row is None or not row.value:
            return None, row.version if row else 0
        try:
            return Token(self.unseal(row.value).decode(), row.expires_at), row.version
        except ValueError:
            return None, row.version

    async def write(self, token: Token, over: int) -> bool:
        """Share a token in place of version `over`."""
        async with self.database.begin() as session:
            sealed = self.seal(token.value.encode())
            return await platform_token.hold(
                session, self.slot, sealed, expires_at=token.expires_at, over=over
            )

    async def lease(self, now: datetime) -> bool:
        """Take the right to force a new token."""
        async with self.database.begin() as session:
            return await platform_token.lease(
                session,
                self.slot,
                now,
                on=now.astimezone(BEIJING).date(),
                most=FORCED_A_DAY,
                gap=FORCE_GAP,
            )


class Tokens:
    """One kind of token, as one process sees it."""

    def __init__(self, vault: Vault, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._fetch = fetch
        self._now = now
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._barren: tuple[str, datetime] | None = None

    @property
    def value(self) -> str:
        """What is known without asking anybody; empty when nothing is."""
        return self._token.value if self._token else ""

    async def get(self) -> str:
        """A token that will do: this process's, the row's or the platform's."""
        token = self._token
        if token is None or not token.fresh(self._now()):
            async with self._lock:
                token = await self._current()
        return token.value

    async def renew(self, failed: str) -> str:
        """Another token than the refused one; raises Refusal when there is none to be had.

        Waiting calls share the first one's result: whoever failed with an older token gets it.
        """
        async with self._lock:
            if self._token is None or self._token.value == failed:
                self._token = await self._another(failed)
            return self._token.value

    async def _current(self) -> Token:
        if self._token and self._token.fresh(self._now()):
            return self._token
        token, version = await self._vault.read()
        if token is None or not token.fresh(self._now()):
            token = await self._fetch(False)  # noqa: FBT003 - the platform's own flag
            await self._vault.write(token, version)
        self._token = token
        return token

    async def _another(self, failed: str) -> Token:
        token, version = await self._vault.read()
        if token and self._other(token, failed):
            return token
        self._stop_if_barren(failed)
        token = await self._fetch(False)  # noqa: FBT003
        if token.value == failed:
            token = await self._forced(failed)
        await self._vault.write(token, version)
        return token

    async def _forced(self, failed: str) -> Token:
        if await self._vault.lease(self._now()):
            return await self._fetch(True)  # noqa: FBT003
        for _ in range(LOOKS):  # another replica may be forcing one at this moment
            await asyncio.sleep(LOOK)
            token, _version = await self._vault.read()
            if token and self._other(token, failed):
                return token
        self._barren = (failed, self._now() + PAUSE)
        raise Refusal("stable_token", EXPIRED, NONE_LEFT)

    def _other(self, token: Token, failed: str) -> bool:
        return token.value != failed and token.fresh(self._now())

    def _stop_if_barren(self, failed: str) -> None:
        if self._barren and self._barren[0] == failed and self._now() < self._barren[1]:
            raise Refusal("stable_token", EXPIRED, NONE_LEFT)
