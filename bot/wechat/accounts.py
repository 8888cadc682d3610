"""What an account of each type may send, and how much: the table of `accounts.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from store.outbox import Channel

TABLE = Path(__file__).with_name("accounts.toml")
SECONDS = {"day": 86_400, "minute": 60}

Quotas = dict[Channel, dict[int, int]]


@cache
def quotas(account: str) -> Quotas:
    """By channel, the most messages in so many seconds; a channel that is missing is closed."""
    table = tomllib.loads(TABLE.read_text("utf-8"))[account]
    return {
        Channel(channel): {SECONDS[span]: most for span, most in row.items()}
        for channel, row in table.items()
    }
