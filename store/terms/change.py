"""How keepers change the terms of an instrument, and take a change back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import desc, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import instrument as instruments
from store.errors import Refused
from store.event import Event, EventRow, record
from store.instrument import Instrument
from store.lifecycle import NotNow
from store.listing import By, NoSuchInstrument, hats
from store.opening import Hours, read
from store.policies import Policy
from store.terms.table import OpeningException, TermsRow
from store.terms.terms import COLUMNS

GRIDS = (0, 5, 10, 15, 20, 30, 60, 120, 240)
"""Minutes that divide a day; 0: none."""
SENSIBLE: dict[str, tuple[int, int]] = {
    "notice": (0, 90 * 1440),
    "horizon": (1440, 400 * 1440),
    "shortest": (5, 7 * 1440),
    "longest": (15, 60 * 1440),
    "before": (0, 1440),
    "after": (0, 1440),
    "per_week": (0, 200),
    "time_per_week": (0, 10080),
}
"""From how little to how much a keeper may set, in minutes or times."""
SUBJECT, VERB, UNDO = "terms", "set", "undo"


@dataclass(eq=False)
class HoursUnread(Refused):
    """No opening hours are in the words."""

    words: str


@dataclass(eq=False)
class TermOut(Refused):
    """A term is too small or too large."""

    name: str
    low: int
    high: int


@dataclass(eq=False)
class GridUnfit(Refused):
    """A grid must divide the day."""

    grids: list[int]


@dataclass(eq=False)
class NothingToUndo(Refused):
    """Nothing was changed just now, or too long ago."""


async def keeps(session: AsyncSession, number: int, by: By) -> Instrument:
    """The instrument, for one who answers for it. NoSuchInstrument for another's alike."""
    row = await session.get(Instrument, number, populate_existing=True)
    if row is None or "keeper" not in hats(row, by.grants):
        raise NoSuchInstrument(number=f"YQ{number}")
    return row


def check(name: str, value: int | bool) -> None:  # noqa: FBT001 - whatever the term is
    """Raises TermOut, GridUnfit."""
    if name == "grid" and value not in GRIDS:
        raise GridUnfit([grid for grid in GRIDS if grid])
    low, high = SENSIBLE.get(name, (0, 1440))
    if name not in {"grid", "approval"} and not low <= value <= high:
        raise TermOut(name, low, high)


async def set_term(
    session: AsyncSession, number: int, term: tuple[str, int | bool | None], by: By, now: datetime
) -> None:
    """Set one term of an instrument, in minutes or times; None: as its unit or policy has it.

    Raises NoSuchInstrument, TermOut, GridUnfit.
    """
    name, value = term
    if value is not None:
        check(name, value)
    await keeps(session, number, by)
    await _put_term(session, number, term, (VERB, by, now))


Deed = tuple[str, By, datetime]
"""As what event it is recorded, who does it, and when."""


async def _put_term(
    session: AsyncSession, number: int, term: tuple[str, int | bool | None], deed: Deed
) -> None:
    (name, value), (verb, by, now) = term, deed
    row = await _row(session, number, by, now)
    column = COLUMNS[name]
    old = getattr(row, column)
    setattr(row, column, value)
    row.version, row.changed_by, row.changed_at = row.version + 1, by.person_id, now
    await session.flush()
    facts = {"term": name, "old": old, "new": value}
    await record(session, Event(SUBJECT, number, verb, row.version, now, by.person_id, facts))


async def _row(session: AsyncSession, number: int, by: By, now: datetime) -> TermsRow:
    own = select(TermsRow).where(TermsRow.instrument_id == number).with_for_update()
    row = (await session.scalars(own)).one_or_none()
    if row is None:
        row = TermsRow(instrument_id=number, version=0, changed_by=by.person_id, changed_at=now)
        session.add(row)
    return row


async def set_hours(
    session: AsyncSession, number: int, words: str | None, by: By, now: datetime
) -> None:
    """Set the weekly hours of an instrument: the words on its card. Raises HoursUnread."""
    if words is not None and not read(words).known:
        raise HoursUnread(words)
    await _put_hours(session, number, words, (VERB, by, now))


async def _put_hours(session: AsyncSession, number: int, words: str | None, deed: Deed) -> None:
    verb, by, now = deed
    await instruments.lock_feed(session)
    row = await keeps(session, number, by)
    old, version = row.open_hours, row.version + 1
    swap = update(Instrument).where(Instrument.id == number, Instrument.version == row.version)
    values = {"open_hours": words, "version": version, "changed_at": now}
    done = await session.execute(swap.values(**values).returning(Instrument.id))
    if done.one_or_none() is None:
        raise NotNow(verb="hours", status=row.status)
    await session.refresh(row)
    entry = {"instrument_id": number, "at": now, "actor_id": by.person_id, "verb": "edit"}
    changed = {"open_hours": [old, words]}
    await instruments.remember(session, [entry | {"version": version, "changed": changed}])
    await instruments.announce(session, [number], now)
    facts = {"term": "hours", "version": version}
    await record(session, Event(SUBJECT, number, verb, version, now, by.person_id, facts))


@dataclass(frozen=True, slots=True)
class Special:
    """Days with hours of their own; none: closed."""

    first: date
    last: date
    hours: Hours
    reason: str | None = None


async def set_special(
    session: AsyncSession, number: int, special: Special, by: By, now: datetime
) -> int:
    """Say that some days are not as usual; the number of that. Raises NoSuchInstrument."""
    await keeps(session, number, by)
    row = OpeningException(
        instrument_id=number,
        first_on=special.first,
        last_on=special.last,
        hours=[list(span) for span in special.hours],
        reason=special.reason,
        made_by=by.person_id,
        made_at=now,
    )
    session.add(row)
    await session.flush()
    facts = {"term": "special", "row": row.id}
    await record(session, Event(SUBJECT, number, VERB, row.id, now, by.person_id, facts))
    return row.id


async def undo(session: AsyncSession, number: int, by: By, policy: Policy, now: datetime) -> str:
    """Take back the last change that one just made; which term it was. Raises NothingToUndo."""
    await keeps(session, number, by)
    last = await _last(session, number, by.person_id, now - policy.undo.value)
    if last is None:
        raise NothingToUndo
    facts = last.facts
    name = str(facts["term"])
    if name == "special":
        row = await session.get_one(OpeningException, int(facts["row"]))
        row.ended_at = now
        await record(session, _undone(number, last, by, now))
    elif name == "hours":
        old = await _hours_before(session, number, facts)
        await _put_hours(session, number, old, (UNDO, by, now))
    else:
        await _put_term(session, number, (name, facts["old"]), (UNDO, by, now))
    return name


def _undone(number: int, last: EventRow, by: By, now: datetime) -> Event:
    facts = {"term": "special", "undone": last.id}
    return Event(SUBJECT, number, UNDO, last.id, now, by.person_id, facts)


async def _last(
    session: AsyncSession, number: int, person_id: int | None, since: datetime
) -> EventRow | None:
    """The last change of an instrument's terms, if this person made it lately."""
    mine = (EventRow.subject == SUBJECT, EventRow.subject_id == number)
    query = select(EventRow).where(*mine).order_by(desc(EventRow.id)).limit(1)
    last = (await session.scalars(query)).one_or_none()
    if last is None or last.verb != VERB or last.actor_id != person_id or last.at < since:
        return None
    return last


async def _hours_before(session: AsyncSession, number: int, facts: dict[str, Any]) -> str | None:
    changes = await instruments.history(session, number)
    change = next(each for each in changes if each.version == facts["version"])
    old: str | None = change.changed["open_hours"][0]
    return old
