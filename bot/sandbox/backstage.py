"""Behind the scenes: the clock, how the platform treats the account, what went over the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from bot.sandbox import shapes
from bot.sandbox.chats import Chats, Json
from bot.sandbox.live import Live
from bot.sandbox.phones import Cast
from bot.sandbox.platform import Exchange, Platform, Trouble
from bot.sandbox.platform_account import Kind, Mode

RECORDS = 100
YEAR = timedelta(days=366)
MOST_SLOW = 60.0

Moved = Callable[[datetime], Awaitable[None]]
"""What the account does at once when the clock has been moved: look for due rows."""


class Backstage:
    """What the side panel shows and does."""

    def __init__(
        self, platform: Platform, cast: Cast, chats: Chats, live: Live, moved: Moved | None
    ) -> None:
        self.platform, self.cast, self.chats, self.live = platform, cast, chats, live
        self._moved = moved
        platform.clock.forward(timedelta(seconds=chats.ahead))

    def now(self) -> int:
        """The sandbox's present, in milliseconds since 1970."""
        return _milliseconds(self.platform.clock())

    async def forward(self, to: datetime) -> None:
        """Move the clock to a later moment, at most a year on; raises ValueError."""
        by = to - self.platform.clock()
        if by > YEAR:
            raise ValueError("at most a year at once")
        self.platform.clock.forward(by)
        self.chats.move(self.chats.ahead + by.total_seconds())
        self.live.happened("clock", now=self.now())
        self.live.happened("reach", reach=self.reach())
        if self._moved:
            await self._moved(self.platform.clock())

    def settings(self) -> Json:
        """How the platform treats the account, and how late its answers come."""
        account = self.platform.account
        return {
            "mode": account.mode.value,
            "kind": account.kind.value,
            "slow": self.platform.slow,
            "encrypts": bool(account.aes_key),
        }

    def set(self, mode: str, kind: str, slow: float) -> None:
        """Change that; raises ValueError for what does not exist."""
        account = replace(self.platform.account, mode=Mode(mode), kind=Kind(kind))
        if account.mode is not Mode.PLAIN and not account.aes_key:
            raise ValueError("the account has no AES key")
        if not 0 <= slow <= MOST_SLOW:
            raise ValueError("0 to 60 seconds")
        self.platform.account = account
        self.platform.slow = slow
        self.live.happened("settings", settings=self.settings())

    def break_next(self, path: str, trouble: str) -> None:
        """Let the next call of an API path go wrong: a code or a Trouble; raises ValueError."""
        code = trouble.removeprefix("-").isdigit()
        self.platform.inject(path, int(trouble) if code else Trouble(trouble))

    def reach(self) -> dict[str, Json]:
        """How many customer-service messages may still go to each phone, and until when."""
        return {phone.key: self._reach(phone.openid) for phone in self.cast.phones}

    def _reach(self, openid: str) -> Json:
        follower, now = self.platform.world.followers.get(openid), self.platform.clock()
        grants = follower.grants.values() if follower and follower.following else ()
        usable = [grant for grant in grants if grant.until > now and grant.left]
        until = max((grant.until for grant in usable), default=now)
        return {"left": sum(grant.left for grant in usable), "until": _milliseconds(until)}

    def records(self) -> list[Json]:
        """The latest exchanges, a line each, oldest first."""
        return [self._line(exchange) for exchange in list(self.platform.exchanges)[-RECORDS:]]

    def record(self, number: int) -> Json | None:
        """One exchange, as the bytes went; None when it is too long ago."""
        for exchange in self.platform.exchanges:
            if exchange.number == number:
                return asdict(exchange) | {"at": _milliseconds(exchange.at)}
        return None

    def recorded(self, exchange: Exchange) -> None:
        """Tell the pages of one more."""
        self.live.happened("record", record=self._line(exchange))
        self.live.happened("reach", reach=self.reach())

    def _line(self, exchange: Exchange) -> Json:
        phone = self.cast.by_openid(exchange.openid)
        return shapes.summary(exchange, phone.key if phone else None)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
