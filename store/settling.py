"""What became of rows that were sent: written for a whole batch, and only by whoever claimed it."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.delivery import Result
from store.dispatch import LOG, LOG_TYPES, SET, SET_TYPES
from store.outbox import Channel, Outcome, Why
from store.script import Script, Statement

_MINE = """
   and outbox.claim = batch.claim
returning outbox.id
"""


@dataclass(slots=True)
class Ended:
    """What became of one row that was sent, or was to be."""

    id: int
    person_id: int
    result: Result
    at: int
    """When it is looked at again, where it is not over."""
    outcome: Outcome | None = None
    channel: Channel | None = None
    """By what it was sent."""
    template: str = ""
    again: bool = False
    """The same channel once more: it may have gone out."""
    tried_at: int | None = None
    why: Why | None = None
    detail: str = ""
    receipt: str = ""


def settle(ended: Sequence[Ended], token: int, now: int) -> Script[set[int]]:
    """Write what became of rows of a claim; gives those that were still its own."""
    rows = [
        (
            each.id,
            each.at,
            each.channel.value if each.channel and (each.outcome or each.again) else None,
            each.tried_at if each.outcome or each.again else None,
            now if each.outcome else None,
            each.outcome.value if each.outcome else None,
            token,
            0,
        )
        for each in ended
    ]
    mine = {row[0] for row in (yield Statement(SET + _MINE, SET_TYPES, rows))}
    logged = [
        (
            each.id,
            now,
            each.channel.value if each.channel else None,
            each.result.value,
            each.why.value if each.why else None,
            each.detail or None,
            each.receipt or None,
        )
        for each in ended
    ]
    yield Statement(LOG, LOG_TYPES, logged)
    return mine
