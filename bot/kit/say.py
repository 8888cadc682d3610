"""What a handler returns, as a value. The words stand in the texts; the account's door sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A page of ours that opens from the chat."""

    title: str
    """Key of the words that are tapped."""
    address: str


@dataclass(frozen=True, slots=True)
class Say:
    """One answer: a key into the texts and what fills its placeholders (JSON values only)."""

    key: str
    args: Facts = field(default_factory=dict[str, Any])
    items: tuple[Facts, ...] = ()
    """Numbered lines, in the words of `<key>.item`."""
    first: int = 1
    """The number of the first item."""
    choices: tuple[str, ...] = ()
    """What each number stands for, as one would type it: `1` means `choices[0]`."""
    more: tuple[str, Facts] | None = None
    """What `下一页` runs: the name it was registered under, and what it needs to go on."""
    card: Facts | None = None
    """Shown as an article: title, description, picture, address (at most one)."""
    link: Link | None = None
    picture: str | None = None
    """A picture of ours by its name in the file store."""
    then: "Say | None" = None
    """Said below, in the same message: the open question put again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A `Say` in words, cut to one message: what goes out."""

    text: str
    say: Say
