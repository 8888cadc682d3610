"""Kinds of answers: how each is read from a message, kept as JSON, shown, and put into a form."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from bot.kit import moments, reading
from bot.kit.reading import VOCABULARY, OutOfRange, TooLong, Unreadable
from bot.kit.say import Facts

T = TypeVar("T")


def _itself(value: Any) -> Any:  # noqa: ANN401 - JSON as it is
    return value


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """One of several answers to choose from."""

    value: T
    """What is kept: a JSON value."""
    label: str
    """What is read and shown; unlike every other in its list."""
    facts: Facts = field(default_factory=dict[str, Any])
    """What else its numbered line may say."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How one kind of answer is read and kept."""

    name: str
    read: Callable[[str, datetime], T]
    """The words and the present moment to a value; raises `Refused`."""
    dump: Callable[[T], Any] = _itself
    load: Callable[[Any], T] = _itself
    show: Callable[[T], str] = str
    """The value as the summary says it."""
    read_fitting: Callable[[str, datetime, Callable[[T], bool]], T] | None = None
    """The same, where of several values only those can be meant that fit (see `ask`)."""
    options: tuple[Option[T], ...] = ()
    """What is offered, numbered, when there is a fixed choice."""
    free: bool = False
    """Whether nearly any words are an answer, so that a command must go before."""
    form: str = "text"
    """The type of its `input` in a page."""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """The attributes `min`, `max`, `maxlength` of its `input`."""


def words(longest: int) -> Kind[str]:
    """A text of 1 to `longest` characters, kept as typed."""

    def read(said: str, _now: datetime) -> str:
        text = reading.clean(said)
        if not text:
            raise Unreadable
        if len(text) > longest:
            raise TooLong(longest)
        return text

    return Kind("words", read, free=True, limits={"maxlength": longest})


def whole(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`, with or without a measure word (`3`, `三台`)."""

    def read(said: str, _now: datetime) -> int:
        value = reading.count(said)
        if value is None:
            raise Unreadable
        if not low <= value <= high:
            raise OutOfRange(low, high)
        return value

    return Kind("whole", read, form="number", limits={"min": low, "max": high})


def one_of(options: Mapping[str, str | Sequence[str]]) -> Kind[str]:
    """One of a fixed few: `{value: label}` or `{value: (label, synonym, …)}`."""
    names = {
        key: (said,) if isinstance(said, str) else tuple(said) for key, said in options.items()
    }
    meant = {reading.bare(name): key for key, several in names.items() for name in several}
    if len(meant) != sum(len(several) for several in names.values()):
        raise ValueError(f"two options share a name: {names}")
    offered = tuple(Option(key, several[0]) for key, several in names.items())

    def read(said: str, _now: datetime) -> str:
        key = meant.get(reading.bare(said))
        if key is None:
            raise Unreadable
        return key

    def show(value: str) -> str:
        return names[value][0]

    return Kind("one_of", read, load=_one_among(names), show=show, options=offered, form="radio")


def _one_among(names: Mapping[str, object]) -> Callable[[Any], str]:
    def load(value: Any) -> str:  # noqa: ANN401 - JSON
        if value not in names:
            raise Unreadable
        return str(value)

    return load


def _yes_or_no(said: str, _now: datetime) -> bool:
    answer = reading.yes(said)
    if answer is None:
        raise Unreadable
    return answer


def _show_yes(value: bool) -> str:  # noqa: FBT001 - it is the value
    return str(VOCABULARY["show"]["yes" if value else "no"])


_NAME = re.compile(r"[^\W\d_]+(?:[ ·.'-][^\W\d_]+)*\.?")


def _person(said: str, _now: datetime) -> str:
    name = " ".join(reading.clean(said).split()).replace("•", "·")
    if not 2 <= len(name) <= 40 or not _NAME.fullmatch(name):
        raise Unreadable
    return name


def _phone(said: str, _now: datetime) -> str:
    return reading.phone(said)


def masked(number: str) -> str:
    """A phone number as it may be shown: `138****1234`."""
    return f"{number[:3]}****{number[-4:]}"


yes_or_no: Kind[bool] = Kind("yes_or_no", _yes_or_no, show=_show_yes, form="checkbox")
"""Yes or no."""
day: Kind[date] = Kind(
    "day", moments.read_day, date.isoformat, date.fromisoformat, moments.show_day, form="date"
)
"""A day of the calendar."""
moment: Kind[datetime] = Kind(
    "moment",
    moments.read_moment,
    datetime.isoformat,
    datetime.fromisoformat,
    moments.show_moment,
    form="datetime-local",
)
"""An instant: a day and a time of day, aware."""
period: Kind[moments.Period] = Kind(
    "period",
    moments.read_period,
    moments.Period.to_json,
    moments.Period.from_json,
    moments.show_period,
    read_fitting=moments.read_period,
)
"""From when to when, or some time in a day or a part of it; see `moments.Scope`."""
phone: Kind[str] = Kind("phone", _phone, show=masked, form="tel", limits={"maxlength": 20})
"""A telephone number."""
name: Kind[str] = Kind("name", _person, free=True, limits={"maxlength": 40})
"""A person's name."""
