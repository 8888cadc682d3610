"""What a question found."""

from dataclasses import dataclass
from enum import StrEnum

LIMIT = 24
"""How many instruments of an answer are kept: more than anyone turns the pages of."""


class How(StrEnum):
    """How well the question was met."""

    ALL = "all"  #: every word of it
    SOME = "some"  #: not every word; `left_out` says which were not
    NONE = "none"  #: nothing is like it


@dataclass(frozen=True, slots=True)
class Found:
    """The best instruments first; what a list is made of."""

    total: int
    ids: tuple[int, ...]
    version: int
    """The catalogue's change counter at which it was found."""
    meant: str = ""
    """How the question was understood, where that is not how it was typed."""
    how: How = How.ALL
    left_out: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    """Conditions that nothing met together with the rest, as they are said."""
    need: bool = False
    """Whether it was understood as a need, not as a name."""
    hint: str = ""
    """What decides between the kinds of instruments that meet a need."""
    lacks: tuple[str, ...] = ()
    """Kinds of instruments that would meet the need, where the catalogue has none of them."""
    narrowed: bool = False
    """Whether the question holds a condition."""
    away: tuple[float | None, ...] = ()
    """Kilometres to each, when a place was given; None where it is not known."""
