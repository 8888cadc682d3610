"""What the platform says later of messages that it took, and of subscriptions: gathered, written.

These events come by the thousand and answer nobody, so they pass the desk by. One may come before
what it is about is settled: then it is looked for again, a few times.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.kit.heard import Act, Heard
from bot.kit.say import Answer
from store import delivery, reach
from store.database import Database
from store.delivery import Word

Hear = Callable[[Heard], Awaitable[Answer | None]]
Row = Mapping[str, Any]
PATIENCE = 5
"""How often a word is looked for whose message is not settled yet."""
FINISHED = "templatesendjobfinish"
SENT = "subscribe_msg_sent_event"
ASKED = frozenset({"subscribe_msg_popup_event", "subscribe_msg_change_event"})
MOST = 100_000
"""Words kept in mind; beyond these the oldest go."""


class Closing:
    """Takes these events beside the desk, and writes them a batch at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._words: list[tuple[Word, int]] = []
        self._credits: list[tuple[str, str, bool]] = []

    def beside(self, hear: Hear) -> Hear:
        """A way in that keeps these events from the desk."""

        async def heard_by(heard: Heard) -> Answer | None:
            return None if heard.act is Act.EVENT and self.take(heard) else await hear(heard)

        return heard_by

    def take(self, heard: Heard) -> bool:
        """Keep an event in mind; False when it is none of these."""
        if heard.words == FINISHED:
            status = str(heard.facts.get("Status", ""))
            self._note(heard.facts.get("MsgID"), status, arrived=status.startswith("success"))
        elif heard.words == SENT:
            for row in _rows(heard):
                code = str(row.get("ErrorCode", ""))
                status = f"{code} {row.get('ErrorStatus', '')}".strip()
                self._note(row.get("MsgID"), status, arrived=code == "0")
        elif heard.words in ASKED:
            self._credits += [
                (heard.openid, str(row.get("TemplateId", "")), _accepted(row))
                for row in _rows(heard)
            ]
        else:
            return False
        return True

    async def write(self, now: int) -> None:
        """Write what was gathered."""
        words, self._words = self._words[-MOST:], []
        told, self._credits = self._credits[-MOST:], []
        if told:
            await self._database.run(reach.credit(told, now), writes=True)
        if words:
            script = delivery.close([word for word, _ in words], now)
            found = await self._database.run(script, writes=True)
            again = [(word, tried + 1) for word, tried in words if word.receipt not in found]
            self._words += [each for each in again if each[1] < PATIENCE]

    def _note(self, receipt: object, status: str, *, arrived: bool) -> None:
        if receipt:
            self._words.append((Word(str(receipt), status[:100], arrived), 0))


def _rows(heard: Heard) -> Sequence[Row]:
    rows = heard.facts.get("List") or []
    return [row for row in rows if isinstance(row, Mapping)]


def _accepted(row: Row) -> bool:
    return row.get("SubscribeStatusString") == "accept"
