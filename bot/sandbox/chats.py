"""What each phone shows: kept in memory, and in a file so that a restart forgets nothing."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SHOWN = 200


class Side(StrEnum):
    """Who says it."""

    OWN = "own"
    ACCOUNT = "account"
    NOTE = "note"  #: the phone itself: followed, scanned, no answer


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a phone shows it; `form` and `facts` as `static/bubble.js` draws them."""

    number: int
    phone: str
    side: Side
    form: str
    facts: Mapping[str, Any]
    at: int
    """Milliseconds since 1970, by the sandbox's clock."""

    def as_json(self) -> Json:
        """All of it, as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


class Chats:
    """All phones' messages, who follows, and how far ahead the clock is."""

    def __init__(self, path: Path | None = None) -> None:
        self.following: dict[str, bool] = {}
        self.ahead = 0.0
        """Seconds that the clock had been moved forward by."""
        self._path = path
        self._bubbles: dict[str, deque[Bubble]] = {}
        self._records: dict[int, tuple[int, ...]] = {}
        self._last = 0
        if path and path.exists():
            self._load(path)
        self._numbers = count(self._last + 1)

    def add(self, phone: str, side: Side, form: str, facts: Json, at: datetime) -> Bubble:
        """Show something on a phone."""
        moment = int(at.timestamp() * 1000)
        bubble = Bubble(next(self._numbers), phone, side, form, facts, moment)
        self._keep(bubble)
        self._write({"bubble": bubble.as_json()})
        return bubble

    def explain(self, bubble: Bubble, records: tuple[int, ...]) -> None:
        """Remember which exchanges are behind a bubble, by number, while the process lives."""
        self._records[bubble.number] = records

    def behind(self, number: int) -> tuple[int, ...]:
        """The exchanges behind a bubble."""
        return self._records.get(number, ())

    def of(self, phone: str) -> tuple[Bubble, ...]:
        """What a phone shows, oldest first."""
        return tuple(self._bubbles.get(phone, ()))

    def follow(self, phone: str, *, on: bool) -> None:
        """Note that a phone follows, or no longer does."""
        self.following[phone] = on
        self._write({"following": {phone: on}})

    def move(self, ahead: float) -> None:
        """Note by how many seconds the clock is ahead."""
        self.ahead = ahead
        self._write({"ahead": ahead})

    def _keep(self, bubble: Bubble) -> None:
        self._last = max(self._last, bubble.number)
        self._bubbles.setdefault(bubble.phone, deque(maxlen=SHOWN)).append(bubble)

    def _write(self, fact: Json) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(fact))  # a line cut short by a kill ends here

    def _load(self, path: Path) -> None:
        for line in path.read_text("utf-8", errors="replace").split("\n"):
            try:
                self._recall(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError):
                continue  # empty, or cut short by a killed process

    def _recall(self, fact: Json) -> None:
        self.following.update(fact.get("following", {}))
        self.ahead = float(fact.get("ahead", self.ahead))
        if one := fact.get("bubble"):
            self._keep(Bubble(**{**one, "side": Side(one["side"])}))
