"""What can go wrong between us and the platform.

    PlatformError
    ├── Refusal        the platform answered with an error code
    ├── Halted         we did not even ask: an earlier code forbids it for now
    ├── Unreachable    nothing was sent
    └── AnswerLost     it was sent, and what came of it is unknown

None of them ever holds a token, a secret or a query.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.wechat.codes import Reaction

ADDRESS = re.compile(r"invalid ip ([0-9A-Fa-f.:]+)")
FIELD = re.compile(r"data\.(\w+)\.value (?:invalid|is empty|emtpy|is emtpy)")
RID = re.compile(r"rid: ?([\w-]+)")


@dataclass(eq=False)
class PlatformError(Exception):
    """A call of the platform's API did not give an answer that we can use."""

    path: str
    """Which call, as `message/custom/send`."""

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.path}"


@dataclass(eq=False)
class Unreachable(PlatformError):  # noqa: N818
    """No connection: nothing was sent, asking again is harmless."""


@dataclass(eq=False)
class AnswerLost(PlatformError):  # noqa: N818
    """Sent; then no answer, a broken one, or HTTP 5xx: it may have been done."""

    why: str = ""

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.why}"


@dataclass(eq=False)
class Refusal(PlatformError):  # noqa: N818
    """The platform said no (or HTTP 4xx, then the status is the code)."""

    code: int
    message: str = ""

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.code} {self.message}"

    @property
    def rid(self) -> str:
        """The platform's number of the call, for its own log."""
        return _first(RID, self.message)

    @property
    def address(self) -> str:
        """The IP address that the platform does not know (40164), or empty."""
        return _first(ADDRESS, self.message)

    @property
    def field(self) -> str:
        """The template field at fault (47003), or empty."""
        return _first(FIELD, self.message)


@dataclass(eq=False)
class Halted(PlatformError):  # noqa: N818
    """Calls of this kind are stopped until a moment, because of a code that came before."""

    code: int
    until: datetime
    reaction: Reaction

    def __str__(self) -> str:
        return f"{super().__str__()}: stopped by {self.code} until {self.until.isoformat()}"


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
