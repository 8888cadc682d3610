"""What to do when the platform answers with an error code: the table of `codes.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
STABLE_TOKEN = "stable_token"  # noqa: S105 - the path of the token's own call
TABLE = Path(__file__).with_name("codes.toml")


class Reaction(StrEnum):
    """The kinds of things to do about a code."""

    RETRY_TOKEN = "retry_token"  # noqa: S105 #: get another token, ask once more
    BACK_OFF = "back_off"  #: wait a little, ask again if asking twice is harmless
    DROP = "drop"  #: never for this person
    MARK_UNSUBSCRIBED = "mark_unsubscribed"  #: the person left
    MUTE = "mute"  #: the person, or the account, shut the other out
    ZERO_CREDIT = "zero_credit"  #: no subscription credit left for this template
    CLOSE_WINDOW = "close_window"  #: no customer-service window; another channel
    DEFER_CONTACT = "defer_contact"  #: wait until the person writes again
    STOP_API = "stop_api"  #: no call of this API until the quota is new
    SLOW_DOWN = "slow_down"  #: no call of this API for a minute
    FIX = "fix"  #: the message is at fault; the same one never again
    DISABLE_TEMPLATE = "disable_template"  #: the template is gone
    DISABLE_FEATURE = "disable_feature"  #: the account may not; do without
    FATAL = "fatal"  #: settings are wrong: stop calling, alert
    ALREADY_DONE = "already_done"  #: a success
    WAIT = "wait"  #: the same again, later
    REUPLOAD = "reupload"  #: the picture must go up again
    RESTART_OAUTH = "restart_oauth"  #: send the person through the authorisation again
    IGNORE = "ignore"  #: nothing was lost


@dataclass(frozen=True, slots=True)
class Rule:
    """One code's row."""

    reaction: Reaction
    means: str
    wait: timedelta = timedelta()
    until_tomorrow: bool = False
    on_token: Reaction | None = None
    """What to do instead when the refused call was the one that asks for a token."""

    def at(self, path: str) -> Reaction:
        """The reaction when this path was refused."""
        return self.on_token if self.on_token and path == STABLE_TOKEN else self.reaction

    def ends(self, now: datetime) -> datetime:
        """When calls may go on."""
        return tomorrow(now) if self.until_tomorrow else now + self.wait


UNKNOWN = Rule(Reaction.FIX, "a code that the table does not know")


def rule(code: int) -> Rule:
    """The row of a code; one that is not in the table is never tried again."""
    return table().get(code, UNKNOWN)


@cache
def table() -> dict[int, Rule]:
    """All rows, by code."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))
    return {int(code): _rule(**row) for code, row in rows.items()}


def _rule(
    reaction: str, means: str, wait: float = 0, until: str = "", token: str | None = None
) -> Rule:
    if until not in {"", "tomorrow"}:
        raise ValueError(f"until = {until!r}")
    return Rule(
        Reaction(reaction),
        means,
        timedelta(seconds=wait),
        until_tomorrow=until == "tomorrow",
        on_token=Reaction(token) if token else None,
    )


def tomorrow(now: datetime) -> datetime:
    """The next midnight in Beijing, when the platform's daily quotas are new."""
    day = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
