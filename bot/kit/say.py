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
    part: int = 0
    """Which part of a text too long for one message, counted from 0."""
    lost: bool = False
    """Whether the account did not know what was wanted: the third time, a person is offered."""
    about: Facts | None = None
    """What this spoke of (`instrument`, a time), for words that name nothing; never a person."""

    @property
    def linked(self) -> bool:
        """Whether it gives out an address."""
        return self.link is not None or (self.then is not None and self.then.linked)

    def to_json(self, *, lists: bool = True) -> dict[str, Any]:
        """As it is kept: only what is not as usual.

        Without `lists`, enough to say it again but not what its numbers stand for.
        """
        kept: dict[str, Any] = {"key": self.key}
        for name in _OPTIONAL if lists else _SAID:
            value = getattr(self, name)
            if value != _USUAL[name]:
                kept[name] = value
        if self.link:
            kept["link"] = [self.link.title, self.link.address]
        if self.then:
            kept["then"] = self.then.to_json()
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Say":
        """Back from what was kept."""
        fields = dict(kept)
        for name in ("items", "choices", "more"):
            if name in fields:
                fields[name] = tuple(fields[name])
        if "link" in fields:
            fields["link"] = Link(*fields["link"])
        if "then" in fields:
            fields["then"] = cls.from_json(fields["then"])
        return cls(**fields)


_LISTS = ("choices", "more", "about")
_OPTIONAL = ("args", "items", "first", *_LISTS, "card", "picture", "part", "lost")
_SAID = tuple(name for name in _OPTIONAL if name not in _LISTS)
_USUAL = {name: getattr(Say("", {}), name) for name in _OPTIONAL}


@dataclass(frozen=True, slots=True)
class Answer:
    """A `Say` in words, cut to one message: what goes out."""

    text: str
    say: Say
