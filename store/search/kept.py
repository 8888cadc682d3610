"""What was worked out, kept ready; what is asked for again outlives what is asked for once."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by what was asked for; of both kinds so many, the longest kept let go of first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._once: dict[K, V] = {}
        self._again: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What is kept, if it is."""
        value = self._again.get(key)
        if value is None and key in self._once:
            value = self._once.pop(key)
            self._hold(self._again, key, value)
        return value

    def put(self, key: K, value: V) -> V:
        """Keep a value, asked for the first time; gives it back."""
        self._hold(self._once, key, value)
        return value

    def clear(self) -> None:
        """Let go of all."""
        self._once.clear()
        self._again.clear()

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def _hold(self, kept: dict[K, V], key: K, value: V) -> None:
        if len(kept) >= self._most:
            for old in list(kept)[: self._most // 2]:
                del kept[old]
        kept[key] = value
