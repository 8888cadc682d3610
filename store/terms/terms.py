"""Under what terms an instrument is booked: its own over its unit's over the region's policy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from store.instrument import Instrument, Status
from store.opening import OFFICE, Hours, Opening, read, weekly
from store.policies import Deadline, Policy, Rule
from store.prepared import Prepared
from store.stretch import merge
from store.terms.table import OpeningException as Day
from store.terms.table import TermsRow

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


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an instrument, beside policy."""

    instrument_id: int
    words: str | None = None
    """Its own opening hours, as its ledger or its keeper has them; else its unit's."""
    listed: Status = Status.LISTED
    reason: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What it says itself, else what its unit says: by columns of `TermsRow`."""
    exceptions: tuple[Exceptional, ...] = ()


async def of(session: AsyncSession, instrument_id: int, policy: Policy) -> Terms:
    """The terms of an instrument; those of the policy where there is no such instrument."""
    found = await _ONE(session, number=instrument_id)
    if not found:
        return resolve(policy, Said(instrument_id))
    days = await _DAYS_OF_ONE(session, number=instrument_id, unit=found[0][1])
    return resolve(policy, _said_of(found[0], days))


async def many(session: AsyncSession, numbers: Collection[int], policy: Policy) -> dict[int, Terms]:
    """The terms of several instruments, by number."""
    found = (await session.execute(_STATED.where(Instrument.id.in_(numbers)))).all()
    units = {row[1] for row in found}
    theirs = or_(Day.instrument_id.in_(numbers), Day.organisation_id.in_(units))
    days = (await session.execute(_DAYS.where(theirs))).all()
    return {row[0]: resolve(policy, _said_of(row, days)) for row in found}


_OWN, _UNIT = aliased(TermsRow), aliased(TermsRow)
_STATED: Select[*tuple[Any, ...]] = (
    select(
        Instrument.id,
        Instrument.organisation_id,
        Instrument.open_hours,
        Instrument.status,
        Instrument.reason,
        _UNIT.hours,
        *(func.coalesce(getattr(_OWN, name), getattr(_UNIT, name)) for name in COLUMNS.values()),
    )
    .outerjoin(_OWN, _OWN.instrument_id == Instrument.id)
    .outerjoin(_UNIT, _UNIT.organisation_id == Instrument.organisation_id)
)
"""What an instrument and its unit say: its own over its unit's."""
_DAYS: Select[*tuple[Any, ...]] = (
    select(Day.instrument_id, Day.organisation_id, Day.first_on, Day.last_on, Day.hours, Day.reason)
    .where(Day.ended_at.is_(None))
    .order_by(Day.instrument_id.is_(None), Day.id.desc())
)
"""Days with hours of their own: an instrument's before its unit's, the last said first."""
_ONE = Prepared(_STATED.where(Instrument.id == bindparam("number")))
_DAYS_OF_ONE = Prepared(
    _DAYS.where(
        or_(
            Day.instrument_id == bindparam("number"),
            Day.organisation_id == bindparam("unit"),
        )
    )
)


def _said_of(row: Sequence[Any], days: Iterable[Sequence[Any]]) -> Said:
    """A row of `_STATED`, with those of `_DAYS` that are the instrument's or its unit's."""
    number, unit, words, listed, reason, hours, *values = row
    return Said(
        number,
        words or hours,
        listed,
        reason or "",
        dict(zip(COLUMNS.values(), values, strict=True)),
        tuple(_exceptional(day[2:]) for day in days if day[0] == number or day[1] == unit),
    )


def _exceptional(row: Sequence[Any]) -> Exceptional:
    first, last, hours, reason = row
    return Exceptional(first, last, tuple((int(a), int(b)) for a, b in hours), reason or "")


def resolve(policy: Policy, said: Said) -> Terms:
    """Terms by policy, with what is said over them."""
    values, cites = _values(policy, said.columns)
    own = {key for name, key in RULES.items() if _own(said.columns, name) is not None}
    office = read(policy.office_hours.value)
    opening = read(said.words, next(filter(None, office.table), OFFICE))
    if opening.notice and _own(said.columns, "notice") is None:
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


def _values(policy: Policy, columns: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Each term's value and the article that it stands in."""
    values, cites = dict[str, Any](), dict[str, str]()
    for name, key in RULES.items():
        rule: Rule[Any] = getattr(policy, key)
        own = _own(columns, name)
        values[name] = rule.value if own is None else own
        cites[name] = rule.cite if own is None else ""
    return values, cites


def _own(columns: Mapping[str, Any], name: str) -> int | bool | timedelta | None:
    """What instrument or unit say of a term."""
    column = COLUMNS.get(name, "")
    said = columns.get(column)
    return timedelta(minutes=said) if column.endswith("_minutes") and said is not None else said
