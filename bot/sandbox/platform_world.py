"""What the stand-in knows: followers, their windows and credits, templates, media, counts."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.platform_account import Account, Clock
from bot.sandbox.platform_limits import Errcode, Limits
from bot.sandbox.platform_tokens import Tokens

Json = dict[str, Any]
BEIJING = ZoneInfo("Asia/Shanghai")
SPANS = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}
LOGGED = 500
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Grant:
    """Customer-service messages that may still be sent."""

    left: int
    until: datetime


@dataclass(slots=True)
class Follower:
    """One person, as the account sees them."""

    openid: str
    following: bool = True
    followed_at: datetime | None = None
    blacklisted: bool = False
    muted: bool = False
    """They turned the account's messages off."""
    remark: str = ""
    tags: set[int] = field(default_factory=set[int])
    grants: dict[str, Grant] = field(default_factory=dict[str, Grant])
    credits: dict[str, int] = field(default_factory=dict[str, int])
    heard_at: datetime | None = None
    typing_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the account: its title, fields {key: label}, and values that may be used."""

    id: str
    title: str
    fields: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(slots=True)
class Counts:
    """How often something happened in this minute, day or month of Beijing."""

    clock: Clock
    _counts: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def of(self, what: str, span: str) -> int:
        """So far."""
        return self._counts.get((what, self._period(span)), 0)

    def add(self, what: str, span: str, times: int = 1) -> int:
        """Once more; gives the count."""
        key = (what, self._period(span))
        self._counts[key] = self._counts.get(key, 0) + times
        return self._counts[key]

    def clear(self, what: str, span: str) -> None:
        """Begin the present minute, day or month anew."""
        self._counts.pop((what, self._period(span)), None)

    def _period(self, span: str) -> str:
        return self.clock().astimezone(BEIJING).strftime(SPANS[span])


@dataclass
class World:
    """Everything that calls read and change."""

    account: Account
    limits: Limits
    clock: Clock
    chance: random.Random
    push_later: Callable[[Json], None]
    """Give an event to the door, soon."""
    show: Callable[[str, Json], None]
    """Show a message on a phone, soon."""
    followers: dict[str, Follower] = field(default_factory=dict[str, Follower])
    templates: dict[str, Template] = field(default_factory=dict[str, Template])
    kept: dict[str, Json] = field(default_factory=dict[str, Json])
    """Drafts, published articles, mass messages: by their kind and id."""
    logged: dict[str, Json] = field(default_factory=dict[str, Json])
    """Refused calls by their rid."""
    media: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Bytes by media id: uploaded by the account, or sent by followers."""
    uploaded: dict[str, tuple[datetime, str]] = field(
        default_factory=dict[str, tuple[datetime, str]]
    )
    """When the account uploaded a medium, and its type."""
    tags: dict[int, str] = field(default_factory=dict[int, str])
    menu: Json | None = None
    codes: dict[str, Json] = field(default_factory=dict[str, Json])
    """QR codes by ticket."""
    sent: dict[tuple[str, str], tuple[datetime, Any]] = field(
        default_factory=dict[tuple[str, str], tuple[datetime, Any]]
    )
    """Idempotency keys: when used first, and what came of it."""

    def __post_init__(self) -> None:
        self.counts = Counts(self.clock)
        self.tokens = Tokens(self)
        self._numbers = 1000

    def number(self) -> int:
        """A number never given before."""
        self._numbers += 1
        return self._numbers

    def word(self, length: int) -> str:
        """A name never given before."""
        return "".join(self.chance.choices(LETTERS, k=length))

    def follower(self, openid: object) -> Follower:
        """Whoever has this openid."""
        found = self.followers.get(str(openid))
        if found is None:
            raise Errcode(40003)
        return found

    def meet(self, openid: str) -> Follower:
        """The person with this openid, a follower from now on if new."""
        if openid not in self.followers:
            self.followers[openid] = Follower(openid, followed_at=self.clock())
        return self.followers[openid]

    def keep(self, kind: str, thing: Json, length: int = 43) -> str:
        """Keep something under a new id."""
        key = self.word(length)
        self.kept[f"{kind}:{key}"] = {"at": self.clock(), **thing}
        return key

    def find(self, kind: str, key: object) -> Json:
        """What was kept; 40007 when there is no such thing."""
        try:
            return self.kept[f"{kind}:{key}"]
        except KeyError:
            raise Errcode(40007) from None

    def grant(self, openid: str, kind: str) -> None:
        """Open a window for customer-service messages."""
        window = self.limits.window[kind]
        until = self.clock() + timedelta(seconds=window.seconds)
        self.meet(openid).grants[kind] = Grant(window.count, until)

    def check_media(self, media_id: object) -> None:
        """Raise 40007 for a medium that is not there or too old."""
        at, _type = self.uploaded.get(str(media_id), (self.clock(), ""))
        old = self.clock() - at >= self.limits.span("media_seconds")
        if old or str(media_id) not in self.media:
            raise Errcode(self.limits.limit["media_seconds"].code)

    def log(self, rid: str, told: Json) -> None:
        """Remember a call that was refused; the latest are enough."""
        self.logged[rid] = told
        if len(self.logged) > LOGGED:
            del self.logged[next(iter(self.logged))]

    def template(self, template_id: object) -> Template:
        """One of the account's templates."""
        found = self.templates.get(str(template_id))
        if found is None:
            raise Errcode(40037)
        return found

    def followers_now(self) -> list[str]:
        """Everybody who follows, in the order they came."""
        return [f.openid for f in self.followers.values() if f.following]
