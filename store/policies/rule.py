"""What a rule is: a value, and the document and article that it comes from."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class PolicyBroken(ValueError):  # noqa: N818 - said of the file, not of the program
    """A policy file has an unknown, missing or malformed key; the message names it."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One value and where it stands. Without a document it is this account's own default."""

    value: T
    document: str = ""
    article: str = ""

    @property
    def cite(self) -> str:
        """The document and article in one, for `依据{cite}`; empty for an own default."""
        return self.document + self.article


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many days; working days when `working`."""

    days: int
    working: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """How the region's account and its bureau are called and reached; an empty one is left out."""

    region: str
    account: str
    bureau: str
    hours: str = ""
    phone: str = ""
    place: str = ""
