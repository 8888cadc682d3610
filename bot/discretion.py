"""What people say in a talk may be personal: it is sealed before it is kept."""

from base64 import b64decode, b64encode
from collections.abc import Set as AbstractSet
from typing import Any

import orjson

from store import privacy
from store.script import to_json

Facts = dict[str, Any]
PRIVATE = frozenset({"talk", "left", "kept", "done"})
"""The parts of a conversation that hold answers."""
SEALED = "sealed"


class Discretion:
    """Seals facts for one person (by number) or one message (by key), and opens them again."""

    def __init__(self, secret: bytes) -> None:
        self._key = privacy.derive(secret, "conversation")

    def closed(self, facts: Facts, whose: int | str, private: AbstractSet[str]) -> Facts:
        """The facts with the private ones sealed into one."""
        hidden = {name: facts[name] for name in private if name in facts}
        if not hidden:
            return facts
        sealed = privacy.seal(self._key, to_json(hidden).encode(), f"conversation:{whose}")
        shown = {name: value for name, value in facts.items() if name not in hidden}
        return shown | {SEALED: b64encode(sealed).decode()}

    def opened(self, facts: Facts, whose: int | str) -> Facts:
        """The facts as they were; what another key sealed is gone."""
        if SEALED not in facts:
            return facts
        sealed = b64decode(facts[SEALED])
        shown = {name: value for name, value in facts.items() if name != SEALED}
        try:
            opened = privacy.unseal(self._key, sealed, f"conversation:{whose}")
        except privacy.Unopenable:
            return shown
        known: Facts = orjson.loads(opened)
        return shown | known
