"""What words say of opening; what they do not say is not made up, what is not understood is kept.

Days and hours are gathered into groups: hours belong to the days before them, or to those after
them where the hours come first; days without hours have those of the next group, or the office's.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from store.opening import clock
from store.opening.cells import EVERY, Hours, clear, empty, fill
from store.opening.groups import Groups
from store.opening.meaning import days_of, notice_of, part_of
from store.opening.pieces import Piece, cut, plain
from store.opening.table import NEVER, OFFICE, WHOLE_DAY, Opening

_CLAUSE = re.compile(r"[,，;；。\n|()（）【】]+")
_DAYS = frozenset({"range", "some", "weekend", "rest", "holiday", "work", "all_days"})
_BREAKS = frozenset({"strong", "weak", "open_bracket", "close_bracket"})
_TELLING = re.compile(r"[^\W_]")


@lru_cache(maxsize=1 << 13)
def read(said: str | None, office: Hours = OFFICE) -> Opening:
    """What these words say; `office` are the hours of days of which they name none."""
    if not said or not said.strip():
        return Opening()
    first, *others = (_Reading(text, office).opening() for text in _seasons(plain(said)))
    for other in others:  # open is what is open in every season
        table = tuple(map(_both, first.table, other.table))
        first = replace(first, table=table, unread=(" ".join(said.split()),))
    unread = first.unread or tuple(_unread(said))
    return replace(first, words=" ".join(said.split()), unread=unread)


def _seasons(text: str) -> list[str]:
    """The words for each season of which they speak; what is common stands in each."""
    marks = [piece for piece in cut(text) if piece.kind == "season"]
    if len(marks) < 2:
        return [text]
    ends = [*(mark.start for mark in marks[1:]), len(text)]
    common = text[: marks[0].start]
    return [common + text[mark.end : end] for mark, end in zip(marks, ends, strict=True)]


def _both(one: Hours, other: Hours) -> Hours:
    """The time that is in both."""
    cuts = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted(each for each in cuts if each[0] < each[1]))


def _unread(said: str) -> list[str]:
    """The clauses in which something was not understood."""
    if not _odd(plain(said)):
        return []
    return [clause.strip() for clause in _CLAUSE.split(said) if _odd(plain(clause))]


def _odd(clause: str) -> bool:
    """Whether a clause speaks of seasons or dates, or of what we have no word for."""
    rest, at = "", 0
    for piece in cut(clause):
        if piece.kind == "vacation":
            return True
        rest, at = rest + clause[at : piece.start], piece.end
    return bool(_TELLING.search(rest + clause[at:]))


class _Reading:
    """One reading of plain words, piece by piece."""

    def __init__(self, text: str, office: Hours) -> None:
        self.text, self.office = text, office
        self.groups = Groups(office)
        self.first: Mapping[str, str] | None = None
        """An hour that may begin a span."""
        self.ranging = self.arranged = False
        self.notice = notice_of({})

    def opening(self) -> Opening:
        """What it all comes to."""
        for piece in cut(self.text):
            self._take(piece)
        table = self.groups.table()
        known = any(table)
        return Opening(
            table=tuple(table) if known else NEVER,
            asked=self._asked(known=known),
            known=known,
            assumed=self.groups.assumed and known,
            arranged=self.arranged,
            notice=self.notice[0],
            notice_working=self.notice[1],
        )

    def _asked(self, *, known: bool) -> tuple[Hours, ...]:
        """When it may be open as arranged: any time that is not closed, where nothing is known."""
        table = empty()
        fill(table, self.groups.asked if known else EVERY, WHOLE_DAY)
        for group in self.groups.shut:
            clear(table, group.days, group.spans or WHOLE_DAY)
        return tuple(table)

    def _take(self, piece: Piece) -> None:
        """One piece, where it stands."""
        kind, found = piece.kind, piece.found
        if kind == "time":
            self._hour(found)
        elif kind == "to":
            self.ranging = self.first is not None
        elif kind != "idle":
            self.first, self.ranging = None, False
            self._say(kind, found)

    def _hour(self, found: Mapping[str, str]) -> None:
        if self.first is not None and self.ranging:
            span = clock.span(self.first, found, self.groups.until)
            if span:
                self.groups.hours(span)
            self.first = None
        else:
            self.first = found
        self.ranging = False

    def _say(self, kind: str, found: Mapping[str, str]) -> None:
        groups = self.groups
        if kind in _BREAKS or kind == "and":
            groups.pause(kind)
        elif kind in _DAYS:
            groups.say_days(days_of(kind, found))
        elif kind == "whole":
            groups.hours(WHOLE_DAY[0], whole=True)
        elif kind == "part":
            lasts, shut, office = part_of(found["name"])
            groups.part(lasts, shut, office=office)
        elif kind == "whole_week":
            groups.always()
        else:
            self._note(kind, found)

    def _note(self, kind: str, found: Mapping[str, str]) -> None:
        """What is said about days and hours."""
        groups = self.groups
        if kind == "closed":
            groups.close()
        elif kind == "besides":
            groups.excepting = True
        elif kind == "out":
            groups.end_exception()
        elif kind == "as_usual":
            groups.usual()
        elif kind == "other":
            groups.others = True
        elif kind == "notice":
            self.notice = notice_of(found)
        elif kind == "arranged":
            self.arranged = True
            groups.arrange()
