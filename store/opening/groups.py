"""Days and hours as they are told one after the other, gathered into what belongs together."""

from dataclasses import dataclass, field

from store.opening.cells import (
    EVERY,
    HOLIDAYS,
    WEEK,
    WORKING,
    Cells,
    Hours,
    Span,
    Table,
    clear,
    empty,
    fill,
    weekdays,
)
from store.stretch import DAY, merge, within
from store.workdays import Sort

WHOLE: Span = (0, DAY)


@dataclass(slots=True)
class Group:
    """Days, and the hours that were told of them."""

    days: Cells = frozenset()
    spans: list[Span] = field(default_factory=list[Span])
    linked: bool = False
    """Whether only a weak break stands before it."""
    tail: int = 0
    """Where those hours begin that were told since the last break."""
    usual: bool = False
    """Whether the hours are those of other days."""
    every: bool = False
    """Whether hours without days are of every day."""
    late: bool = False
    """Whether the days were told after the hours."""

    @property
    def takes_days(self) -> bool:
        """Whether days that follow closely belong to those already told."""
        return self.late or not (self.spans or self.usual)


class Groups:
    """What was told so far."""

    def __init__(self, office: Hours) -> None:
        self.office = office
        self.open: list[Group] = []
        self.shut: list[Group] = []
        self.asked: Cells = frozenset()
        """Days that are open as arranged."""
        self.excepting = False
        """Whether days that come are excepted."""
        self.assumed = False
        self.holidays_too = False
        self.others = False
        """Whether other days than those told are spoken of."""
        self._sep = "strong"
        self._fresh: Group | None = None
        """The group of which days or hours were told since the last break."""

    @property
    def run(self) -> Group | None:
        """The group that is being told."""
        return self.open[-1] if self.open else None

    @property
    def until(self) -> int:
        """Where the hours end that were told last; 0 where there are none."""
        return self.run.spans[-1][1] if self.run and self.run.spans else 0

    def pause(self, kind: str) -> None:
        """A break of some strength."""
        if kind != "and":
            self._fresh, self.excepting = None, False
        self._sep = kind

    def say_days(self, days: Cells) -> None:
        """Days are told."""
        if self.excepting:
            self.shut.append(Group(days))
            return
        self.others = False
        run, sep = self.run, self._take_sep()
        if run and not run.days and run.spans and not run.every:
            run.days, run.late = days, True
        elif run and sep in ("", "and") and self._fresh and run.takes_days:
            run.days |= days
        else:
            run = Group(days, linked=sep != "strong")
            self.open.append(run)
        self._fresh = run

    def hours(self, span: Span, *, whole: bool = False) -> None:
        """Hours are told."""
        if self.excepting and self.shut:
            self.shut[-1].spans.append(span)
            return
        run, sep = self.run, self._take_sep()
        if self.others:
            run, self.others = Group(weekdays(WEEK)), False
            self.open.append(run)
        if run is None or (run.late and sep in ("strong", "weak")):
            run = Group(linked=sep != "strong")
            self.open.append(run)
        if run.spans and sep != "and":
            run.tail = len(run.spans)
        run.every = run.every or (whole and not run.days)
        run.spans.append(span)
        self._fresh = run

    def part(self, lasts: Span, shut: Span, *, office: bool) -> None:
        """A part of the day is told without its hours."""
        if self.excepting and self.shut:
            self.shut[-1].spans.append(shut)
            return
        known = within(list(self.office), *lasts) if office else [lasts]
        self.assumed = True
        run, sep = self.run, self._take_sep()
        if run is None:
            run = Group(linked=sep != "strong")
            self.open.append(run)
        if sep != "and":
            run.tail = len(run.spans)
        run.spans += known
        self._shut_part = shut
        self._fresh = run

    _shut_part: Span | None = None

    def always(self) -> None:
        """Round the clock, every day."""
        if self.run is None or not self._fresh or self.run.spans:
            self.say_days(EVERY)
        if self.run is not None and not self.run.days:
            self.run.days = EVERY
        self.hours(WHOLE)

    def close(self) -> None:
        """What was just told is when it is closed; what comes, where nothing was."""
        group, self._fresh = self._fresh, None
        if group is None:
            self.excepting, self.others = not self.others, False
            return
        if group.late:
            self.shut.append(Group(group.days))
            group.days, group.late = frozenset(), False
        elif 0 < group.tail < len(group.spans):
            gone, group.spans = group.spans[group.tail :], group.spans[: group.tail]
            self.shut.append(Group(group.days or EVERY, [self._shut_part or each for each in gone]))
            group.tail = 0
        else:
            self.open.remove(group)
            spans = [self._shut_part or each for each in group.spans]
            self.shut.append(Group(group.days or EVERY, spans))
        self._shut_part = None

    def end_exception(self) -> None:
        """`除…外` is over; without `除`, what was just told is excepted."""
        if self.excepting:
            self.excepting = False
        elif self._fresh is not None and not self._fresh.spans:
            self.close()

    def usual(self) -> None:
        """What was just told is as on other days."""
        group = self._fresh
        if group is None or group.spans:
            return
        if group.days == HOLIDAYS:
            self.open.remove(group)
            self._fresh = None
            self.holidays_too = True
        else:
            group.usual = True

    def arrange(self) -> None:
        """As arranged with the unit: the days just told, where there are others with hours."""
        group = self._fresh
        if self.others:
            self.asked, self.others = EVERY, False
        if group is None or group.spans or len(self.open) < 2:
            return
        self.open.remove(group)
        self.asked |= group.days
        self._fresh = None

    def _take_sep(self) -> str:
        sep, self._sep = self._sep, ""
        return sep

    def table(self) -> Table:
        """The hours of every kind of day."""
        table = empty()
        for n, group in enumerate(self.open):
            fill(table, self._days(group), self._spans(n))
        if self.holidays_too:
            for n in HOLIDAYS:
                table[n] = table[n - Sort.HOLIDAY + Sort.PLAIN]
        for group in self.shut:
            clear(table, group.days, group.spans or [(0, 2 * DAY)])
        return table

    def _days(self, group: Group) -> Cells:
        if group.days:
            return group.days
        self.assumed = self.assumed or not group.every
        return EVERY if group.every else WORKING

    def _spans(self, n: int) -> Hours:
        """The hours of a group: its own, the next one's, those of other days, the office's."""
        group = self.open[n]
        if group.usual:
            return next((tuple(merge(each.spans)) for each in self.open if each.spans), self.office)
        for later in self.open[n:]:
            if later is not group and not later.linked:
                break
            if later.spans:
                return tuple(merge(later.spans))
        self.assumed = True
        return self.office
