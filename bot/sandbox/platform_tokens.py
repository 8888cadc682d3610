"""The stand-in's tokens: stable ones, classic ones (each kind by itself), and JS tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.sandbox.platform_limits import Errcode

if TYPE_CHECKING:
    from bot.sandbox.platform_world import World

STABLE, CLASSIC, TICKET = "stable", "classic", "ticket"
VOID, EXPIRED = 40001, 42001


@dataclass(frozen=True, slots=True)
class Issued:
    """A value and its end."""

    value: str
    until: datetime


class Tokens:
    """What was given out, and until when it holds."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._newest: dict[str, Issued] = {}
        self._ends: dict[str, tuple[datetime, int]] = {}  # and what is said afterwards
        self._forced_at: datetime | None = None

    def stable(self, *, force: bool) -> Issued:
        """The same for everybody until shortly before its end; forced: a new one, the old void."""
        if force:
            self._check_force()
            return self._replace(STABLE, timedelta())
        newest = self._newest.get(STABLE)
        early = self._world.limits.span("token_early_seconds")
        if newest and newest.until - self._world.clock() > early:
            return newest
        return self._issue(STABLE)

    def classic(self) -> Issued:
        """A new one each time; the one before holds a little longer."""
        return self._replace(CLASSIC, self._world.limits.span("token_overlap_seconds"))

    def ticket(self) -> Issued:
        """The JS ticket, the same until its end."""
        newest = self._newest.get(TICKET)
        return newest if newest and newest.until > self._world.clock() else self._issue(TICKET)

    def rotate(self) -> None:
        """Void the stable token, as another system's force does."""
        self._replace(STABLE, timedelta())

    def check(self, value: str | None) -> None:
        """Raise when a call may not be made with this token."""
        if not value:
            raise Errcode(41001)
        until, code = self._ends.get(value, (self._world.clock(), VOID))
        if until <= self._world.clock():
            raise Errcode(code)

    def _check_force(self) -> None:
        world, now = self._world, self._world.clock()
        gap = world.limits.span("force_gap_seconds")
        if self._forced_at and now - self._forced_at < gap:
            raise Errcode(world.limits.limit["force_gap_seconds"].code)
        world.limits.at_most("force_a_day", world.counts.add("force", "day"))
        self._forced_at = now

    def _replace(self, kind: str, overlap: timedelta) -> Issued:
        newest = self._newest.get(kind)
        if newest:
            self._ends[newest.value] = min(newest.until, self._world.clock() + overlap), VOID
        return self._issue(kind)

    def _issue(self, kind: str) -> Issued:
        lifetime = "ticket_seconds" if kind == TICKET else "token_seconds"
        until = self._world.clock() + self._world.limits.span(lifetime)
        issued = Issued(f"{self._world.number()}_{self._world.word(120)}", until)
        self._newest[kind] = issued
        if kind != TICKET:
            self._ends[issued.value] = until, EXPIRED
        return issued
