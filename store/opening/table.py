"""When something is open in a week, as a value."""

from dataclasses import dataclass
from datetime import date, timedelta

from store.opening.cells import WORKING, Hours, empty, fill
from store.stretch import DAY
from store.workdays import sort

WHOLE_DAY: Hours = ((0, DAY),)
OFFICE: Hours = ((8 * 60 + 30, 17 * 60 + 30),)
"""Hours of a day of which words say only that it is open; terms put the policy's in their place."""
NEVER: tuple[Hours, ...] = tuple(empty())
ALWAYS: tuple[Hours, ...] = (WHOLE_DAY,) * len(NEVER)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the words say. Of what they do not say, nothing is made up: `known` is False."""

    words: str = ""
    table: tuple[Hours, ...] = NEVER
    """The hours of each weekday from Monday, thrice: plain, on a public holiday, made up."""
    asked: tuple[Hours, ...] = ALWAYS
    """When it may be open beside that, as arranged with its unit."""
    known: bool = False
    """Whether the words tell when it is open; else its unit is asked."""
    assumed: bool = False
    """Whether days or hours that the words leave out are the office's."""
    arranged: bool = False
    """Whether the words speak of arranging it with the unit (预约开放)."""
    notice: timedelta | None = None
    """How long before one must book, where the words say so."""
    notice_working: bool = False
    """Whether the days of notice are working days."""
    unread: tuple[str, ...] = ()
    """What of the words was not understood."""

    @property
    def asks(self) -> bool:
        """Whether only the unit can say if a time will do."""
        return not self.known or self.arranged or bool(self.unread)

    def on(self, day: date) -> Hours:
        """When it is open on a day."""
        return self.table[day.weekday() * 3 + sort(day)]

    def on_request(self, day: date) -> Hours:
        """When it may be open on a day beside its hours, as arranged."""
        return self.asked[day.weekday() * 3 + sort(day)]


def weekly(hours: Hours = OFFICE, *, words: str = "") -> Opening:
    """Open on working days at these hours."""
    table = empty()
    fill(table, WORKING, hours)
    return Opening(words=words, table=tuple(table), asked=NEVER, known=True)
