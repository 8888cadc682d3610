"""Facts of a notice: kept as JSON while it waits, in words when it is told.

Moments, periods and money stay apart from plain text and numbers, for a message writes them in one
way and a template's field in another. Facts that may be personal are sealed for one person.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from bot.kit.moments import HERE, Period, show_moment, show_period
from store import privacy
from store.money import yuan
from store.script import to_json

Facts: TypeAlias = Mapping[str, Any]


class Fen(int):
    """Money among the facts."""


def closed(facts: Facts) -> dict[str, Any]:
    """Facts as JSON; what is None is left out."""
    return {name: _closed(value) for name, value in facts.items() if value is not None}


def _closed(value: Any) -> Any:  # noqa: ANN401 - whatever a fact is
    if isinstance(value, datetime):
        return {"at": value.timestamp()}
    if isinstance(value, tuple):
        start, end = value
        return {"from": start.timestamp(), "to": end.timestamp()}
    return {"fen": int(value)} if isinstance(value, Fen) else value


def opened(kept: Facts) -> dict[str, Any]:
    """Facts as they were."""
    return {name: _opened(value) for name, value in kept.items()}


def _opened(value: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return value
    if value.keys() == {"at"}:
        return datetime.fromtimestamp(value["at"], HERE)
    if value.keys() == {"from", "to"}:
        start, end = value["from"], value["to"]
        return datetime.fromtimestamp(start, HERE), datetime.fromtimestamp(end, HERE)
    return Fen(value["fen"]) if value.keys() == {"fen"} else value


def in_words(facts: Facts) -> dict[str, Any]:
    """Facts as the texts' placeholders take them."""
    return {name: _in_words(value) for name, value in facts.items()}


def _in_words(value: Any) -> Any:  # noqa: ANN401 - a fact
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, tuple):
        return show_period(Period(*value))
    return yuan(value) if isinstance(value, Fen) else value


class Seals:
    """Seals private facts for one person, and opens them."""

    def __init__(self, secret: bytes) -> None:
        self._key = privacy.derive(secret, "notice")

    def closed(self, private: Facts, person_id: int) -> str | None:
        """The facts as one sealed text; nothing where there are none."""
        if not private:
            return None
        plain = to_json(closed(private)).encode()
        return b64encode(privacy.seal(self._key, plain, f"notice:{person_id}")).decode()

    def opened(self, sealed: str | None, person_id: int) -> dict[str, Any]:
        """The facts again; what another key sealed is gone."""
        if not sealed:
            return {}
        try:
            plain = privacy.unseal(self._key, b64decode(sealed), f"notice:{person_id}")
        except privacy.Unopenable:
            return {}
        kept: dict[str, Any] = orjson.loads(plain)
        return opened(kept)
