"""Under what terms an instrument is booked: its own over its unit's over the region's policy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from store.instrument import Instrument, Status
from store.opening import OFFICE, Hours, Opening, read, weekly
from store.policies import Deadline, Policy, Rule
from store.stretch import merge
from store.terms.table import OpeningException, TermsRow

Owned = TermsRow | OpeningException
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Days with hours of their own, and why."""

    first: date
    last: date
    hours: Hours
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one instrument now."""

    instrument_id: int = 0
    opening: Opening = field(default_factory=weekly)
    proposed: Opening = field(default_factory=weekly)
    """When to propose a time: the opening, or office hours where that is not known."""
    exceptions: tuple[Exceptional, ...] = ()
    """The instrument's before its unit's."""
    listed: Status = Status.LISTED
    why_not: str = ""
    """Why it is paused or withdrawn."""
    notice: timedelta = NOTHING
    notice_working: bool = False
    """Whether the days of notice are working days."""
    horizon: timedelta = timedelta(days=60)
    shortest: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(days=3)
    grid: int = 15
    before: timedelta = NOTHING
    after: timedelta = NOTHING
    per_week: int = 0
    """Bookings of one person in a week; 0: any number."""
    time_per_week: timedelta = NOTHING
    """Time of one person on it in a week; none: any."""
    approval: bool = True
    """Whether the keeper confirms; always where only the unit knows when it is open."""
    hold: Deadline = Deadline(3, working=True)  # noqa: RUF009 - frozen
    answer: Deadline = Deadline(2, working=True)  # noqa: RUF009
    escalation: Deadline = Deadline(3, working=True)  # noqa: RUF009
    cancel_free: timedelta = timedelta(hours=24)
    early: timedelta = timedelta(minutes=15)
    """How long before its start one may check in."""
    late_after: timedelta = timedelta(minutes=30)
    strikes: int = 3
    cites: Mapping[str, str] = field(default_factory=dict[str, str])
    own: frozenset[str] = frozenset()
    """The policy's keys of what the unit set otherwise."""

    def cite(self, name: str) -> str:
        """The article that decides a term; empty where the unit or this account does."""
        return self.cites.get(name, "")

    @property
    def offered(self) -> bool:
        """Whether it can be asked for at all."""
        return self.listed is Status.LISTED

    def exception(self, day: date) -> Exceptional | None:
        """What is otherwise on a day."""
        return next((each for each in self.exceptions if each.first <= day <= each.last), None)

    def hours(self, day: date, *, proposed: bool = False) -> Hours:
        """When it may be used on a day, exceptions heeded; any time where that is not known.

        `proposed`: only when it is certainly open; office hours where that is not known.
        """
        if (exception := self.exception(day)) is not None:
            return exception.hours
        if proposed:
            return self.proposed.on(day)
        return tuple(merge([*self.opening.on(day), *self.opening.on_request(day)]))


RULES = {
    "notice": "booking_notice",
    "horizon": "booking_horizon",
    "shortest": "booking_shortest",
    "longest": "booking_longest",
    "grid": "booking_grid",
    "before": "buffer_before",
    "after": "buffer_after",
    "per_week": "bookings_week",
    "time_per_week": "time_week",
    "approval": "booking_approval",
    "hold": "hold",
    "answer": "answer",
    "escalation": "escalation",
    "cancel_free": "cancel_free",
    "early": "check_in_early",
    "late_after": "late_after",
    "strikes": "strikes",
}
"""The policy's key of each term."""
COLUMNS = {
    "notice": "notice_minutes",
    "horizon": "horizon_minutes",
    "shortest": "shortest_minutes",
    "longest": "longest_minutes",
    "grid": "grid",
    "before": "before_minutes",
    "after": "after_minutes",
    "per_week": "per_week",
    "time_per_week": "week_minutes",
    "approval": "approval",
}
"""The column in which a unit says otherwise."""


async def of(session: AsyncSession, instrument_id: int, policy: Policy) -> Terms:
    """The terms of an instrument; those of the policy where there is no such instrument."""
    found = await many(session, [instrument_id], policy)
    return found.get(instrument_id) or resolve(policy, Said(instrument_id))


