"""Whom the stand-in plays the platform for: the account, its mode and kind; and its clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Mode(StrEnum):
    """How the platform talks to the account's door (wechat-platform.md 2.1)."""

    PLAIN = "plain"  #: 明文: signed, not encrypted
    COMPATIBLE = "compatible"  #: 兼容: both in one body
    SAFE = "safe"  #: 安全: encrypted only


class Kind(StrEnum):
    """What the account may do (wechat-platform.md 2.10), named as in YIXIANG_WECHAT_ACCOUNT."""

    SERVICE = "service"  #: verified 服务号
    SUBSCRIPTION = "subscription"  #: verified 订阅号
    TEST = "test"  #: the platform's own test account
    UNVERIFIED = "unverified"  #: 服务号 not verified


@dataclass(frozen=True, slots=True)
class Account:
    """What the platform knows of the account whose door it calls."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    """Signs what the platform sends to the door."""
    aes_key: str = field(default="", repr=False)
    """EncodingAESKey, 43 characters; empty only in plain mode."""
    mode: Mode = Mode.SAFE
    kind: Kind = Kind.SERVICE
    name: str = "gh_5a6d1f2e3b4c"
    """The account's original id: `ToUserName` of what it hears."""
    json: bool = False
    """Whether bodies are JSON instead of XML."""


class Clock:
    """The time in the sandbox: that of `source`, moved forward by hand."""

    def __init__(self, source: Callable[[], datetime]) -> None:
        self._source = source
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """The present moment, aware."""
        return self._source() + self._ahead

    def forward(self, by: timedelta) -> datetime:
        """Move on by a positive span; gives the new present."""
        if by < timedelta():
            raise ValueError("time goes forward only")
        self._ahead += by
        return self()
