r"""Copy: what the account says stands in `texts/<topic>.toml`; code holds keys only.

    [card]                              # the key `search.card`, in search.toml
    text = "{name}（{number}）\n  {organisation} · {county}"
    item = "{n}. {label}"               # one numbered line, from the facts of an item
    tail = "回复序号看详情，[[下一页]]看其余。"

A line whose every placeholder is empty vanishes, and so does a piece between ` · `.
`[[label|words]]` is a tap that types the words for people; `[[words]]` is its own label.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self, TypeAlias

from bot.kit.say import Say
from store.errors import Refused

Tap: TypeAlias = Callable[[str, str], str]
"""A label and the words that a tap on it types, as the platform writes that."""


def untapped(label: str, words: str) -> str:
    """A tap where there are none: its label."""
    del words
    return label


class Texts:
    """All copy, compiled."""

    @classmethod
    def load(cls, dirs: Iterable[Path], tap: Tap = untapped, link: Tap = untapped) -> Self:
        """Read every `.toml` of the folders; raises `TextError` naming each mistake.

        `tap(label, words)` writes a tap, `link(title, address)` a link.
        """
        raise NotImplementedError

    def compose(self, say: Say) -> str:
        """A `Say` in words; raises `KeyError` for a key that has none."""
        raise NotImplementedError

    def keys(self) -> frozenset[str]:
        """Every key that has a text."""
        raise NotImplementedError

    def refusal(self, topic: str, refused: Refused) -> Say:
        """A refusal as an answer, in the topic's words if it has its own, else the house's."""
        raise NotImplementedError