async def many(session: AsyncSession, numbers: Collection[int], policy: Policy) -> dict[int, Terms]:
    """The terms of several instruments, by number."""
    found = (await session.execute(_instruments(numbers))).all()
    units = {row.organisation_id for row in found}
    rows = (await session.scalars(select(TermsRow).where(_owned(TermsRow, numbers, units)))).all()
    days = select(OpeningException).where(
        _owned(OpeningException, numbers, units), OpeningException.ended_at.is_(None)
    )
    exceptions = (await session.scalars(days.order_by(OpeningException.id.desc()))).all()
    terms: dict[int, Terms] = {}
    for row in found:
        of_one = (row.id, row.organisation_id)
        said = Said(
            row.id,
            row.open_hours,
            row.status,
            row.reason or "",
            tuple(sorted((each for each in rows if _is(each, *of_one)), key=_own_first)),
            tuple(
                _exceptional(each)
                for each in sorted((day for day in exceptions if _is(day, *of_one)), key=_own_first)
            ),
        )
        terms[row.id] = resolve(policy, said)
    return terms


def _instruments(
    numbers: Collection[int],
) -> Select[int, int, str | None, Status, str | None]:
    return select(
        Instrument.id,
        Instrument.organisation_id,
        Instrument.open_hours,
        Instrument.status,
        Instrument.reason,
    ).where(Instrument.id.in_(numbers))


def _owned(
    table: type[TermsRow | OpeningException], numbers: Collection[int], units: Collection[int]
) -> ColumnElement[bool]:
    return or_(table.instrument_id.in_(numbers), table.organisation_id.in_(units))


def _is(row: Owned, number: int, unit: int) -> bool:
    """Whether a row speaks of an instrument, or of its unit."""
    return row.instrument_id == number or row.organisation_id == unit


def _own_first(row: Owned) -> bool:
    return row.instrument_id is None


def _exceptional(row: OpeningException) -> Exceptional:
    hours = tuple((int(opens), int(closes)) for opens, closes in row.hours)
    return Exceptional(row.first_on, row.last_on, hours, row.reason or "")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an instrument, beside policy."""

    instrument_id: int
    words: str | None = None
    """Its own opening hours, as its ledger or its keeper has them."""
    listed: Status = Status.LISTED
    reason: str = ""
    rows: tuple[TermsRow, ...] = ()
    """Its own before its unit's."""
    exceptions: tuple[Exceptional, ...] = ()


def resolve(policy: Policy, said: Said) -> Terms:
    """Terms by policy, with what is said over them."""
    values, cites = _values(policy, said.rows)
    own = {
        key for name, key in RULES.items() if _said(said.rows, COLUMNS.get(name, "")) is not None
    }
    office = read(policy.office_hours.value)
    words = said.words or next((row.hours for row in said.rows if row.hours), None)
    opening = read(words, next(filter(None, office.table), OFFICE))
    if opening.notice and _said(said.rows, "notice_minutes") is None:
        values |= {"notice": opening.notice, "notice_working": opening.notice_working}
        cites["notice"] = ""
        own.add("booking_notice")
    if opening.asks:
        values["approval"] = True
    return Terms(
        instrument_id=said.instrument_id,
        opening=opening,
        proposed=opening if opening.known else office,
        exceptions=said.exceptions,
        listed=said.listed,
        why_not=said.reason,
        cites=cites,
        own=frozenset(own),
        **values,
    )


def _values(policy: Policy, rows: Sequence[TermsRow]) -> tuple[dict[str, Any], dict[str, str]]:
    """Each term's value and the article that it stands in."""
    values, cites = dict[str, Any](), dict[str, str]()
    for name, key in RULES.items():
        rule: Rule[Any] = getattr(policy, key)
        own = _said(rows, COLUMNS.get(name, ""))
        values[name] = rule.value if own is None else own
        cites[name] = rule.cite if own is None else ""
    return values, cites


def _said(rows: Sequence[TermsRow], column: str) -> int | bool | timedelta | None:
    """What the first row that speaks of it says."""
    said = next((v for row in rows if (v := getattr(row, column, None)) is not None), None)
    return timedelta(minutes=said) if column.endswith("_minutes") and said is not None else said
