"""Which calls are stopped for now: all of them, one API, or one kind of message."""

from datetime import datetime

from bot.wechat.codes import Reaction, rule
from bot.wechat.errors import Halted, Refusal

ALL = "*"
STOPS = {Reaction.STOP_API, Reaction.SLOW_DOWN}
"""Reactions that stop the whole path; `disable_feature` stops the feature, `fatal` everything."""


class Breaker:
    """Remembers codes that forbid further calls, until their time is over."""

    def __init__(self) -> None:
        self._stops: dict[str, tuple[datetime, int, Reaction]] = {}

    def check(self, path: str, feature: str, now: datetime) -> None:
        """Raise Halted when this call is stopped."""
        for scope in (ALL, path, feature):
            stop = self._stops.get(scope)
            if stop and stop[0] > now:
                until, code, reaction = stop
                raise Halted(path, code, until, reaction)

    def learn(self, refusal: Refusal, feature: str, now: datetime) -> bool:
        """Take a code's consequences; whether settings must be mended by a person."""
        reaction = rule(refusal.code).at(refusal.path)
        scope = _scope(reaction, refusal.path, feature)
        if scope:
            self._stops[scope] = rule(refusal.code).ends(now), refusal.code, reaction
        return reaction is Reaction.FATAL

    def reset(self) -> None:
        """Forget all stops: an operator mended the settings."""
        self._stops.clear()


def _scope(reaction: Reaction, path: str, feature: str) -> str:
    if reaction is Reaction.FATAL:
        return ALL
    if reaction is Reaction.DISABLE_FEATURE:
        return feature
    return path if reaction in STOPS else ""
